"""Whether a group of processes does nothing at all: ranks that wait for each other for ever."""

import os
from typing import Iterator, List, Optional, Tuple

#: How long nothing may be done until it is called a standstill, in seconds.
STANDSTILL_S = 5.0
#: What is counted of the time between two looks, in seconds: over a longer one the machine itself stood still.
_LONGEST_GAP_S = 2.0
#: Waiting threads wake up now and then: this share of a core is still doing nothing.
_IDLE_SHARE = 0.01
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Standstill:
    """Samples a process group; how busy the machine is has no part in it, for who waits for a core is not asleep."""

    def __init__(self, group: int, seconds: float = STANDSTILL_S) -> None:
        self._group = group
        self._seconds = seconds
        #: When it was last seen doing something, in seconds of time.monotonic(), and its CPU time then, in ticks.
        self._active: Optional[Tuple[float, int]] = None
        #: When it was last looked at, and for how long nothing had been done by then, in seconds.
        self._looked = 0.0
        self._idle_s = 0.0

    def lasts(self, now: float) -> bool:
        """Sample the group; return True when it has done nothing for so many seconds."""
        processes = list(_processes_of(self._group))
        ticks = sum(used for _, used in processes)
        asleep = all(state == "S" for state, _ in processes)
        gap, self._looked = now - self._looked, now
        if self._active is None or not asleep or self._is_busy(now, ticks, self._active):
            self._active = (now, ticks)
            self._idle_s = 0.0
            return False
        self._idle_s += min(gap, _LONGEST_GAP_S)
        return self._idle_s >= self._seconds

    def forget(self) -> None:
        """Begin anew: something happened that CPU time does not show."""
        self._active = None

    def _is_busy(self, now: float, ticks: int, active: Tuple[float, int]) -> bool:
        since, before = active
        # A tick is 10 ms: one or two are no more than the resolution of the clock.
        return ticks - before > 2 + (now - since) * _IDLE_SHARE * _TICKS_A_SECOND


def _processes_of(group: int) -> Iterator[Tuple[str, int]]:
    """Yield state (proc(5): R, S, D, T, Z) and CPU time in ticks of every process of a group; of all its threads."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        fields = _stat(name)
        if fields is not None and int(fields[2]) == group and fields[0] not in "ZX":
            yield fields[0], int(fields[11]) + int(fields[12])


def _stat(pid: str) -> Optional[List[str]]:
    """Return the fields of /proc/<pid>/stat behind the name of the program, which may hold anything."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2].split()
    except OSError:
        return None  # it has ended
