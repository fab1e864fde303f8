"""Phases save and load: a checkpoint written as users write it, and read into a fresh model."""

import json
import os
from typing import Any, Dict, List

from peft_matrix_probe.building import base_model, prepare
from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.names import canonical
from peft_matrix_probe.sketch import as_float64, norm, raw_bytes, shorten
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import describe_outputs, evaluate

#: safetensors' names of dtypes, as torch calls them.
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def save(state: CellState) -> Dict[str, Any]:
    """Write the checkpoint on rank 0, from the full state dict where the model is wrapped."""
    full = _full_state(state)
    if state.rank == 0:
        if full is None:
            state.model.save_pretrained(_folder(state))
        else:
            state.model.save_pretrained(_folder(state), state_dict=full)
    if state.backend != "none":
        import torch.distributed as dist

        dist.barrier()
    if state.rank != 0:
        return {}
    files = _files(_folder(state))
    tensors: Dict[str, str] = {}
    for file in files:
        if file.endswith(".safetensors"):
            tensors.update(_tensors(os.path.join(_folder(state), file)))
    state.checkpoint = {"files": files, "tensors": dict(sorted(tensors.items()))}
    return {"checkpoint": state.checkpoint}


def load(state: CellState) -> Dict[str, Any]:
    """Load the checkpoint into a fresh model whose own draws differ, and compare with the trained one."""
    import torch

    torch.manual_seed(state.seed + 1)
    if state.request["adapter"] is not None:
        import peft

        loaded = peft.PeftModel.from_pretrained(base_model(state), _folder(state))
    else:
        loaded = prepare(state, type(state.model).from_pretrained(_folder(state)), fill=False)
    outputs = evaluate(state, loaded)
    if state.rank != 0:
        return {}
    values = as_float64(outputs)
    expected = norm(state.outputs)
    state.checkpoint = dict(
        state.checkpoint,
        loaded=describe_outputs(outputs, values),
        distance=shorten(norm(values - state.outputs) / expected) if expected else norm(values),
        differing=_differing(state, loaded),
    )
    return {"checkpoint": state.checkpoint}


def _full_state(state: CellState) -> Any:
    """Return the state dict of the whole model, with the names of the unwrapped one; None where nothing is wrapped."""
    if state.sharding == "none":
        return None
    if state.sharding == "ddp":
        return state.wrapped.module.state_dict()
    if state.sharding == "fsdp1":
        from torch.distributed.fsdp import FullStateDictConfig, FullyShardedDataParallel, StateDictType

        # offload_to_cpu crashes where the tensors are on a CPU already.
        settings = FullStateDictConfig(offload_to_cpu=False, rank0_only=False)
        with FullyShardedDataParallel.state_dict_type(state.wrapped, StateDictType.FULL_STATE_DICT, settings):
            return state.wrapped.state_dict()
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    return get_model_state_dict(state.wrapped, options=StateDictOptions(full_state_dict=True))


def _folder(state: CellState) -> str:
    return os.path.join(state.directory, "checkpoint")


def _files(folder: str) -> List[str]:
    found = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    return sorted(os.path.relpath(path, folder) for path in found)


def _tensors(path: str) -> Dict[str, str]:
    """Read the header of a safetensors file (https://huggingface.co/docs/safetensors: 8 bytes of length, then JSON)."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")).decode("utf-8"))
    return {key: _describe(entry) for key, entry in header.items() if key != "__metadata__"}


def _describe(entry: Dict[str, Any]) -> str:
    sizes = ",".join(str(size) for size in entry["shape"])
    return f"{_DTYPES.get(entry['dtype'], entry['dtype'])}[{sizes}]"


def _differing(state: CellState, loaded: Any) -> List[str]:
    """Return names of tensors that are not, byte for byte, what training left."""
    tensors = {canonical(name): tensor for name, tensor in loaded.named_parameters(remove_duplicate=False)}
    tensors.update((canonical(name), buffer) for name, buffer in persistent_buffers(loaded))
    watched = [*state.before, *state.frozen]
    return sorted(name for name in watched if name not in tensors or not _same(tensors[name], state.after.get(name)))


def _same(left: Any, right: Any) -> bool:
    if right is None or left.dtype != right.dtype or left.shape != right.shape:
        return False
    return bool((raw_bytes(left) == raw_bytes(right)).all())
