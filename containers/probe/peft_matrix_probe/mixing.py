"""Phase mixed-batch: one batch with rows for the trained adapter and rows for the base model."""

from typing import Any, Dict

from peft_matrix_probe.adapting import TRAINED
from peft_matrix_probe.comparing import distance, outputs_of
from peft_matrix_probe.restoring import trained
from peft_matrix_probe.state import CellState


def mix(state: CellState) -> Dict[str, Any]:
    """Evaluate with one adapter a row, in turns, and compare with the batches that had all rows for one of them."""
    model = trained(state)
    rows = state.outputs.shape[0]
    names = [TRAINED if row % 2 == 0 else "__base__" for row in range(rows)]
    expected = state.outputs.copy()
    expected[1::2] = state.base_outputs[1::2]
    return {"mixed": {"distance": distance(outputs_of(state, model, adapter_names=names), expected)}}
