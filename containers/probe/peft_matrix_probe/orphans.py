"""Processes that a rank started and left behind: they become children of the probe, which ends them."""

import os
import signal
from typing import Dict, List, Set

#: How often those that fork faster than they are found are looked for again.
_MOST_LOOKS = 50


def adopt_orphans() -> None:
    """Become the parent of every orphan below this process."""
    import ctypes

    pr_set_child_subreaper = 36
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def end_orphans(ranks: Set[int], groups: Set[int]) -> None:
    """Kill and reap children that are no rank and in no group of a cell under way, with all that they started."""
    orphans = _orphans(ranks, groups)
    if not orphans:
        return
    for pid in _stop_with_descendants(orphans):
        _send(pid, signal.SIGKILL)
    for pid in orphans:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass


def _orphans(ranks: Set[int], groups: Set[int]) -> Set[int]:
    found = set()
    for pid in _children() - ranks:
        try:
            if os.getpgid(pid) not in groups:
                found.add(pid)
        except ProcessLookupError:
            pass
    return found


def _stop_with_descendants(roots: Set[int]) -> Set[int]:
    """Stop these processes and all below them: what is killed one by one while it forks is never all gone."""
    stopped: Set[int] = set()
    for _ in range(_MOST_LOOKS):
        new = _with_descendants(roots | stopped) - stopped
        if not new:
            break
        for pid in new:
            _send(pid, signal.SIGSTOP)
        stopped |= new
    return stopped


def _with_descendants(roots: Set[int]) -> Set[int]:
    children: Dict[int, List[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            children.setdefault(_parent_of(name), []).append(int(name))
    found: Set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, ())
    return found


def _parent_of(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _children() -> Set[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()
