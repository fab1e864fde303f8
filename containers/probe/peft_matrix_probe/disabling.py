"""Phases disable and enable: the model without its adapter, and with it again."""

from typing import Any, Dict

from peft_matrix_probe.comparing import distance, drift, gradient_of, outputs_of, parameters_of, some
from peft_matrix_probe.restoring import trained
from peft_matrix_probe.state import CellState


def disable(state: CellState) -> Dict[str, Any]:
    """Enter ``disable_adapter()`` and compare with the base model."""
    model = trained(state)
    state.touched = True
    flags = _flags(model)
    context = model.disable_adapter()
    context.__enter__()
    fact = {"distance": distance(outputs_of(state, model), state.base_outputs), **_gradient(state, model)}
    state.kept.update(context=context, flags=flags, disabled=fact)
    return {"disabled": fact}


def enable(state: CellState) -> Dict[str, Any]:
    """Leave it again, and compare with the trained model."""
    state.kept["context"].__exit__(None, None, None)
    found = drift(state, state.model)
    before, after = state.kept["flags"], _flags(state.model)
    changed = some(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    # The model that was trained goes on being used where it is what it was.
    state.touched = found != 0 or bool(changed)
    return {"disabled": dict(state.kept["disabled"], enabled=found, flags=changed)}


def _gradient(state: CellState, model: Any) -> Dict[str, float]:
    """Compare what a gradient through the disabled adapter is with what it is in the base model."""
    gradient = gradient_of(state, model)
    return {} if gradient is None else {"gradient": distance(gradient, state.base_gradient)}


def _flags(model: Any) -> Dict[str, bool]:
    return {name: parameter.requires_grad for name, parameter in parameters_of(model).items()}
