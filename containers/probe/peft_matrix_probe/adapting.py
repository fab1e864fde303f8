"""Phase adapt: PEFT around the model, every trainable parameter pushed off its initial value."""

import copy
import inspect
from typing import Any, Dict, Optional

from peft_matrix_probe.comparing import distance, outputs_of, parameters_of
from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.generator import uniform
from peft_matrix_probe.names import canonical
from peft_matrix_probe.sketch import as_float64, digest
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import gradient_by

#: Name of the adapter that is trained: the one that PEFT gives.
TRAINED = "default"

#: Name of the adapter that is only there, where the config asks for one.
INACTIVE = "inactive"


def adapt(state: CellState) -> Dict[str, Any]:
    """Add the adapter, if there is one, and remember every value before training."""
    facts: Dict[str, Any] = {}
    if state.request["adapter"] is not None:
        if state.ranks == 1:
            facts = _adapt_and_compare(state)
        else:
            state.model = state.wrapped = adapted(state, state.model)
        for name, parameter in state.model.named_parameters():
            if parameter.requires_grad:
                push(state, name, parameter)
    if state.rank == 0:
        _remember(state)
    return facts


def adapted(
    state: CellState, base: Any, name: str = TRAINED, arguments: Optional[Dict[str, Any]] = None, draw: int = 0
) -> Any:
    """Return PEFT around a base model, fresh: what PEFT draws depends on the cell's seed and on ``draw`` alone."""
    import peft
    import torch

    torch.manual_seed(state.seed + draw)  # the same on every rank
    settings = autocast_setting(state)
    model = peft.get_peft_model(base, adapter_config(state, arguments), adapter_name=name, **settings)
    if state.config.get("inactive_adapter"):
        add_adapter(state, model, INACTIVE, arguments)
    return model


def add_adapter(state: CellState, model: Any, name: str, arguments: Optional[Dict[str, Any]] = None) -> None:
    """Put another adapter of the request's method beside those of a model."""
    known = inspect.signature(model.add_adapter).parameters
    # PEFT asks it here, too, since 0.19.
    settings = {key: value for key, value in autocast_setting(state).items() if key in known}
    model.add_adapter(name, adapter_config(state, arguments), **settings)


def adapter_config(state: CellState, arguments: Optional[Dict[str, Any]] = None) -> Any:
    """Return a fresh PEFT config of the request's adapter, or of the same method with other arguments."""
    import peft

    adapter = state.request["adapter"]
    # PEFT keeps and changes what it is given.
    given = copy.deepcopy(adapter["arguments"] if arguments is None else arguments)
    return getattr(peft, adapter["configClass"])(**given)


def autocast_setting(state: CellState) -> Dict[str, Any]:
    """Return ``autocast_adapter_dtype`` where it is not what PEFT takes anyway: it has the argument since 0.12."""
    return {} if state.config.get("autocast_adapter_dtype", True) else {"autocast_adapter_dtype": False}


def push(state: CellState, name: str, parameter: Any) -> None:
    """Move a parameter off its value, by noise that belongs to its name."""
    import torch

    noise = uniform(state.seed, "perturbation/" + canonical(name), tuple(parameter.shape))
    with torch.no_grad():
        parameter.add_(torch.from_numpy(noise * state.request["adapter"]["push"]).to(parameter))


def _adapt_and_compare(state: CellState) -> Dict[str, Any]:
    """Add the adapter, and compare the outputs before and after."""
    state.base_outputs = outputs_of(state, state.model)
    first = next(state.model.parameters())
    if any("disable" in usage for usage in state.request["usages"]):
        state.base_gradient = as_float64(gradient_by(state, state.model, first))
    state.model.train()
    state.model = state.wrapped = adapted(state, state.model)
    names = [name for name, parameter in parameters_of(state.model).items() if parameter is first]
    state.first = names[0] if names else None
    fresh = outputs_of(state, state.model)
    state.model.train()
    return {"start": {"distance": distance(fresh, state.base_outputs)}}


def _remember(state: CellState) -> None:
    for name, parameter in state.model.named_parameters():
        if parameter.requires_grad:
            state.before[canonical(name)] = as_float64(parameter)
        else:
            state.frozen[canonical(name)] = digest(parameter)
    for name, buffer in persistent_buffers(state.model):
        state.frozen[canonical(name)] = digest(buffer)
