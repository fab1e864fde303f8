"""One rank as the parent sees it: its pipes, its phase, how it ended."""

import json
import os
import selectors
import time
from typing import Any, Callable, Dict, List, Optional

from peft_matrix_probe import PHASES
from peft_matrix_probe.causes import Failure, failure_of_death, kind_of_exception
from peft_matrix_probe.children import Child
from peft_matrix_probe.frames import Frame, frames_of_dump
from peft_matrix_probe.messages import HANDED, Lines

_FACTS = {
    "got",
    "losses",
    "gradientNorms",
    "trainable",
    "frozen",
    "outputs",
    "checkpoint",
    "start",
    "disabled",
    "generated",
    "resumed",
    "merged",
    "adapters",
    "combined",
    "hotswapped",
    "mixed",
    "read",
    HANDED,
}
#: Enough for the stack of a crash, whose paths may be long, and for what was printed before it.
_OUTPUT_CHARACTERS = 4000
_CHUNK = 1 << 16
#: Chunks taken from one pipe before the others get their turn.
_CHUNKS_A_TURN = 16


class RankWatch:
    """Reads what a rank says and prints, and knows whether it is done, failed or dead."""

    def __init__(self, child: Child, index: int, first_phase: str, selector: selectors.BaseSelector) -> None:
        self.child = child
        self.index = index
        self.phase = first_phase
        #: time.monotonic() at which the phase began, in seconds.
        self.phase_since = time.monotonic()
        self.finished: List[Dict[str, Any]] = []
        self.facts: Dict[str, Any] = {}
        #: Usages that raised; the rank went on.
        self.usage_stops: List[Dict[str, Any]] = []
        self.resources: Dict[str, Any] = {}
        self.done = False
        self.dead = False
        self.failure: Optional[Failure] = None
        self._lines = Lines()
        self._printed = b""
        self._selector = selector
        self._open: Dict[int, Callable[[bytes], None]] = {
            child.message_fd: self._hear,
            child.output_fd: self._keep_printed,
        }
        for descriptor in self._open:
            selector.register(descriptor, selectors.EVENT_READ, self._reader_of(descriptor))

    @property
    def settled(self) -> bool:
        """True when nothing more will come of it."""
        return self.done or self.failure is not None

    @property
    def output(self) -> str:
        """The end of what it printed, as text."""
        return self._printed.decode("utf-8", "replace")[-_OUTPUT_CHARACTERS:]

    @property
    def descriptors(self) -> List[int]:
        """The parent's ends of its pipes that are still open."""
        return list(self._open)

    def notice_death(self, oom_killed: Callable[[], bool]) -> None:
        """Look whether the process has ended, without reaping it: so its process group keeps its number."""
        if self.dead:
            return
        ended = os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return
        self.dead = True
        self.drain()
        if not self.settled:
            by_signal = ended.si_code != os.CLD_EXITED
            killed = by_signal and ended.si_status == 9
            self.failure = failure_of_death(
                self.phase, self.index, time.monotonic(), ended.si_status, by_signal, killed and oom_killed()
            )

    def time_out(self) -> None:
        """Note that its phase does not end."""
        self.failure = Failure("timeout", self.phase, self.index, time.monotonic())

    def stacks(self) -> List[Frame]:
        """Return the frames that it dumped, outermost first; none while it has not."""
        try:
            with open(self.child.stacks_path, encoding="utf-8", errors="replace") as file:
                return frames_of_dump(file.read(1 << 20))
        except OSError:
            return []

    def drain(self) -> None:
        """Take what is in the pipes now."""
        for descriptor in list(self._open):
            self._reader_of(descriptor)()

    def close(self) -> None:
        """Close the pipes."""
        for descriptor in list(self._open):
            self._close(descriptor)

    def _reader_of(self, descriptor: int) -> Callable[[], None]:
        def read() -> None:
            for _ in range(_CHUNKS_A_TURN):
                take = self._open.get(descriptor)
                if take is None:
                    return
                try:
                    chunk = os.read(descriptor, _CHUNK)
                except BlockingIOError:
                    return
                if not chunk:
                    self._close(descriptor)
                    return
                take(chunk)

        return read

    def _close(self, descriptor: int) -> None:
        del self._open[descriptor]
        self._selector.unregister(descriptor)
        os.close(descriptor)

    def _note_usage(self, raised: Dict[str, Any]) -> None:
        kind = kind_of_exception(raised)
        self.usage_stops.append({"kind": kind, "phase": self.phase, "rank": self.index, "exception": raised})

    def _keep_printed(self, chunk: bytes) -> None:
        self._printed = (self._printed + chunk)[-4 * _OUTPUT_CHARACTERS :]

    def _hear(self, chunk: bytes) -> None:
        try:
            for line in self._lines.feed(chunk):
                self._understand(json.loads(line.decode("utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            if not self.settled:
                self.failure = Failure("garbage", self.phase, self.index, time.monotonic())

    def _understand(self, message: Dict[str, Any]) -> None:
        if self.settled:
            return
        if "began" in message:
            self.phase = PHASES[PHASES.index(message["began"])]
            self.phase_since = time.monotonic()
        elif "ended" in message:
            self.finished.append({"name": message["ended"], "ms": message["ms"]})
        elif "facts" in message:
            if not set(message["facts"]) <= _FACTS:
                raise ValueError("facts that an observation does not have")
            self.facts.update(message["facts"])
        elif "usageRaised" in message:
            self._note_usage(message["usageRaised"])
        elif "raised" in message:
            raised = message["raised"]
            self.resources = message["resources"]
            kind = kind_of_exception(raised)
            self.failure = Failure(kind, self.phase, self.index, message["at"], exception=raised)
        elif "done" in message:
            self.resources = message["done"]
            self.done = True
        else:
            raise ValueError("a message of no known kind")
