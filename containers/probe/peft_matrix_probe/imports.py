"""Which modules a process imports from now on, and how long that takes."""

import importlib
import sys
import time
from typing import Any, List


class ImportLog:
    """Watches imports for the rest of the process's life."""

    def __init__(self) -> None:
        self._before = set(sys.modules)
        self._depth = 0
        #: Time spent in outermost imports of modules that were not there yet.
        self.seconds = 0.0
        self._watch()

    @property
    def names(self) -> List[str]:
        """The modules that came, in the order in which they were entered."""
        return [name for name in list(sys.modules) if name not in self._before]

    def _watch(self) -> None:
        # CPython calls this function for every import that sys.modules does not answer. It is private: where a Python
        # has none, there are names but no times.
        bootstrap: Any = getattr(importlib, "_bootstrap", None)
        original = getattr(bootstrap, "_find_and_load", None)
        if original is None:
            return

        def timed(*arguments: Any) -> Any:
            self._depth += 1
            began = time.perf_counter()
            try:
                return original(*arguments)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.seconds += time.perf_counter() - began

        bootstrap._find_and_load = timed
