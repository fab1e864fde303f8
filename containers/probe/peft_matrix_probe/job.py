"""One cell under way: its ranks, their deadlines, and the observation that comes of them."""

import os
import signal
import time
from typing import Any, Callable, Dict, List, Optional

from peft_matrix_probe.causes import Failure, cause_of
from peft_matrix_probe.frames import Frame
from peft_matrix_probe.messages import HANDED
from peft_matrix_probe.rank import STACKS_SIGNAL
from peft_matrix_probe.scratch import remove
from peft_matrix_probe.standstill import Standstill
from peft_matrix_probe.watch import RankWatch

#: Importing torch in a fresh interpreter on a busy machine takes its time, in seconds.
IMPORT_DEADLINE_S = 120.0
#: How long ranks may take to write their stacks, and how often to look, in seconds.
_DUMP_S = 1.0
_DUMP_LOOK_S = 0.05
#: After how long in one phase to look whether anything is done at all, and how often, in seconds.
_PATIENCE_S = 3.0
_SAMPLE_S = 1.0
#: How many modules the provenance of a cell names.
_MOST_MODULES = 20


class Job:
    """Runs until every rank has given its answer, or one failed and the others had their grace."""

    def __init__(
        self,
        identity: int,
        request: Dict[str, Any],
        backend: str,
        directory: str,
        watches: List[RankWatch],
        oom_killed: Callable[[], bool],
    ) -> None:
        self.identity = identity
        self.directory = directory
        self.watches = watches
        self.group = watches[0].child.pid
        self._request = request
        self._backend = backend
        self._oom_killed = oom_killed
        self._began = watches[0].phase_since
        self._grace_end: Optional[float] = None
        self._dump_end: Optional[float] = None
        self._asked: List[RankWatch] = []
        self._stacks: Dict[int, List[Frame]] = {}
        self._standstill = Standstill(self.group)
        self._next_sample = self._began + _PATIENCE_S

    @property
    def modules(self) -> List[str]:
        """What the ranks had to import beyond what their parent had, in order."""
        names: Dict[str, None] = {}
        for watch in self.watches:
            names.update(dict.fromkeys(watch.resources.get("imported", ())))
        return list(names)

    def notice_deaths(self) -> None:
        """Look which ranks have ended."""
        for watch in self.watches:
            watch.notice_death(self._oom_killed)

    def advance(self) -> bool:
        """Apply deadlines; return True when the cell is decided."""
        now = time.monotonic()
        if self._dump_end is not None:
            return self._look_at_stacks(now)
        failed = [watch for watch in self.watches if watch.failure]
        if all(watch.settled for watch in self.watches):
            return True
        if failed:
            if self._grace_end is None:
                self._grace_end = now + self._request["graceMs"] / 1000
            if now >= self._grace_end:
                self._ask_for_stacks(now, [watch for watch in self.watches if not watch.settled])
            return False
        overdue = any(now >= self._deadline_of(watch) for watch in self.watches if not watch.settled)
        if overdue or self._stands_still(now):
            # One that is done stands where it waits: that says that it has left the others alone.
            self._ask_for_stacks(now, self.watches)
            for watch in self.watches:
                if not watch.settled:
                    watch.time_out()
        return False

    def next_look(self) -> float:
        """Return when ``advance`` wants to be called at the latest, in seconds of time.monotonic()."""
        if self._dump_end is not None:
            return min(self._dump_end, time.monotonic() + _DUMP_LOOK_S)
        waiting = [self._deadline_of(watch) for watch in self.watches if not watch.settled]
        if self._grace_end is not None:
            return self._grace_end
        return min([self._next_sample, *waiting]) if waiting else time.monotonic()

    def kill(self) -> None:
        """Kill the whole process group; its number is ours as long as no rank has been reaped."""
        try:
            os.killpg(self.group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def reap(self) -> bool:
        """Return True once every rank is gone; then nothing is left of the cell."""
        self.notice_deaths()
        if not all(watch.dead for watch in self.watches):
            return False
        for watch in self.watches:
            watch.close()
            os.waitpid(watch.child.pid, 0)
        remove(self.directory)
        return True

    def observation(self) -> Dict[str, Any]:
        """Return the observation, as ``observation.ts`` has it."""
        zero = self.watches[0]
        observation: Dict[str, Any] = {
            "phases": zero.finished,
            "ranks": len(self.watches),
            "backend": self._backend,
            **{name: fact for name, fact in zero.facts.items() if name != HANDED},
        }
        failures = [watch.failure for watch in self.watches if watch.failure]
        if failures:
            observation["stop"] = self._stop(cause_of(failures, self._stacks))
        if zero.usage_stops:
            observation["usageStops"] = zero.usage_stops
        peaks = [watch.resources["peakBytes"] for watch in self.watches if "peakBytes" in watch.resources]
        if peaks:
            observation["peakBytes"] = max(peaks)
        return observation

    def files(self) -> Dict[str, str]:
        """Return the files that the cell hands over: name to content, in base64."""
        return self.watches[0].facts.get(HANDED, {})

    def provenance(self) -> Dict[str, Any]:
        """Return what else is worth keeping of this run."""
        ranks = []
        for watch in self.watches:
            resources = dict(watch.resources)
            resources["importedCount"] = len(resources.get("imported", ()))
            resources["imported"] = resources.get("imported", [])[:_MOST_MODULES]
            ranks.append(resources)
        return {"wallMs": round((time.monotonic() - self._began) * 1000, 3), "ranks": ranks}

    def _deadline_of(self, watch: RankWatch) -> float:
        limit = IMPORT_DEADLINE_S if watch.phase == "import" else self._request["phaseDeadlineMs"] / 1000
        return watch.phase_since + limit

    def _stands_still(self, now: float) -> bool:
        """Whether ranks wait for ever. A GPU may be at work while its process sleeps: there, only time tells."""
        newest = max(watch.phase_since for watch in self.watches)
        if self._request["device"] != "cpu" or now < newest + _PATIENCE_S:
            self._standstill.forget()
            self._next_sample = max(now, newest) + _PATIENCE_S
            return False
        if now < self._next_sample:
            return False
        self._next_sample = now + _SAMPLE_S
        return self._standstill.lasts(now)

    def _ask_for_stacks(self, now: float, watches: List[RankWatch]) -> None:
        self._dump_end = now + _DUMP_S
        self._asked = [watch for watch in watches if not watch.dead]
        for watch in self._asked:
            os.kill(watch.child.pid, STACKS_SIGNAL)

    def _look_at_stacks(self, now: float) -> bool:
        found = {watch.index: watch.stacks() for watch in self._asked}
        # A dump is written line by line: it is complete when it has stopped growing.
        complete = all(frames or watch.dead for watch, frames in zip(self._asked, found.values()))
        unchanged = found == self._stacks
        self._stacks = {index: frames for index, frames in found.items() if frames}
        return (complete and unchanged) or now >= (self._dump_end or now)

    def _stop(self, failure: Failure) -> Dict[str, Any]:
        stop: Dict[str, Any] = {"kind": failure.kind, "phase": failure.phase, "rank": failure.rank}
        if failure.exception is not None:
            stop["exception"] = failure.exception
        if failure.signal is not None:
            stop["signal"] = failure.signal
        if failure.exit_code is not None:
            stop["exitCode"] = failure.exit_code
        if self._stacks:
            stop["stacks"] = [{"rank": rank, "frames": frames} for rank, frames in sorted(self._stacks.items())]
        output = self.watches[failure.rank].output
        if output:
            stop["output"] = output
        return stop
