"""What the kernel does when memory runs out: whom it kills, and how often it did so in the cgroup of this process."""

import os
import re
from typing import List, Optional

_COUNT = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


def offer_to_the_oom_killer() -> None:
    """Let the kernel, when memory runs out, choose this process before the probe's parent."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        pass  # a kernel without it chooses by size, and ranks are the larger ones


class OomCounter:
    """Each rise of the counter explains one SIGKILL."""

    def __init__(self, paths: Optional[List[str]] = None) -> None:
        self._paths = _candidates() if paths is None else paths
        self._explained = self._read()

    def explains_a_kill(self) -> bool:
        """Return whether the counter rose by more than what it has explained so far, and use one up."""
        if self._read() <= self._explained:
            return False
        self._explained += 1
        return True

    def _read(self) -> int:
        for path in self._paths:
            try:
                with open(path, encoding="ascii") as file:
                    found = _COUNT.search(file.read())
            except OSError:
                continue
            if found:
                return int(found.group(1))
        return 0


def _candidates() -> List[str]:
    """Return the files that may hold the counter: version 2 before 1, our own group before the root that we see."""
    paths: List[str] = []
    try:
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            entries = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        entries = []
    unified = [path for _, controllers, path in entries if controllers == ""]
    memory = [path for _, controllers, path in entries if "memory" in controllers.split(",")]
    for path in [*unified, "/"]:
        paths.append(os.path.join("/sys/fs/cgroup", path.lstrip("/"), "memory.events"))
    for path in [*memory, "/"]:
        paths.append(os.path.join("/sys/fs/cgroup/memory", path.lstrip("/"), "memory.oom_control"))
    return paths
