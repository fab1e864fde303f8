"""What the phases of a cell hand on to each other."""

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional

_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16", "bf16-autocast": "float32"}


class CellState:
    """One cell on one rank."""

    def __init__(self, request: Dict[str, Any], rank: int, backend: str, device: str, directory: str) -> None:
        self.request = request
        self.config: Dict[str, Any] = request["config"]
        self.seed: int = request["seed"]
        self.rank = rank
        self.ranks: int = request["ranks"]
        self.backend = backend
        self.device = device
        self.directory = directory
        #: The model without DDP's or FSDP1's wrapping: a transformers or plain model, later a PeftModel around it.
        self.model: Any = None
        #: What is trained: ``model`` or its wrapping.
        self.wrapped: Any = None
        #: Canonical name to float64 array (shape of the parameter): trainable parameters before training. Rank 0 only.
        self.before: Dict[str, Any] = {}
        #: Canonical name to digest: frozen parameters and persistent buffers before training. Rank 0 only.
        self.frozen: Dict[str, str] = {}
        #: Canonical name to tensor: everything after training, unsharded. Rank 0 only.
        self.after: Dict[str, Any] = {}
        #: Outputs after training (``tasks.py``), float64 array with one row an example. Rank 0 only.
        self.outputs: Any = None
        #: The same of the base model before it had an adapter, in eval mode. On one rank, where there is an adapter.
        self.base_outputs: Any = None
        #: Canonical name, in the adapted model, of the first parameter that the base model had.
        self.first: Optional[str] = None
        #: Gradient of the loss on the fixed batch by it, before there was an adapter: float64 array of its shape. Where
        #: a usage disables the adapter.
        self.base_gradient: Any = None
        #: True when ``model`` may no longer be what training left.
        self.touched = False
        #: True when a copy of the trained model has been seen to compute what the trained one does.
        self.copies_checked = False
        #: What the phases of one usage hand on to each other.
        self.kept: Dict[str, Any] = {}
        #: What has been observed of the checkpoint so far.
        self.checkpoint: Dict[str, Any] = {}

    @property
    def sharding(self) -> str:
        """``none``, ``ddp``, ``fsdp1`` or ``fsdp2``."""
        return self.config.get("sharding", "none")

    @property
    def dtype(self) -> Any:
        """The torch dtype of the base model's weights and float inputs."""
        import torch

        return getattr(torch, _DTYPES[self.config.get("precision", "fp32")])

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Autocast around a forward pass, if the config asks for it."""
        if self.config.get("precision") != "bf16-autocast":
            yield
            return
        import torch

        with torch.autocast(self.device.partition(":")[0], dtype=torch.bfloat16):
            yield
