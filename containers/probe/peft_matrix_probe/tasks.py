"""What a model is trained to do: its batches, its loss, its outputs. The only place that tells tasks apart.

A batch is a dict of tensors with one row per example along the first dimension: what the model takes, and ``target``,
what it is to learn. Numbers come from our own generator, so a batch is the same on every rank; ``share_of`` cuts it.
Every loss is a mean over equally many terms a row, so the mean over equal shares is the mean over the whole batch.
"""

from typing import Any, Callable, Dict, Tuple

from peft_matrix_probe.generator import tokens, uniform
from peft_matrix_probe.state import CellState

Batch = Dict[str, Any]


def batch_of(state: CellState, name: str) -> Batch:
    """Return the whole batch of that name, on the cell's device."""
    make, _, _ = _TASKS[_task(state)]
    return {key: value.to(state.device) for key, value in make(state, name).items()}


def share_of(state: CellState, batch: Batch) -> Batch:
    """Return this rank's contiguous share of a batch."""
    shares: Batch = {}
    for key, whole in batch.items():
        size = whole.shape[0] // state.ranks
        shares[key] = whole[state.rank * size : (state.rank + 1) * size]
    return shares


def loss_of(state: CellState, model: Any, batch: Batch) -> Any:
    """Return the mean loss over a batch: a scalar tensor with a gradient."""
    _, loss, _ = _TASKS[_task(state)]
    return loss(model, batch)


def outputs_of(state: CellState, model: Any, batch: Batch, **more: Any) -> Any:
    """Return logits or predictions for a batch, one row an example; ``more`` are further arguments of ``forward``."""
    _, _, outputs = _TASKS[_task(state)]
    return outputs(model, batch, **more)


def _task(state: CellState) -> str:
    return state.request["model"].get("task", "causal")


def _token_ids(state: CellState, name: str) -> Any:
    """Return token ids: int64 tensor of shape (batch, sequence)."""
    import torch

    shape = (state.request["batch"], state.request["sequence"])
    return torch.from_numpy(tokens(state.seed, name, shape, state.model.config.vocab_size))


def _causal_batch(state: CellState, name: str) -> Batch:
    return {"input_ids": _token_ids(state, name)}


def _causal_loss(model: Any, batch: Batch) -> Any:
    return model(input_ids=batch["input_ids"], labels=batch["input_ids"]).loss


def _logits(model: Any, batch: Batch, **more: Any) -> Any:
    """Logits: (batch, sequence, vocabulary), or (batch, classes) of a classification."""
    return model(input_ids=batch["input_ids"], **more).logits


def _seq2seq_batch(state: CellState, name: str) -> Batch:
    return {"input_ids": _token_ids(state, name), "target": _token_ids(state, name + "/target")}


def _seq2seq_logits(model: Any, batch: Batch, **more: Any) -> Any:
    """Logits of the decoder, which is given the target: (batch, sequence, vocabulary)."""
    return model(input_ids=batch["input_ids"], decoder_input_ids=batch["target"], **more).logits


def _classification_batch(state: CellState, name: str) -> Batch:
    """Token ids, and one class a row: int64 tensor of shape (batch,)."""
    import torch

    classes = tokens(state.seed, name + "/target", (state.request["batch"],), state.model.config.num_labels)
    return {"input_ids": _token_ids(state, name), "target": torch.from_numpy(classes)}


def _labelled_loss(model: Any, batch: Batch) -> Any:
    """Cross-entropy in float32, as causal models of transformers have it: these would compute theirs in 16 bits.

    Rounding a loss of 1.8 to bfloat16 says no more than 1.80 or 1.81. The model still gets the labels: PEFT's classes
    for tasks do things with them.
    """
    from torch.nn.functional import cross_entropy

    target = batch["target"]
    logits = model(input_ids=batch["input_ids"], labels=target).logits
    if target.dim() > 1:  # of a sequence; virtual tokens may stand before it
        logits = logits[:, -target.shape[1] :].flatten(0, 1)
    return cross_entropy(logits.float(), target.flatten())


def _regression_batch(state: CellState, name: str) -> Batch:
    """Vectors or images in the model's dtype, and targets in float32: shapes (batch, *what the model says)."""
    import torch

    rows = state.request["batch"]
    inputs = uniform(state.seed, name, (rows, *state.model.input_shape))
    target = uniform(state.seed, name + "/target", (rows, *state.model.output_shape))
    return {"inputs": torch.from_numpy(inputs).to(state.dtype), "target": torch.from_numpy(target).float()}


def _regression_loss(model: Any, batch: Batch) -> Any:
    from torch.nn.functional import mse_loss

    return mse_loss(_predictions(model, batch).float(), batch["target"])


def _predictions(model: Any, batch: Batch, **more: Any) -> Any:
    return model(inputs=batch["inputs"], **more)


#: Task to what makes a batch, its loss, and its outputs.
_TASKS: Dict[str, Tuple[Callable[..., Batch], Callable[..., Any], Callable[..., Any]]] = {
    "causal": (_causal_batch, _causal_loss, _logits),
    "seq2seq": (_seq2seq_batch, _labelled_loss, _seq2seq_logits),
    "classification": (_classification_batch, _labelled_loss, _logits),
    "regression": (_regression_batch, _regression_loss, _predictions),
}
