"""Phase train: a few steps of plain SGD on the ranks' shares of one batch, then what became of every parameter."""

import hashlib
import math
from typing import Any, Dict, List, Tuple

from peft_matrix_probe.gathering import gather
from peft_matrix_probe.sketch import as_float64, digest, norm, shorten, sketch
from peft_matrix_probe.state import CellState
from peft_matrix_probe.tasks import batch_of, loss_of, outputs_of, share_of
from peft_matrix_probe.wrapping import local_part


def train(state: CellState) -> Dict[str, Any]:
    """Train, gather, and evaluate on a fixed batch."""
    losses, norms = train_steps(state, 0)
    state.after = gather(state)
    outputs = evaluate(state, state.wrapped)
    if state.rank != 0:
        return {}
    state.outputs = as_float64(outputs)
    return {
        "losses": losses,
        "gradientNorms": norms,
        "trainable": [_record(name, before, state.after[name]) for name, before in state.before.items()],
        "frozen": _frozen(state),
        "outputs": describe_outputs(outputs, state.outputs),
    }


def train_steps(state: CellState, first: int) -> Tuple[List[float], List[float]]:
    """Train for as many steps as the request says, numbered from ``first``; return losses and norms of gradients."""
    import torch

    model = state.wrapped
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=state.request["learningRate"], foreach=False)
    allocate = getattr(getattr(state.model, "base_model", None), "update_and_allocate", None)
    losses: List[float] = []
    norms: List[float] = []
    model.train()
    for step in range(first, first + state.request["steps"]):
        batch = share_of(state, batch_of(state, f"batch/{step}"))
        optimizer.zero_grad()
        with state.autocast():
            loss = loss_of(state, model, batch)
        loss.backward()
        squares = _squares(trained)
        optimizer.step()
        if allocate is not None:  # methods that share out a budget of ranks ask for this after every step
            allocate(step)
        mean, total = _over_ranks(state, loss, squares)
        losses.append(shorten(mean))
        norms.append(shorten(math.sqrt(total)) if total >= 0 else math.nan)
    optimizer.zero_grad()
    return losses, norms


def evaluate(state: CellState, model: Any, **more: Any) -> Any:
    """Return the outputs for the whole fixed batch in eval mode: a tensor with one row an example.

    ``more`` are further arguments of the forward pass.
    """
    import torch

    model.eval()
    with torch.no_grad(), state.autocast():
        return outputs_of(state, model, batch_of(state, "evaluation"), **more)


def gradient_by(state: CellState, model: Any, parameter: Any) -> Any:
    """Return the gradient of the loss on the fixed batch in eval mode by one parameter: a tensor of its shape.

    Zeros where none arrives. Whether the parameter is trained stays as it was.
    """
    import torch

    model.eval()
    trains = parameter.requires_grad
    parameter.requires_grad_(True)
    try:
        with state.autocast():
            loss = loss_of(state, model, batch_of(state, "evaluation"))
        (gradient,) = torch.autograd.grad(loss, [parameter], allow_unused=True) if loss.requires_grad else (None,)
    finally:
        parameter.requires_grad_(trains)
    return torch.zeros_like(parameter) if gradient is None else gradient


def describe_outputs(outputs: Any, values: Any) -> Dict[str, Any]:
    """Return what is kept of outputs; ``values`` are the same in float64."""
    return {
        "dtype": str(outputs.dtype).replace("torch.", ""),
        "shape": list(outputs.shape),
        "norm": norm(values),
        "sketch": sketch("logits", values),
        "digest": digest(outputs),
    }


def _squares(trained: List[Any]) -> float:
    """Return the sum of squares of this rank's part of all gradients, in float64."""
    import torch

    parts = [local_part(parameter.grad) for parameter in trained if parameter.grad is not None]
    return sum((torch.sum(part.detach().double() ** 2).item() for part in parts), 0.0)


def _over_ranks(state: CellState, loss: Any, squares: float) -> Any:
    """Return the mean loss and the sum of squares of all gradients together."""
    if state.backend == "none":
        return float(loss.detach()), squares
    import torch
    import torch.distributed as dist

    both = torch.tensor([float(loss.detach()), squares], dtype=torch.float64, device=state.device)
    dist.all_reduce(both)
    mean, total = both.tolist()
    sharded = state.sharding == "fsdp2" or (state.sharding == "fsdp1" and state.config.get("strategy") != "NO_SHARD")
    return mean / state.ranks, total if sharded else squares


def _record(name: str, before: Any, after: Any) -> Dict[str, Any]:
    values = as_float64(after)
    update = values - before
    return {
        "name": name,
        "shape": list(after.shape),
        "dtype": str(after.dtype).replace("torch.", ""),
        "digest": digest(after),
        "norm": norm(values),
        "update": {"norm": norm(update), "sketch": sketch(name, update)},
    }


def _frozen(state: CellState) -> Dict[str, Any]:
    changed = []
    overall = hashlib.blake2b(digest_size=8)
    for name, before in sorted(state.frozen.items()):
        overall.update((f"{name} {before}\n").encode())
        if name not in state.after or digest(state.after[name]) != before:
            changed.append(name)
    return {"count": len(state.frozen), "digest": overall.hexdigest(), "changed": changed}
