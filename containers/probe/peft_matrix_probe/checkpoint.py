"""Phases save and load: a checkpoint written as users write it, and read into a fresh model."""

import base64
import json
import os
from typing import Any, Dict, List

from peft_matrix_probe.adapting import INACTIVE, TRAINED, adapted, adapter_config, autocast_setting
from peft_matrix_probe.building import base_model, prepare
from peft_matrix_probe.comparing import belongs_to, distance, parameters_of, some
from peft_matrix_probe.gathering import persistent_buffers
from peft_matrix_probe.messages import HANDED
from peft_matrix_probe.names import canonical
from peft_matrix_probe.restoring import trained
from peft_matrix_probe.sketch import as_float64, raw_bytes
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import describe_outputs, evaluate

#: The files that make an adapter's checkpoint.
HANDED_OVER = ("adapter_config.json", "adapter_model.safetensors")

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
    if state.sharding == "none":
        state.model = trained(state)
    if state.sharding == "fsdp1" and state.config.get("checkpoint") == "adapter_only":
        _save_adapter_only(state)
    else:
        full = _full_state(state)
        if state.rank == 0:
            state.model.save_pretrained(_folder(state), **({} if full is None else {"state_dict": full}))
    barrier(state)
    if state.rank != 0:
        return {}
    files = _files(_folder(state))
    tensors: Dict[str, str] = {}
    for file in files:
        if file.endswith(".safetensors"):
            # Another adapter is in a folder of its own, with the same keys.
            place = file.rpartition("/")[0]
            found = _tensors(os.path.join(_folder(state), file))
            tensors.update((f"{place}/{key}" if place else key, what) for key, what in found.items())
    state.checkpoint = {"files": files, "tensors": dict(sorted(tensors.items()))}
    return {"checkpoint": state.checkpoint, **_handed_over(state)}


def load(state: CellState) -> Dict[str, Any]:
    """Load the checkpoint into a fresh model whose own draws differ, and compare with the trained one."""
    loaded = load_from(state, _folder(state))
    trainable = [name for name, parameter in parameters_of(loaded).items() if parameter.requires_grad]
    outputs = evaluate(state, loaded)
    if state.rank != 0:
        return {}
    values = as_float64(outputs)
    state.checkpoint = dict(
        state.checkpoint,
        loaded=describe_outputs(outputs, values),
        distance=distance(values, state.outputs),
        differing=_differing(state, loaded),
    )
    if state.request["adapter"] is not None:
        state.checkpoint["trainable"] = some(trainable)
    return {"checkpoint": state.checkpoint}


def load_from(state: CellState, folder: str, trainable: bool = False) -> Any:
    """Return a fresh model with a checkpoint, loaded as the config says; what PEFT draws before is drawn otherwise."""
    import torch

    torch.manual_seed(state.seed + 1)
    if state.request["adapter"] is None:
        return prepare(state, type(state.model).from_pretrained(folder), fill=False)
    import peft

    settings = autocast_setting(state)
    if trainable:
        settings["is_trainable"] = True
    loading = state.config.get("loading")
    if loading == "low_cpu_mem":
        settings["low_cpu_mem_usage"] = True
    elif loading == "newer_config" and state.rank == 0:
        _add_key_of_the_future(folder)
    barrier(state)
    if trainable and adapter_config(state).is_prompt_learning:
        # from_pretrained refuses to load these for training; Trainer resumes all adapters in this way.
        model = adapted(state, base_model(state), draw=1)
        model.load_adapter(folder, TRAINED, **settings)
        return model
    return peft.PeftModel.from_pretrained(base_model(state), folder, **settings)


def adapter_tensors(state: CellState) -> Dict[str, Any]:
    """Return the trained adapter's whole tensors as accelerate gets them from FSDP for a checkpoint.

    See ``_get_model_state_dict`` with ``adapter_only`` in accelerate/utils/fsdp_utils.py, which Trainer asks for.
    """
    if state.sharding == "fsdp1":
        import peft

        with full_state_context(state):
            return peft.get_peft_model_state_dict(state.wrapped, adapter_name=TRAINED)
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    options = StateDictOptions(full_state_dict=True, ignore_frozen_params=True)
    return get_model_state_dict(state.wrapped, options=options)


def full_state_context(state: CellState) -> Any:
    """Return the context in which state dicts of FSDP1's modules are whole, on every rank."""
    from torch.distributed.fsdp import FullStateDictConfig, FullyShardedDataParallel, StateDictType

    # offload_to_cpu crashes where the tensors are on a CPU already.
    settings = FullStateDictConfig(offload_to_cpu=False, rank0_only=False)
    return FullyShardedDataParallel.state_dict_type(state.wrapped, StateDictType.FULL_STATE_DICT, settings)


def barrier(state: CellState) -> None:
    """Wait for all ranks."""
    if state.backend != "none":
        import torch.distributed as dist

        dist.barrier()


def same_bytes(left: Any, right: Any) -> bool:
    """Return whether two tensors are the same, byte for byte; None is no tensor's equal."""
    if right is None or left.dtype != right.dtype or left.shape != right.shape:
        return False
    return bool((raw_bytes(left) == raw_bytes(right)).all())


def _save_adapter_only(state: CellState) -> None:
    """Write what accelerate would have saved, in files of PEFT's, so that PEFT can load it and keys can be compared."""
    tensors = adapter_tensors(state)
    if state.rank == 0:
        from safetensors.torch import save_file

        os.makedirs(_folder(state), exist_ok=True)
        whole = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
        save_file(whole, os.path.join(_folder(state), "adapter_model.safetensors"), metadata={"format": "pt"})
        state.model.peft_config[TRAINED].save_pretrained(_folder(state))
        state.model.create_or_update_model_card(_folder(state))


def _add_key_of_the_future(folder: str) -> None:
    """Add an option to the adapter's config that no release knows, as a newer one may have."""
    path = os.path.join(folder, "adapter_config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dict(config, brand_new_option=True), file)


def _handed_over(state: CellState) -> Dict[str, Any]:
    """Return the files that another release may be given to read: of an adapter that was trained on one process."""
    if state.ranks > 1 or state.request["adapter"] is None:
        return {}
    files = {}
    for name in HANDED_OVER:
        path = os.path.join(_folder(state), name)
        if not os.path.exists(path):
            return {}
        with open(path, "rb") as file:
            files[name] = base64.b64encode(file.read()).decode("ascii")
    return {HANDED: files}


def _full_state(state: CellState) -> Any:
    """Return the state dict of the whole model, with the names of the unwrapped one; None where nothing is wrapped."""
    if state.sharding == "none":
        return None
    if state.sharding == "ddp":
        return state.wrapped.module.state_dict()
    if state.sharding == "fsdp1":
        with full_state_context(state):
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
    watched = [name for name in (*state.before, *state.frozen) if not belongs_to(name, INACTIVE)]
    return sorted(
        name for name in watched if name not in tensors or not same_bytes(tensors[name], state.after.get(name))
    )
