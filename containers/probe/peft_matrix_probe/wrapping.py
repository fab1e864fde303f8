"""Phase wrap: DDP, FSDP1 or FSDP2 as the config asks for, and what came of it."""

import functools
import importlib
from typing import Any, Callable, Dict, List, Optional

from peft_matrix_probe.capabilities import FULLY_SHARD_PLACES
from peft_matrix_probe.state import CellState


def wrap(state: CellState) -> Dict[str, Any]:
    """Wrap the model; return ``got``: what the cell got, as against what it asked for."""
    total = sum(parameter.numel() for parameter in state.model.parameters())
    state.wrapped = wrapped_as_asked(state)
    shares = _shares(state, total)
    if state.rank != 0:
        return {}
    units = _units(state)
    return {
        "got": {
            "wrapped": type(state.wrapped).__name__,
            "units": len(units),
            "layerUnits": sum(_is_layer(state, unit) for unit in units),
            "shares": shares,
            "dtypes": _dtypes(state),
        }
    }


def wrapped_as_asked(state: CellState) -> Any:
    """Return the state's model wrapped as the config asks for; FSDP2 changes it in place."""
    return _WRAPPERS[state.sharding](state)


def fully_shard_function() -> Callable[..., Any]:
    """Return FSDP2's ``fully_shard`` from wherever this torch keeps it."""
    return _from_fsdp2("fully_shard")


def local_part(parameter: Any) -> Any:
    """Return the part of a parameter or gradient that this rank holds."""
    return parameter.to_local() if hasattr(parameter, "to_local") else parameter


def _leave(state: CellState) -> Any:
    return state.model


def _ddp(state: CellState) -> Any:
    from torch.nn.parallel import DistributedDataParallel

    return DistributedDataParallel(state.model)


def _fsdp1(state: CellState) -> Any:
    import torch
    from torch.distributed.fsdp import FullyShardedDataParallel, MixedPrecision, ShardingStrategy

    return FullyShardedDataParallel(
        state.model,
        sharding_strategy=ShardingStrategy[state.config.get("strategy", "FULL_SHARD")],
        auto_wrap_policy=_POLICIES[state.config.get("wrap", "none")](state),
        use_orig_params=bool(state.config.get("use_orig_params", True)),
        sync_module_states=False,
        device_id=torch.device(state.device),
        mixed_precision=MixedPrecision(torch.bfloat16, torch.bfloat16, torch.bfloat16) if _mixes(state) else None,
    )


def _fsdp2(state: CellState) -> Any:
    from torch.distributed.device_mesh import init_device_mesh

    fully_shard = fully_shard_function()
    settings: Dict[str, Any] = {
        "mesh": init_device_mesh(state.device.partition(":")[0], (state.ranks,)),
        "reshard_after_forward": bool(state.config.get("reshard_after_forward", True)),
    }
    if _mixes(state):
        settings["mp_policy"] = _fsdp2_policy()
    if state.config.get("fully_shard", "layers") == "layers":
        for module in state.model.modules():
            if type(module).__name__ == state.request["model"]["layer"]:
                fully_shard(module, **settings)
    fully_shard(state.model, **settings)
    return state.model


def _from_fsdp2(name: str) -> Any:
    """Return what FSDP2 calls so, from wherever this torch keeps it."""
    for place, _ in FULLY_SHARD_PLACES:
        try:
            return getattr(importlib.import_module(place), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(f"this torch has no {name} of FSDP2")


def _mixes(state: CellState) -> bool:
    """Return whether FSDP computes in bfloat16: parameters, gradients and outputs, as accelerate sets it."""
    return state.config.get("mixed_precision") == "bf16"


def _fsdp2_policy() -> Any:
    import torch

    return _from_fsdp2("MixedPrecisionPolicy")(torch.bfloat16, torch.bfloat16, torch.bfloat16)


_WRAPPERS: Dict[str, Callable[[CellState], Any]] = {"none": _leave, "ddp": _ddp, "fsdp1": _fsdp1, "fsdp2": _fsdp2}


def _no_policy(_state: CellState) -> None:
    return None


def _peft_policy(state: CellState) -> Any:
    from peft.utils.other import fsdp_auto_wrap_policy

    return fsdp_auto_wrap_policy(state.model)


def _layer_policy(state: CellState) -> Any:
    from torch.distributed.fsdp.wrap import transformer_auto_wrap_policy

    layer = state.request["model"]["layer"]
    classes = {type(module) for module in state.model.modules() if type(module).__name__ == layer}
    return functools.partial(transformer_auto_wrap_policy, transformer_layer_cls=classes)


_POLICIES: Dict[str, Callable[[CellState], Any]] = {
    "none": _no_policy,
    "peft": _peft_policy,
    "transformer": _layer_policy,
}


def _units(state: CellState) -> List[Any]:
    if state.sharding == "fsdp1":
        from torch.distributed.fsdp import FullyShardedDataParallel

        return FullyShardedDataParallel.fsdp_modules(state.wrapped)
    if state.sharding == "fsdp2":
        # fully_shard gives every module that it takes a class of its own, which has this method.
        return [module for module in state.wrapped.modules() if hasattr(module, "set_requires_gradient_sync")]
    return []


def _is_layer(state: CellState, unit: Any) -> bool:
    """Return whether a unit is one of the model's repeated layers; FSDP2 puts a name of its own before the class."""
    name = type(getattr(unit, "_fsdp_wrapped_module", unit)).__name__
    layer = state.request["model"]["layer"]
    return name in (layer, f"FSDP{layer}")


def _shares(state: CellState, total: int) -> List[float]:
    import torch

    held = sum(local_part(parameter).numel() for parameter in state.wrapped.parameters())
    if state.backend == "none":
        return [round(held / total, 6)]
    import torch.distributed as dist

    mine = torch.tensor([held], dtype=torch.int64, device=state.device)
    everyone = [torch.zeros_like(mine) for _ in range(state.ranks)]
    dist.all_gather(everyone, mine)
    return [round(part.item() / total, 6) for part in everyone]


def _dtypes(state: CellState) -> Dict[str, int]:
    """Count elements by dtype over the whole model, without FSDP1's padding."""
    counts: Dict[str, int] = {}
    for parameter in _flat_or_own_parameters(state):
        shapes: Optional[Any] = getattr(parameter, "_shapes", None)
        elements = parameter.numel() if shapes is None else sum(shape.numel() for shape in shapes)
        name = str(parameter.dtype).replace("torch.", "")
        counts[name] = counts.get(name, 0) + elements
    return dict(sorted(counts.items()))


def _flat_or_own_parameters(state: CellState) -> List[Any]:
    if state.sharding != "fsdp1":
        return list(state.wrapped.parameters())
    handles = [getattr(unit, "_handle", None) for unit in _units(state)]
    return [handle.flat_param for handle in handles if handle is not None]
