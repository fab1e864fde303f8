"""One rank of a cell, from its first breath in a new process to the moment when the parent kills it.

A rank never leaves by itself: with its answer given, or its exception told, it waits. So a peer's "connection closed by
peer" cannot hide what really happened, and every run of a cell ends in the same way.
"""

import faulthandler
import os
import resource
import signal
import sys
import time
import traceback
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NoReturn, Optional

from peft_matrix_probe.frames import describe_exception
from peft_matrix_probe.imports import ImportLog
from peft_matrix_probe.messages import encode, write_all
from peft_matrix_probe.oom import offer_to_the_oom_killer

#: Makes a rank write its stacks, also while it is blocked in a C++ collective.
STACKS_SIGNAL = signal.SIGUSR1


class Rank:
    """What a program knows of the rank it runs in, and how it tells the parent what it sees."""

    def __init__(self, task: Dict[str, Any], message_fd: int) -> None:
        #: The cell, as in ``cell-request.ts``.
        self.request: Dict[str, Any] = task["request"]
        self.index: int = task["rank"]
        self.ranks: int = task["request"]["ranks"]
        #: ``none``, ``gloo`` or ``nccl``.
        self.backend: str = task["backend"]
        #: ``cpu`` or ``cuda:N``.
        self.device: str = task["device"]
        #: A folder for this cell alone, shared by its ranks, removed afterwards.
        self.directory: str = task["directory"]
        self.message_fd = message_fd

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Tell the parent when a phase begins and ends; its deadline runs meanwhile."""
        began = time.monotonic()
        self.say({"began": name})
        yield
        self.say({"ended": name, "ms": round((time.monotonic() - began) * 1000, 3)})

    @contextmanager
    def usage(self) -> Iterator[None]:
        """Tell the parent what raises inside, and go on after it."""
        try:
            yield
        except Exception as error:
            _print_origin(error)
            self.say({"usageRaised": describe_exception(error, self.directory)})

    def tell(self, facts: Dict[str, Any]) -> None:
        """Add fields to the observation; those of rank 0 count."""
        if self.index == 0 and facts:
            self.say({"facts": facts})

    def say(self, message: Dict[str, Any]) -> None:
        """Send one message to the parent."""
        write_all(self.message_fd, encode(message))


Program = Callable[[Rank], Optional[Dict[str, Any]]]


def live(task: Dict[str, Any], message_fd: int, load: Callable[[Rank], Program]) -> NoReturn:
    """Run a program in this process, tell how it ended, and wait to be killed.

    ``load`` gives the program; what goes wrong in it is told like what goes wrong in the program.
    """
    rank = Rank(task, message_fd)
    imports = ImportLog()
    try:
        _announce_launch(rank)
        facts = load(rank)(rank)
        rank.tell(facts or {})
        _flush()
        rank.say({"done": _resources(imports)})
    except BaseException as error:
        at = time.monotonic()
        description = describe_exception(error, rank.directory)
        _print_origin(error)
        _flush()
        rank.say({"raised": description, "at": at, "resources": _resources(imports)})
    while True:
        signal.pause()


def settle_in(parent: int, stacks_path: str) -> None:
    """Tie this process to its parent, and make it ready to tell where it stands or how it crashed."""
    die_with(parent)
    offer_to_the_oom_killer()
    # Buffered lines would be lost in a crash.
    sys.stdout = open(  # noqa: SIM115
        1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    sys.stderr = open(  # noqa: SIM115
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    faulthandler.enable(file=2)
    stacks = os.open(stacks_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    faulthandler.register(STACKS_SIGNAL, file=stacks, all_threads=True, chain=False)


def die_with(parent: int) -> None:
    """Let the kernel kill this process in the moment when its parent dies."""
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def _print_origin(error: BaseException) -> None:
    """Print what the exception came from; itself it is told, and printed it would push out what libraries said."""
    origin = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if origin is not None:
        traceback.print_exception(type(origin), origin, origin.__traceback__)


def _announce_launch(rank: Rank) -> None:
    """Set what every launcher sets."""
    if rank.backend != "none":
        os.environ.update(
            RANK=str(rank.index),
            LOCAL_RANK=str(rank.index),
            WORLD_SIZE=str(rank.ranks),
            LOCAL_WORLD_SIZE=str(rank.ranks),
        )


def _resources(imports: ImportLog) -> Dict[str, Any]:
    return {
        "peakBytes": peak_bytes(),
        "threads": _count_threads(),
        "imported": imports.names,
        "importMs": round(imports.seconds * 1000, 3),
    }


def peak_bytes() -> int:
    """Return the peak resident set of this process, in bytes."""
    try:
        # Unlike ru_maxrss, the high water mark starts again at exec.
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _count_threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0


def _flush() -> None:
    streams: List[Any] = [sys.stdout, sys.stderr]
    for stream in streams:
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
