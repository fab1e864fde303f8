"""Phases merge and unmerge: the adapter's change written into the base weights, and taken out again."""

import math
from typing import Any, Dict, List, Optional

from peft_matrix_probe.checkpoint import same_bytes
from peft_matrix_probe.comparing import attempt, distance, drift, gradient_of, some, type_name
from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.names import canonical
from peft_matrix_probe.restoring import copy_of_trained, trained
from peft_matrix_probe.sketch import as_float64
from peft_matrix_probe.state import CellState


def merge(state: CellState) -> Dict[str, Any]:
    """Merge once and twice; on copies, merge for good, plainly and safely, and what must not be merged."""
    model = trained(state)
    state.touched = True
    expected = _gradient(state, model)
    model.merge_adapter()
    weights = base_weights(state, model)
    dtypes = some(name for name, weight in weights.items() if weight.dtype != state.after[name].dtype)
    try:
        found = drift(state, model)
    except Exception:
        if not dtypes:
            raise
        found = float("inf")  # that layers of two dtypes do not compute is no other finding than that there are two
    gradients = {} if expected is None or dtypes else {"gradient": distance(_gradient(state, model), expected)}

    def again() -> float:
        model.merge_adapter()
        return drift(state, model)

    merged = {
        "distance": found,
        "dtypes": dtypes,
        **gradients,
        "twice": attempt(again),
        "unloaded": attempt(lambda: drift(state, copy_of_trained(state).merge_and_unload())),
        "safelyUnloaded": attempt(lambda: drift(state, copy_of_trained(state).merge_and_unload(safe_merge=True))),
    }
    safe = _merge_nan(state)
    if safe is not None:
        merged["safe"] = safe
    state.kept["merged"] = merged
    return {"merged": merged}


def unmerge(state: CellState) -> Dict[str, Any]:
    """Unmerge, and compare outputs and base weights with what they were before merging."""
    model = state.model
    model.unmerge_adapter()
    distances = [
        distance(as_float64(weight), as_float64(state.after[name]))
        for name, weight in base_weights(state, model).items()
    ]
    # max() forgets a NaN that is not first.
    restored = float("nan") if any(map(math.isnan, distances)) else max(distances, default=0.0)
    return {"merged": dict(state.kept["merged"], unmerged=drift(state, model), restored=restored)}


def _gradient(state: CellState, model: Any) -> Optional[Any]:
    """Return the gradient by the base model's first parameter; None where that is a weight of an adapted layer.

    Merging makes another weight of it.
    """
    return None if ".base_layer." in (state.first or "") else gradient_of(state, model)


def base_weights(state: CellState, model: Any) -> Dict[str, Any]:
    """Return canonical name to tensor of what training must not move and the model still has."""
    tensors = [*model.named_parameters(remove_duplicate=False), *persistent_buffers(model)]
    named = {canonical(name): tensor for name, tensor in tensors}
    return {name: named[name] for name in state.frozen if name in named and name in state.after}


def _merge_nan(state: CellState) -> Optional[Dict[str, Any]]:
    """Merge a copy with a NaN in its first layer with an adapter, asking PEFT to look; None if there is none."""
    model = copy_of_trained(state)
    if not _spoil(model):
        return None
    try:
        model.merge_and_unload(safe_merge=True)
    except Exception as error:
        return {"raised": type_name(error), "changed": some(_changed(state, model))}
    return {"changed": []}


def _spoil(model: Any) -> bool:
    """Put a NaN into an adapter's tensor of the layer that is merged first: nothing may have been merged before it.

    Return False when no layer has such a tensor.
    """
    import torch
    from peft.tuners.tuners_utils import BaseTunerLayer

    for module in model.modules():
        if isinstance(module, BaseTunerLayer):
            base = {id(parameter) for parameter in module.get_base_layer().parameters()}
            for parameter in module.parameters():
                if parameter.requires_grad and id(parameter) not in base and parameter.numel():
                    with torch.no_grad():
                        parameter.view(-1)[0] = float("nan")
                    return True
    return False


def _changed(state: CellState, model: Any) -> List[str]:
    return [name for name, weight in base_weights(state, model).items() if not same_bytes(weight, state.after[name])]
