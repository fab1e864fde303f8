"""What ended a rank: which kind of stop it is, and which of several failures was the cause."""

import re
import signal
from typing import Any, Dict, List, NamedTuple, Optional

_OUT_OF_MEMORY = re.compile(r"can't allocate memory|out of memory|cannot allocate memory", re.IGNORECASE)
_MEMORY_TYPES = ("MemoryError", "torch.OutOfMemoryError", "torch.cuda.OutOfMemoryError")

# What a rank hears when another one has gone: never the cause.
_PEER_IS_GONE = re.compile(
    r"connection closed by peer|connection reset by peer|broken pipe|connection refused|socket closed"
    r"|remote process exited|application timeout caused pair closure|watchdog caught collective",
    re.IGNORECASE,
)
_IN_COLLECTIVE = "torch/distributed/"


class Failure(NamedTuple):
    """Why one rank failed."""

    kind: str
    phase: str
    rank: int
    #: time.monotonic() at which it happened, in seconds.
    at: float
    exception: Optional[Dict[str, Any]] = None
    signal: Optional[str] = None
    exit_code: Optional[int] = None

    @property
    def is_consequence(self) -> bool:
        """True when the rank only noticed that a peer was gone."""
        return self.exception is not None and bool(_PEER_IS_GONE.search(self.exception["message"]))


def kind_of_exception(exception: Dict[str, Any]) -> str:
    """Return ``out-of-memory`` for what allocators raise, else ``exception``."""
    if exception["type"] in _MEMORY_TYPES or _OUT_OF_MEMORY.search(exception["message"]):
        return "out-of-memory"
    return "exception"


def failure_of_death(phase: str, rank: int, at: float, status: int, by_signal: bool, oom_killed: bool) -> Failure:
    """Return the failure of a rank that left without an answer; ``status`` is its signal or its exit code."""
    if not by_signal:
        return Failure("crash", phase, rank, at, exit_code=status)
    try:
        name = signal.Signals(status).name
    except ValueError:
        name = f"SIG{status}"
    kind = "crash"
    if status == signal.SIGKILL:
        kind = "out-of-memory" if oom_killed else "killed"
    return Failure(kind, phase, rank, at, signal=name)


def cause_of(failures: List[Failure], stacks: Dict[int, List[Dict[str, Any]]]) -> Failure:
    """Return the failure that came first, as far as one can tell.

    A real one before what peers notice of it, and both before a deadline. Ranks that fail alike, or in one phase
    each by itself, fail at almost the same time: the lowest of them stands for all, so that two runs name the same
    rank. One that was in a collective may have failed because another had. Of ranks that hang, the first one that
    does not stand in a collective.
    """
    timeouts = [failure for failure in failures if failure.kind == "timeout"]
    consequences = [failure for failure in failures if failure.is_consequence]
    real = [failure for failure in failures if failure not in timeouts and failure not in consequences]
    if real or consequences:
        first = min(real or consequences, key=lambda failure: failure.at)
        beside = [failure for failure in real or consequences if _alike(failure, first) or _by_itself(failure, first)]
        return min(beside, key=lambda failure: failure.rank)
    by_rank = sorted(timeouts, key=lambda failure: failure.rank)
    stuck = [failure for failure in by_rank if failure.rank in stacks and not _in_collective(stacks[failure.rank])]
    return (stuck or by_rank)[0]


def _alike(left: Failure, right: Failure) -> bool:
    if left.exception is None or right.exception is None:
        return left.exception is right.exception and (left.kind, left.signal) == (right.kind, right.signal)
    same_type = left.exception["type"] == right.exception["type"]
    return same_type and left.exception["frames"] == right.exception["frames"]


def _by_itself(failure: Failure, first: Failure) -> bool:
    same_phase = failure.phase == first.phase and failure.exception is not None and first.exception is not None
    return same_phase and not failure.is_consequence and not _in_collective(failure.exception["frames"])


def _in_collective(frames: List[Dict[str, Any]]) -> bool:
    return any(frame["file"].startswith(_IN_COLLECTIVE) for frame in frames[-3:])
