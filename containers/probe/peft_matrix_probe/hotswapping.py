"""Phase hotswap: another adapter, of another rank where the method has one, put in the trained one's place."""

import os
from typing import Any, Dict

from peft_matrix_probe.adapting import TRAINED, adapted, push
from peft_matrix_probe.building import base_model
from peft_matrix_probe.checkpoint import load_from
from peft_matrix_probe.comparing import distance, outputs_of
from peft_matrix_probe.restoring import trained
from peft_matrix_probe.state import CellState

#: What the other adapter draws is not what the trained one drew.
_DRAW = 2


def hotswap(state: CellState) -> Dict[str, Any]:
    """Write another adapter's checkpoint, swap it in, and compare with the same loaded as usual."""
    from peft.utils.hotswap import hotswap_adapter

    folder = os.path.join(state.directory, "hotswap")
    _write_other(state, folder)
    expected = outputs_of(state, load_from(state, folder))
    model = trained(state)
    state.touched = True
    hotswap_adapter(model, folder, adapter_name=TRAINED)
    return {"hotswapped": {"distance": distance(outputs_of(state, model), expected)}}


def _write_other(state: CellState, folder: str) -> None:
    arguments = dict(state.request["adapter"]["arguments"])
    if arguments.get("r"):
        arguments["r"] = max(1, arguments["r"] // 2)
    other = adapted(state, base_model(state), arguments=arguments, draw=_DRAW)
    for name, parameter in other.named_parameters():
        if parameter.requires_grad:
            push(state, "hotswap/" + name, parameter)
    other.save_pretrained(folder, selected_adapters=[TRAINED])
