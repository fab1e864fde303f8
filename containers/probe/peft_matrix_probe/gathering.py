"""Whole tensors from sharded ones. Every rank takes part; rank 0 gets copies that live on."""

from typing import Any, Dict, Iterator, Tuple

from peft_matrix_probe.names import canonical
from peft_matrix_probe.state import CellState


def gather(state: CellState) -> Dict[str, Any]:
    """Return every parameter and persistent buffer, unsharded, by canonical name, on rank 0; {} elsewhere."""
    if state.sharding == "fsdp1":
        from torch.distributed.fsdp import FullyShardedDataParallel

        with FullyShardedDataParallel.summon_full_params(state.wrapped, writeback=False, rank0_only=False):
            # Copies: a live view of numpy's would make the storage unresizable, and leaving this block would raise.
            return _copies(state)
    return _copies(state)


def persistent_buffers(model: Any) -> Iterator[Tuple[str, Any]]:
    """Yield name and tensor of every buffer that a state dict would hold."""
    for prefix, module in model.named_modules():
        for name, buffer in module._buffers.items():
            if buffer is not None and name not in module._non_persistent_buffers_set:
                yield (prefix + "." if prefix else "") + name, buffer


def _copies(state: CellState) -> Dict[str, Any]:
    import torch

    tensors: Dict[str, Any] = {}
    with torch.no_grad():
        # Tied parameters keep all their names: which one comes first depends on the wrapping.
        for name, parameter in state.wrapped.named_parameters(remove_duplicate=False):
            whole = parameter.full_tensor() if hasattr(parameter, "full_tensor") else parameter
            if state.rank == 0:
                tensors[canonical(name)] = whole.detach().clone()
        if state.rank == 0:
            for name, buffer in persistent_buffers(state.wrapped):
                tensors[canonical(name)] = buffer.detach().clone()
            for name, tensor in _plain_tensors(state.wrapped):
                if canonical(name) in state.frozen or canonical(name) in state.before:
                    tensors.setdefault(canonical(name), tensor.detach().clone())
    return tensors


def _plain_tensors(model: Any) -> Iterator[Tuple[str, Any]]:
    """Yield name and tensor of every attribute that is a tensor but registered as nothing.

    FSDP1 with NO_SHARD and use_orig_params=True leaves frozen parameters behind as plain tensors after a forward
    (torch/distributed/fsdp/_flat_param.py, ``_use_unsharded_views(as_params=False)``): they are there and unchanged,
    only ``named_parameters()`` does not show them.
    """
    import torch

    for prefix, module in model.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, torch.Tensor):
                yield (prefix + "." if prefix else "") + name, value
