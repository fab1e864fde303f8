"""Phase resume: training that goes on from a checkpoint, against training that never stopped. Every rank takes part."""

import copy
import os
from typing import Any, Dict, List, Tuple

from peft_matrix_probe.adapting import TRAINED, adapted
from peft_matrix_probe.building import base_model
from peft_matrix_probe.checkpoint import adapter_tensors, barrier, full_state_context, load_from, same_bytes
from peft_matrix_probe.comparing import distance, some
from peft_matrix_probe.gathering import gather
from peft_matrix_probe.restoring import trained
from peft_matrix_probe.sketch import as_float64
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import evaluate, train_steps
from peft_matrix_probe.wrapping import wrapped_as_asked

#: What the resumed model draws before it loads is not what the trained one drew.
_DRAW = 1


def resume(state: CellState) -> Dict[str, Any]:
    """Take a checkpoint, train ``steps`` more steps, and as many from the checkpoint. SGD has no state to save."""
    if state.sharding == "none":
        trained(state)
    taken = _take(state)
    state.touched = True
    resumed = copy.copy(state)
    losses, ongoing, outputs = _go_on(state)
    _load(resumed, taken)
    resumed_losses, found, found_outputs = _go_on(resumed)
    if state.rank != 0:
        return {}
    differing = [name for name in state.before if name not in found or not same_bytes(found[name], ongoing.get(name))]
    return {
        "resumed": {
            "losses": losses,
            "resumedLosses": resumed_losses,
            "distance": distance(found_outputs, outputs),
            "differing": some(differing),
        }
    }


def _go_on(state: CellState) -> Tuple[List[float], Dict[str, Any], Any]:
    """Train on; return losses, all tensors by canonical name (rank 0), and outputs as a float64 array."""
    import torch

    torch.manual_seed(state.seed)  # dropout draws
    losses, _ = train_steps(state, state.request["steps"])
    tensors = gather(state)
    return losses, tensors, as_float64(evaluate(state, state.wrapped))


def _take(state: CellState) -> Any:
    """Save the adapter as users do; under FSDP as accelerate does, which is no file of PEFT's: return its tensors."""
    if state.sharding in ("none", "ddp"):
        if state.rank == 0:
            state.model.save_pretrained(_folder(state))
        barrier(state)
        return None
    # Copies: what is gathered may share memory with what is trained on.
    return {name: tensor.detach().clone() for name, tensor in adapter_tensors(state).items()}


def _load(state: CellState, taken: Any) -> None:
    """Make a fresh model, wrapped as the trained one, with the checkpoint in it."""
    if taken is None:
        state.model = load_from(state, _folder(state), trainable=True)
        state.wrapped = wrapped_as_asked(state)
        return
    import peft

    state.model = adapted(state, base_model(state), draw=_DRAW)
    state.wrapped = wrapped_as_asked(state)
    if state.sharding == "fsdp1":
        with full_state_context(state):
            peft.set_peft_model_state_dict(state.wrapped, taken, adapter_name=TRAINED)
    else:
        from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict

        set_model_state_dict(state.wrapped, taken, options=StateDictOptions(full_state_dict=True, strict=False))


def _folder(state: CellState) -> str:
    return os.path.join(state.directory, "resume")
