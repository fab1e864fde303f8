"""Plain torch modules, for what no transformers model has: convolutions, awkward names, many layers. Library ``probe``.

The only module that needs torch at import: it is imported where such a model is built, and nothing here needs the rest
of the probe. Each model takes the arguments of its entry in ``models.yaml``, says the shapes of one example
(``input_shape``, ``output_shape``), and has what the phases use of a transformers model: gradient checkpointing, saving
and loading.
"""

import json
import os
from typing import Any, List, Optional

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.utils.checkpoint import checkpoint


class Stack(nn.Module):
    """The repeated layers, one after the other. They are not at the root: PEFT looks for their numbers below a name."""

    def __init__(self, layers: List[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.checkpointing = False

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Apply every layer."""
        for layer in self.layers:
            recompute = self.checkpointing and self.training
            values = checkpoint(layer, values, use_reentrant=False) if recompute else layer(values)
        return values


class PlainModel(nn.Module):
    """What all have in common. ``arguments`` are those of the constructor, kept for ``from_pretrained``."""

    def __init__(self, **arguments: int) -> None:
        super().__init__()
        self.arguments = arguments

    def gradient_checkpointing_enable(self, **_settings: Any) -> None:
        """Recompute the repeated layers in the backward pass (use_reentrant=False)."""
        self.body.checkpointing = True

    def save_pretrained(self, folder: str, state_dict: Optional[Any] = None) -> None:
        """Write arguments and weights, as transformers names the files."""
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump(self.arguments, file)
        tensors = self.state_dict() if state_dict is None else state_dict
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, _weights(folder))

    @classmethod
    def from_pretrained(cls, folder: str) -> Any:
        """Return the model that was saved there."""
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            model = cls(**json.load(file))
        tensors = load_file(_weights(folder))
        model.to(next(iter(tensors.values())).dtype)
        model.load_state_dict(tensors)
        return model


class MlpLayer(nn.Module):
    """A residual layer of three linear ones: (batch, width) to (batch, width).

    Many layers add up; ``strength`` (dimensionless) keeps their sum, and so the gradients, at the size of one.
    """

    def __init__(self, width: int, hidden: int, strength: float) -> None:
        super().__init__()
        self.strength = strength
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.gate = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Apply the three between norm and sum."""
        normed = self.norm(values)
        return values + self.strength * self.down(torch.tanh(self.gate(normed)) * self.up(normed))


class Mlp(PlainModel):
    """Vectors (batch, features) to (batch, outputs).

    Its names are the awkward ones: ``head`` is part of ``head2``, and ``lora_extra`` begins as LoRA's parameters do.
    """

    def __init__(self, features: int, width: int, hidden: int, layers: int, outputs: int) -> None:
        super().__init__(features=features, width=width, hidden=hidden, layers=layers, outputs=outputs)
        self.input_shape = (features,)
        self.output_shape = (outputs,)
        self.embed = nn.Linear(features, width)
        self.body = Stack([MlpLayer(width, hidden, layers**-0.5) for _ in range(layers)])
        self.lora_extra = nn.Linear(width, width)
        self.final_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, outputs)
        self.head2 = nn.Linear(width, outputs)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Predict."""
        values = self.embed(inputs)
        values = self.body(values)
        values = self.final_norm(values + torch.tanh(self.lora_extra(values)))
        return self.head(values) + torch.tanh(self.head2(values))


class ConvLayer(nn.Module):
    """A residual layer of a grouped and a pointwise convolution: (batch, channels, height, width) to the same."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        # Over the channels of one image: nothing is shared between rows, and there are no statistics.
        self.norm = nn.GroupNorm(1, channels)
        self.grouped = nn.Conv2d(channels, channels, 3, padding=1, groups=groups)
        self.pointwise = nn.Conv2d(channels, channels, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Apply both between norm and sum."""
        return values + self.pointwise(torch.tanh(self.grouped(self.norm(values))))


class ConvNet(PlainModel):
    """Images (batch, colours, size, size) to (batch, outputs); the mean of their columns goes through a Conv1d."""

    def __init__(self, colours: int, channels: int, size: int, groups: int, layers: int, outputs: int) -> None:
        super().__init__(colours=colours, channels=channels, size=size, groups=groups, layers=layers, outputs=outputs)
        self.input_shape = (colours, size, size)
        self.output_shape = (outputs,)
        self.stem = nn.Conv2d(colours, channels, 3, padding=1)
        self.body = Stack([ConvLayer(channels, groups) for _ in range(layers)])
        self.line = nn.Conv1d(channels, channels, 3, padding=1)
        self.final_norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, outputs)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Predict."""
        values = self.stem(inputs)
        values = self.body(values)
        values = torch.tanh(self.line(values.mean(dim=3)))
        return self.head(self.final_norm(values.mean(dim=2)))


def _weights(folder: str) -> str:
    return os.path.join(folder, "model.safetensors")
