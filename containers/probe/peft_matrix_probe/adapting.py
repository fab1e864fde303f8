"""Phase adapt: PEFT around the model, every trainable parameter pushed off its initial value."""

from typing import Any, Dict

from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.generator import uniform
from peft_matrix_probe.names import canonical
from peft_matrix_probe.sketch import as_float64, digest
from peft_matrix_probe.state import CellState

#: Adapters that start as the identity hide bugs of merging, scaling and loading.
_PERTURBATION = 0.02


def adapt(state: CellState) -> Dict[str, Any]:
    """Add the adapter, if there is one, and remember every value before training."""
    import torch

    adapter = state.request["adapter"]
    if adapter is not None:
        import peft

        torch.manual_seed(state.seed)  # what PEFT draws itself must be the same on every rank
        config = getattr(peft, adapter["configClass"])(**adapter["arguments"])
        state.model = state.wrapped = peft.get_peft_model(state.model, config)
        _perturb(state)
    if state.rank == 0:
        _remember(state)
    return {}


def _perturb(state: CellState) -> None:
    import torch

    with torch.no_grad():
        for name, parameter in state.model.named_parameters():
            if parameter.requires_grad:
                noise = uniform(state.seed, "perturbation/" + canonical(name), tuple(parameter.shape))
                parameter.add_(torch.from_numpy(noise * _PERTURBATION).to(parameter))


def _remember(state: CellState) -> None:
    for name, parameter in state.model.named_parameters():
        if parameter.requires_grad:
            state.before[canonical(name)] = as_float64(parameter)
        else:
            state.frozen[canonical(name)] = digest(parameter)
    for name, buffer in persistent_buffers(state.model):
        state.frozen[canonical(name)] = digest(buffer)
