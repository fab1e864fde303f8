"""Phase build: a tiny model from its config class, with weights of our own: no release's initialisation matters."""

import math
from typing import Any, Callable, Dict, Tuple

from peft_matrix_probe.generator import uniform
from peft_matrix_probe.names import canonical
from peft_matrix_probe.state import CellState


def build(state: CellState) -> Dict[str, Any]:
    """Build the base model."""
    state.model = state.wrapped = base_model(state)
    return {}


def base_model(state: CellState) -> Any:
    """Return a fresh base model: the same bytes for the same seed, whatever torch's own generator says."""
    described = state.request["model"]
    make = _LIBRARIES[described.get("library", "transformers")]
    return prepare(state, make(described), fill=True)


def _of_transformers(described: Dict[str, Any]) -> Any:
    import transformers

    config = getattr(transformers, described["configClass"])(**described["arguments"])
    config.use_cache = False
    return getattr(transformers, described["architecture"])(config)


def _of_probe(described: Dict[str, Any]) -> Any:
    from peft_matrix_probe import models

    return getattr(models, described["architecture"])(**described["arguments"])


_LIBRARIES: Dict[str, Callable[[Dict[str, Any]], Any]] = {"transformers": _of_transformers, "probe": _of_probe}


def prepare(state: CellState, model: Any, fill: bool) -> Any:
    """Give a model our weights (with ``fill``), and the precision, device and checkpointing of the config."""
    import torch

    if fill:
        with torch.no_grad():
            for name, parameter in model.named_parameters():  # a tied one comes once
                centre = float(parameter.any())  # of a scale: Gemma's norms multiply by 1 + weight
                values = initial_values(state.seed, canonical(name), tuple(parameter.shape), centre)
                parameter.copy_(torch.from_numpy(values))
    _convert(model, state.dtype)
    if state.device != "cpu":
        model.to(state.device)
    if state.config.get("gradient_checkpointing"):
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return model


def initial_values(seed: int, name: str, shape: Tuple[int, ...], centre: float = 1.0) -> Any:
    """Return a float64 array: matrices of standard deviation 1/sqrt(fan in), scales about ``centre``, biases at 0."""
    values = uniform(seed, "weight/" + name, shape)
    if len(shape) > 1:
        values *= math.sqrt(3.0 / max(1, values[0].size))
    elif name.endswith("bias"):
        values *= 0.02
    else:
        values *= 0.1
        values += centre
    return values


def _convert(model: Any, dtype: Any) -> None:
    """Convert parameters and persistent buffers, as loading with a dtype does; rotary tables keep theirs."""
    import torch

    if dtype == torch.float32:
        return
    for parameter in model.parameters():
        parameter.data = parameter.data.to(dtype)
    for module in model.modules():
        for name, buffer in list(module._buffers.items()):
            if buffer is not None and buffer.is_floating_point() and name not in module._non_persistent_buffers_set:
                module._buffers[name] = buffer.to(dtype)
