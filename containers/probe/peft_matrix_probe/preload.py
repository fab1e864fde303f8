"""Which modules the parent imports on behalf of its children, beyond torch, transformers and PEFT.

The set is found out once for an environment, by letting a few sample cells say what they had to import, and then kept
in a file: so every later run of that environment starts from the same state. Nothing of PEFT is ever in it, for
that could change what is tested.
"""

import importlib
import json
import os
import re
import sys
from typing import Any, Dict, Iterator, List, Set

from peft_matrix_probe.capabilities import facts_from_child
from peft_matrix_probe.samples import sample_requests
from peft_matrix_probe.serve import Server
from peft_matrix_probe.surroundings import gone_with_the_harness

_MOST_ROUNDS = 3
_NEVER = re.compile(r"^(?:peft|peft_matrix_probe|__main__|__mp_main__)(?:\.|$)")
_TOUCHES_CUDA = re.compile(r"bitsandbytes|triton|deepspeed|cuda|nvidia|nccl", re.IGNORECASE)


def preload(path: str, device: str, server: Server) -> List[str]:
    """Import the modules that the file names; without a file, find them out and write it. Return what was imported.

    Raises OSError when the file cannot be read or written, ValueError when it is no list of names.
    """
    if not os.path.exists(path):
        names = _settle(device, server)
        _write(path, names)
        return names
    with open(path, encoding="utf-8") as file:
        names = json.load(file)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{path} does not hold a JSON list of module names")
    return _import(names, device)


def _settle(device: str, server: Server) -> List[str]:
    settled: List[str] = []
    tried: Set[str] = set()
    for _ in range(_MOST_ROUNDS):
        jobs = server.run_all(sample_requests(device))
        wanted: Dict[str, None] = {}
        for job in jobs:
            wanted.update(dict.fromkeys(job.modules))
        new = [name for name in wanted if name not in tried]
        tried.update(new)
        imported = _import(_without_threads(_allowed(new, device)), device)
        if not imported:
            break
        settled += imported
    return settled


def _allowed(names: List[str], device: str) -> List[str]:
    return [name for name in names if not _NEVER.match(name) and not (device == "cuda" and _TOUCHES_CUDA.search(name))]


def _import(names: List[str], device: str) -> List[str]:
    imported = []
    with gone_with_the_harness():
        for name in _allowed(names, device):
            if name not in sys.modules and _try_import(name):
                imported.append(name)
    return imported


def _without_threads(names: List[str]) -> List[str]:
    """Return the names that can be imported without a thread being started: tried in a forked child."""
    left = list(names)
    good: List[str] = []
    while left:
        facts = facts_from_child(lambda rest=good + left: _count_threads_after(rest))  # type: ignore[misc]
        harmless = [fact["name"] for fact in facts if fact["threads"] <= 1]
        if len(harmless) == len(good) + len(left):
            return harmless
        # The first one that starts a thread, or ends the child, is left out.
        left = left[len(harmless) - len(good) + 1 :]
        good = harmless
    return good


def _count_threads_after(names: List[str]) -> Iterator[Dict[str, Any]]:
    for name in names:
        _try_import(name)
        threads = len(os.listdir("/proc/self/task"))
        yield {"name": name, "threads": threads}
        if threads > 1:
            return


def _try_import(name: str) -> bool:
    try:
        importlib.import_module(name)
    except Exception:  # an optional backend that is not there
        return False
    return name in sys.modules


def _write(path: str, names: List[str]) -> None:
    """Write the file in one step: another probe of this environment may be about to do the same."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(names, file, indent=1)
        file.write("\n")
    os.replace(temporary, path)
