"""Starts the processes of a cell: forks of the warm parent or, cold, fresh interpreters."""

import os
import signal
import sys
from typing import Any, Callable, Dict, List, NamedTuple

from peft_matrix_probe.messages import encode
from peft_matrix_probe.rank import Rank, live, settle_in

Load = Callable[[Rank], Callable[[Rank], Any]]


class Child(NamedTuple):
    """A rank as its parent sees it."""

    pid: int
    #: Read end of its messages.
    message_fd: int
    #: Read end of what it prints.
    output_fd: int
    #: File where its stacks go on ``STACKS_SIGNAL``.
    stacks_path: str


def fork_rank(task: Dict[str, Any], group: int, inherited: List[int], load: Load) -> Child:
    """Fork a rank that runs what ``load`` gives; ``group`` is its process group, or 0 for a new one.

    ``inherited`` are the parent's descriptors that the child must not keep.
    """

    def go_on(parent: int, message_fd: int, stacks_path: str) -> None:
        for descriptor in inherited:
            os.close(descriptor)
        settle_in(parent, stacks_path)
        live(task, message_fd, load)

    return _start(task, group, go_on)


def launch_rank(task: Dict[str, Any], group: int, arguments: List[str], inherited: List[int]) -> Child:
    """Start a rank in a fresh interpreter that imports everything itself (see ``cold.py``)."""

    def go_on(parent: int, message_fd: int, stacks_path: str) -> None:
        for descriptor in inherited:
            os.close(descriptor)
        path = os.path.join(task["directory"], f"task-{task['rank']}.json")
        whole = dict(task, parent=parent, messageFd=message_fd, stacksPath=stacks_path)
        with open(path, "wb") as file:
            file.write(encode(whole))
        os.set_inheritable(message_fd, True)
        os.execv(sys.executable, [sys.executable, "-m", "peft_matrix_probe", *arguments, "--task", path])

    return _start(task, group, go_on)


def _start(task: Dict[str, Any], group: int, go_on: Callable[[int, int, str], None]) -> Child:
    message_read, message_write = os.pipe()
    output_read, output_write = os.pipe()
    stacks_path = os.path.join(task["directory"], f"stacks-{task['rank']}")
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        for descriptor in (message_read, message_write, output_read, output_write):
            os.close(descriptor)
        raise
    if pid == 0:
        try:
            os.setpgid(0, group)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            os.close(message_read)
            os.close(output_read)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            os.dup2(output_write, 1)
            os.dup2(output_write, 2)
            os.close(output_write)
            if task["visibleDevices"] is not None:
                os.environ["CUDA_VISIBLE_DEVICES"] = task["visibleDevices"]
            go_on(parent, message_write, stacks_path)
        finally:
            os._exit(86)  # only reached when starting itself failed
    os.close(message_write)
    os.close(output_write)
    try:
        os.setpgid(pid, group or pid)
    except OSError:
        pass  # it did so itself and is past exec, or gone
    os.set_blocking(message_read, False)
    os.set_blocking(output_read, False)
    return Child(pid, message_read, output_read, stacks_path)
