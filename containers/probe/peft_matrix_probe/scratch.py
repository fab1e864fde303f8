"""Private temporary folders: one a probe, below it one a cell. Those of probes that were killed are swept."""

import os
import re
import shutil
import tempfile

_NAME = re.compile(r"^peft-matrix-probe\.(?P<namespace>\d+)\.(?P<pid>\d+)\.(?P<start>\d+)\.")


def make_scratch() -> str:
    """Sweep what dead probes left, and return a new private folder for this one."""
    root = tempfile.gettempdir()
    _sweep(root)
    pid = os.getpid()
    return tempfile.mkdtemp(prefix=f"peft-matrix-probe.{_namespace()}.{pid}.{_start_of(pid)}.")


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def _sweep(root: str) -> None:
    here = _namespace()
    try:
        names = os.listdir(root)
    except OSError:
        return
    for name in names:
        found = _NAME.match(name)
        # A folder shared with a container shows names of processes that we cannot see: those are not ours to judge.
        if found and found["namespace"] == here and _start_of(int(found["pid"])) != found["start"]:
            remove(os.path.join(root, name))


def _namespace() -> str:
    try:
        return str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return "0"


def _start_of(pid: int) -> str:
    """Return when a process started, in clock ticks since boot; ``0`` if it is not there."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"
