"""Phase read: a checkpoint that another release wrote, read into a fresh model, in place of training one."""

import base64
import os
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Set, Tuple

from peft_matrix_probe.adapting import TRAINED
from peft_matrix_probe.checkpoint import load_from
from peft_matrix_probe.comparing import some
from peft_matrix_probe.sketch import as_float64
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import describe_outputs, evaluate

#: Keys that the model has and the checkpoint has not, and the reverse.
Keys = Tuple[Set[str], Set[str]]


def read(state: CellState) -> Dict[str, Any]:
    """Read the checkpoint as users do, and tell what it lacks or has too much, and what the model computes with it.

    What this release finds lacking in a checkpoint of its own, of the same model, counts for nothing.
    """
    folder = os.path.join(state.directory, "given")
    os.mkdir(folder)
    for name, content in state.request["checkpoint"]["files"].items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(base64.b64decode(content))
    model, (missing, unexpected) = _load(state, folder)
    outputs = evaluate(state, model)
    facts = {"outputs": describe_outputs(outputs, as_float64(outputs))}
    own = os.path.join(state.directory, "own")
    if missing or unexpected:
        model.save_pretrained(own, selected_adapters=[TRAINED])
        _, (own_missing, own_unexpected) = _load(state, own)
        missing, unexpected = missing - own_missing, unexpected - own_unexpected
    return {"read": dict(facts, missing=some(missing), unexpected=some(unexpected))}


def _load(state: CellState, folder: str) -> Tuple[Any, Keys]:
    with _listening() as keys:
        model = load_from(state, folder)
    return model, keys


@contextmanager
def _listening() -> Iterator[Keys]:
    """Yield the keys that PEFT finds missing and unexpected meanwhile: ``from_pretrained`` keeps them to itself."""
    import peft

    missing: Set[str] = set()
    unexpected: Set[str] = set()
    load_adapter = peft.PeftModel.load_adapter

    def listening(*arguments: Any, **named: Any) -> Any:
        found = load_adapter(*arguments, **named)
        missing.update(found.missing_keys)
        unexpected.update(found.unexpected_keys)
        return found

    peft.PeftModel.load_adapter = listening
    try:
        yield missing, unexpected
    finally:
        peft.PeftModel.load_adapter = load_adapter
