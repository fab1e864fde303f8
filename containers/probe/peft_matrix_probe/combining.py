"""Phase combine: ``add_weighted_adapter`` of the trained adapter alone."""

from typing import Any, Dict

from peft_matrix_probe.adapting import TRAINED
from peft_matrix_probe.comparing import attempt, distance, drift
from peft_matrix_probe.restoring import trained
from peft_matrix_probe.sketch import as_float64
from peft_matrix_probe.state import CellState


def combine(state: CellState) -> Dict[str, Any]:
    """Combine with weight 1, and, under another name, with weight -1."""
    model = trained(state)
    state.touched = True

    def single() -> float:
        model.add_weighted_adapter([TRAINED], [1.0], adapter_name="combined", combination_type="linear")
        model.set_adapter("combined")
        return drift(state, model)

    def negative() -> float:
        model.add_weighted_adapter([TRAINED], [-1.0], adapter_name="negative", combination_type="linear")
        return _distance_of_changes(model)

    return {"combined": {"single": attempt(single), "negative": attempt(negative)}}


def _distance_of_changes(model: Any) -> float:
    """Return how far the changes of the weights are from the trained ones' with the sign turned, over all layers."""
    import numpy as np

    found, expected = [], []
    for module in model.modules():
        # Of the combined adapter's change there is no other account than the layer's own.
        if hasattr(module, "get_delta_weight") and TRAINED in getattr(module, "scaling", {}):
            found.append(as_float64(module.get_delta_weight("negative")).reshape(-1))
            expected.append(-as_float64(module.get_delta_weight(TRAINED)).reshape(-1))
    return distance(np.concatenate(found), np.concatenate(expected))
