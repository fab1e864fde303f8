"""A program for the probe: the real cell, and a note of the lines of PEFT that it executed."""

import json
import os
import sys
import tempfile
import threading
from types import FrameType
from typing import Any, Dict, List, Set, Tuple

from peft_matrix_probe.cell import run as run_cell
from peft_matrix_probe.rank import Rank


def run(rank: Rank) -> None:
    """Run the cell under a tracer, and leave ``config`` and ``lines`` in a file, however it ends."""
    import peft

    seen: Set[Tuple[str, int]] = set()
    package = os.path.dirname(peft.__file__) + os.sep

    def on_line(frame: FrameType, _event: str, _argument: Any) -> Any:
        seen.add((frame.f_code.co_filename, frame.f_lineno))
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line(frame, event, argument) if frame.f_code.co_filename.startswith(package) else None

    threading.settrace(on_call)
    sys.settrace(on_call)
    try:
        run_cell(rank)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        _leave(rank.request["config"], package, seen)


def _leave(config: Dict[str, Any], package: str, seen: Set[Tuple[str, int]]) -> None:
    lines: Dict[str, List[int]] = {}
    for file, line in sorted(seen):
        lines.setdefault(file[len(package) :], []).append(line)
    folder = os.environ["PEFT_MUTANTS_TRACE"]
    handle, path = tempfile.mkstemp(dir=folder, prefix="writing-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"config": config, "lines": lines}, file)
    os.rename(path, os.path.join(folder, os.path.basename(path).replace("writing-", "lines-") + ".json"))
