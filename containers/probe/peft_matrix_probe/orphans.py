"""Processes that a rank started and left behind: they become children of the probe, which ends them."""

import os
import signal
from typing import Set


def adopt_orphans() -> None:
    """Become the parent of every orphan below this process."""
    import ctypes

    pr_set_child_subreaper = 36
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def end_orphans(ranks: Set[int], groups: Set[int]) -> None:
    """Kill and reap children that are no rank and stand in no group of a cell that is under way."""
    for pid in _children():
        if pid in ranks:
            continue
        try:
            if os.getpgid(pid) not in groups:
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)
        except (ProcessLookupError, ChildProcessError, PermissionError):
            pass


def _children() -> Set[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()
