"""Phases second-adapter, switch and delete: another adapter beside the trained one."""

from typing import Any, Dict, Iterable, List

from peft_matrix_probe.adapting import TRAINED, adapted, add_adapter, push
from peft_matrix_probe.building import base_model
from peft_matrix_probe.comparing import belongs_to, distance, drift, outputs_of, parameters_of, some, type_name
from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.names import canonical
from peft_matrix_probe.restoring import copy_of_trained, trained
from peft_matrix_probe.state import CellState


def add_second(state: CellState) -> Dict[str, Any]:
    """Add another adapter, and see what it does to the trained one, which stays active, and to its checkpoint."""
    import peft

    model = trained(state)
    state.touched = True
    other = second_name(state)
    if other == TRAINED:
        return {"adapters": {"duplicate": _add_duplicate(state)}}
    alone = set(peft.get_peft_model_state_dict(model, adapter_name=TRAINED))
    add_adapter(state, model, other, _arguments(state))
    for name, parameter in parameters_of(model).items():
        if belongs_to(name, other):
            push(state, name, parameter)
    beside = drift(state, model)
    own = _model_of_its_own(state, model)
    own_keys = set(peft.get_peft_model_state_dict(own, adapter_name=other))
    keys = set(peft.get_peft_model_state_dict(model, adapter_name=TRAINED))
    other_keys = set(peft.get_peft_model_state_dict(model, adapter_name=other))
    fact = {
        "beside": beside,
        "inactiveTrainable": some(_trainable(model, other)),
        "savedExtra": some([*(keys - alone), *_of(other, other_keys - own_keys)]),
        "savedMissing": some([*(alone - keys), *_of(other, own_keys - other_keys)]),
    }
    state.kept.update(adapters=fact, second=outputs_of(state, own))
    return {"adapters": fact}


def switch(state: CellState) -> Dict[str, Any]:
    """Switch to the other adapter and back."""
    model, other = state.model, second_name(state)
    if other == TRAINED:
        return {}
    fact = state.kept["adapters"]
    model.set_adapter(other)
    second = distance(outputs_of(state, model), state.kept["second"])
    inactive = [*fact["inactiveTrainable"], *_trainable(model, TRAINED)]
    model.set_adapter(TRAINED)
    inactive += _trainable(model, other)
    fact = dict(fact, second=second, back=drift(state, model), inactiveTrainable=some(inactive))
    state.kept["adapters"] = fact
    return {"adapters": fact}


def delete(state: CellState) -> Dict[str, Any]:
    """Delete the other adapter."""
    model, other = state.model, second_name(state)
    if other == TRAINED:
        return {}
    model.delete_adapter(other)
    names = [*parameters_of(model), *(canonical(name) for name, _ in persistent_buffers(model))]
    leftovers = some(name for name in names if belongs_to(name, other))
    return {"adapters": dict(state.kept["adapters"], deleted=drift(state, model), leftovers=leftovers)}


def second_name(state: CellState) -> str:
    """Return the name of the other adapter."""
    return str(state.config.get("second_adapter", "other"))


def _arguments(state: CellState) -> Any:
    """Return the other adapter's arguments; None for those of the trained one."""
    return state.request["adapter"].get("second")


def _model_of_its_own(state: CellState, model: Any) -> Any:
    """Return a model with the other adapter alone, its values those that it has in ``model``."""
    import torch

    other = second_name(state)
    own = adapted(state, base_model(state), name=other, arguments=_arguments(state))
    there = {**parameters_of(model), **{canonical(name): buffer for name, buffer in persistent_buffers(model)}}
    with torch.no_grad():
        for name, tensor in [*parameters_of(own).items(), *persistent_buffers(own)]:
            if belongs_to(canonical(name), other):
                tensor.copy_(there[canonical(name)])
    return own


def _add_duplicate(state: CellState) -> Dict[str, Any]:
    """Add an adapter under the trained one's name to a copy: what was raised, and what is left of the trained one."""
    model = copy_of_trained(state)
    result: Dict[str, Any] = {}
    try:
        add_adapter(state, model, TRAINED)
    except Exception as error:
        result["raised"] = type_name(error)
    try:
        result["distance"] = drift(state, model)
    except Exception:  # what was refused too late may not even compute
        result["distance"] = float("inf")
    return result


def _trainable(model: Any, adapter: str) -> List[str]:
    return [
        name
        for name, parameter in parameters_of(model).items()
        if parameter.requires_grad and belongs_to(name, adapter)
    ]


def _of(adapter: str, keys: Iterable[str]) -> List[str]:
    """Mark keys of the other adapter's checkpoint: they are named as those of the trained one."""
    return [f"{adapter}: {key}" for key in keys]
