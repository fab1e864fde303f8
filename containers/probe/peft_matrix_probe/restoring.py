"""The trained model as training left it, for every usage anew where the one before it has changed it."""

import math
from typing import Any, Dict

from peft_matrix_probe.adapting import adapted
from peft_matrix_probe.building import base_model
from peft_matrix_probe.comparing import drift
from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.names import canonical
from peft_matrix_probe.sketch import norm
from peft_matrix_probe.state import CellState

#: How far a copy's outputs may be from the original's, relative. Products in bf16 differ by 5e-3 between allocations.
_CLOSE = {"fp32": 1e-6, "fp16": 5e-3, "bf16": 2e-2, "bf16-autocast": 2e-2}


def trained(state: CellState) -> Any:
    """Return the trained model: the object that was trained as long as nothing has changed it, else a copy."""
    if state.touched:
        state.model = state.wrapped = copy_of_trained(state)
        state.touched = False
    return state.model


def copy_of_trained(state: CellState) -> Any:
    """Return a model of its own with every value that training left.

    Raises RuntimeError when it does not compute what the trained one does: a copy that is none would accuse PEFT.
    """
    model = base_model(state)
    if state.request["adapter"] is not None:
        model = adapted(state, model)
    fill(model, state.after)
    model.eval()
    if not state.copies_checked and state.outputs is not None and math.isfinite(norm(state.outputs)):
        found = drift(state, model)
        close = _CLOSE.get(state.config.get("precision", "fp32"), 2e-2)
        if not found <= close:
            raise RuntimeError(f"a copy of the trained model computes something else: relative distance {found:g}")
        state.copies_checked = True
    return model


def fill(model: Any, values: Dict[str, Any]) -> None:
    """Copy values, by canonical name, into all parameters and persistent buffers of a model.

    Raises RuntimeError for what has none.
    """
    import torch

    tensors = [*model.named_parameters(remove_duplicate=False), *persistent_buffers(model)]
    with torch.no_grad():
        for name, tensor in tensors:
            value = values.get(canonical(name))
            if value is None:
                raise RuntimeError(f"nothing is known of {canonical(name)} after training")
            if tensor.shape == value.shape and tensor.dtype == value.dtype:
                tensor.copy_(value)
            else:
                tensor.data = value.clone()
