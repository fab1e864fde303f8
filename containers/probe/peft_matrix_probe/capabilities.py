"""What an environment offers: PEFT's config classes, dtypes that really train, ways of sharding, devices.

Whatever computes, or could touch a GPU, happens in a forked child: the parent must stay free of threads and of CUDA.
"""

import importlib
import inspect
import json
import os
import select
import signal
import time
from typing import Any, Callable, Dict, Iterator, List

from peft_matrix_probe.gpus import gpu_facts
from peft_matrix_probe.rank import die_with

_DTYPES = ("float32", "bfloat16", "float16")
_CHILD_DEADLINE_S = 60.0

#: Where torch keeps FSDP2, newest first.
FULLY_SHARD_PLACES = (
    ("torch.distributed.fsdp", "fully_shard"),
    ("torch.distributed._composable.fsdp", "fully_shard"),
)
_SHARDING_PLACES = (
    ("ddp", (("torch.nn.parallel", "DistributedDataParallel"),)),
    ("fsdp1", (("torch.distributed.fsdp", "FullyShardedDataParallel"),)),
    ("fsdp2", FULLY_SHARD_PLACES),
)


def find_capabilities(device: str) -> Dict[str, Any]:
    """Return ``configClasses``, the ``dtypes``, ``shardings``, ``devices`` and facts about the ``machine``."""
    found: Dict[str, Any] = {
        "configClasses": _config_classes(),
        "dtypes": [],
        "lstmDtypes": [],
        "shardings": [],
        "devices": 0,
        "machine": {},
    }
    for fact in facts_from_child(lambda: _try_everything(device)):
        if "dtype" in fact:
            found["dtypes"].append(fact["dtype"])
        elif "lstmDtype" in fact:
            found["lstmDtypes"].append(fact["lstmDtype"])
        elif "sharding" in fact:
            found["shardings"].append(fact["sharding"])
        else:
            found.update(fact)
    return found


def facts_from_child(work: Callable[[], Iterator[Dict[str, Any]]]) -> List[Dict[str, Any]]:
    """Return what ``work`` yields in a forked child; as far as it gets, should it crash or hang.

    Raises RuntimeError when somebody kills it: what it did not get to is then not known.
    """
    read_end, write_end = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            die_with(parent)
            for fact in work():
                os.write(write_end, json.dumps(fact).encode("ascii") + b"\n")
        finally:
            os._exit(0)
    os.close(write_end)
    data = b""
    end = time.monotonic() + _CHILD_DEADLINE_S
    while True:
        ready, _, _ = select.select([read_end], [], [], max(0.0, end - time.monotonic()))
        chunk = os.read(read_end, 1 << 16) if ready else b""
        if not chunk:
            break
        data += chunk
    os.close(read_end)
    late = not ready
    if late:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not late and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        raise RuntimeError("finding out what this environment offers was killed, and nothing says why")
    return [json.loads(line.decode("ascii")) for line in data.split(b"\n")[:-1]]


def _config_classes() -> Dict[str, List[str]]:
    import dataclasses

    import peft

    classes: Dict[str, List[str]] = {}
    for name in dir(peft):
        value = getattr(peft, name, None)
        if name.endswith("Config") and inspect.isclass(value) and issubclass(value, peft.PeftConfig):
            classes[name] = [field.name for field in dataclasses.fields(value)]
    return classes


def _shardings() -> Iterator[str]:
    yield "none"
    for sharding, places in _SHARDING_PLACES:
        if any(_has(module, name) for module, name in places):
            yield sharding


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def _try_everything(device: str) -> Iterator[Dict[str, Any]]:
    import torch

    for sharding in _shardings():
        yield {"sharding": sharding}
    devices = torch.cuda.device_count() if device == "cuda" else 0
    machine: Dict[str, Any] = {}
    for index in range(devices):
        machine[f"gpu{index}"] = torch.cuda.get_device_name(index)
    if devices:
        machine["cuda"] = str(torch.version.cuda)
        machine.update(gpu_facts(devices))
    yield {"devices": devices, "machine": machine}
    if device == "cuda" and not devices:
        return
    for name in _DTYPES:
        try:
            _train_one_step(device, getattr(torch, name))
        except (RuntimeError, NotImplementedError, TypeError):
            continue
        yield {"dtype": name}
    try:
        _autocast_lstm(device, torch.bfloat16)
    except RuntimeError:
        return
    yield {"lstmDtype": "bfloat16"}


def _train_one_step(device: str, dtype: Any) -> None:
    import torch

    layer = torch.nn.Linear(8, 8).to(device=device, dtype=dtype)
    layer(torch.ones(2, 8, device=device, dtype=dtype)).float().sum().backward()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.sub_(0.1 * parameter.grad)
            if not torch.isfinite(parameter).all():
                raise RuntimeError("one step of a linear layer gives values that are not finite")


def _autocast_lstm(device: str, dtype: Any) -> None:
    """Raise RuntimeError where an LSTM cannot be brought to the dtype: oneDNN has one for some processors only."""
    import torch

    layer = torch.nn.LSTM(8, 8, batch_first=True).to(device)
    with torch.autocast(device, dtype=dtype):
        layer(torch.ones(1, 2, 8, device=device))
