"""Which modules the parent imports on behalf of its children, beyond torch, transformers and PEFT.

The set is found out once for an environment, by letting a few sample cells say what they had to import. The harness
keeps what the handshake says of it and hands it in the next time: so every later run of that environment starts from
the same state. Nothing of PEFT is ever in it, for that could change what is tested.
"""

import importlib
import os
import re
import sys
from typing import Any, Dict, Iterator, List, Optional, Set

from peft_matrix_probe.capabilities import facts_from_child
from peft_matrix_probe.samples import sample_requests
from peft_matrix_probe.serve import Server
from peft_matrix_probe.surroundings import gone_with_the_harness

_MOST_ROUNDS = 3
_NEVER = re.compile(r"^(?:peft|peft_matrix_probe|__main__|__mp_main__)(?:\.|$)")
_TOUCHES_CUDA = re.compile(r"bitsandbytes|triton|deepspeed|cuda|nvidia|nccl", re.IGNORECASE)


def preload(modules: Optional[List[str]], device: str, server: Server) -> List[str]:
    """Import these modules or, with None, find out which. Return what was imported, in that order."""
    return _settle(device, server) if modules is None else _import(modules, device)


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
