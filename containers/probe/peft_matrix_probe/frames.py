"""Where things went wrong: tracebacks and faulthandler's dumps as short, machine-independent frames."""

import os
import re
import sys
from types import TracebackType
from typing import Any, Dict, List, Optional

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGES = re.compile(r".*[/\\](?:site|dist)-packages[/\\]")
_DUMPED = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<function>.*)$')

MOST_FRAMES = 30
MOST_CHARACTERS = 4000

Frame = Dict[str, Any]


def describe_exception(error: BaseException, scratch: Optional[str] = None) -> Dict[str, Any]:
    """Return ``{type, message, frames}``; the folder ``scratch`` reads ``<scratch>`` in the message."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        message = str(error)
    except Exception as unprintable:
        message = f"(its message cannot be printed: {type(unprintable).__name__!r})"
    if scratch:
        message = message.replace(scratch, "<scratch>")
    message = message.encode("utf-8", "replace").decode("utf-8")  # lone surrogates would not survive the way
    return {"type": name, "message": message[:MOST_CHARACTERS], "frames": frames_of(error.__traceback__)}


def frames_of(traceback: Optional[TracebackType]) -> List[Frame]:
    """Return the frames, outermost first; of many, the innermost ones."""
    frames: List[Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append({"file": short_path(code.co_filename), "function": code.co_name, "line": traceback.tb_lineno})
        traceback = traceback.tb_next
    return frames[-MOST_FRAMES:]


def frames_of_dump(text: str) -> List[Frame]:
    """Return the frames of the thread that a dump of faulthandler calls current, outermost first.

    Format: https://docs.python.org/3/library/faulthandler.html#example
    """
    threads: List[List[Frame]] = []
    current = 0
    for line in text.splitlines():
        found = _DUMPED.match(line)
        if found and threads:
            number = 0 if found["line"] == "???" else int(found["line"])
            threads[-1].append({"file": short_path(found["file"]), "function": found["function"], "line": number})
        elif "most recent call first" in line:
            if line.startswith("Current thread"):
                current = len(threads)
            threads.append([])
    return threads[current][::-1][-MOST_FRAMES:] if threads else []


def short_path(path: str) -> str:
    """Return the path below the folder that holds the package: ``peft/tuners/lora/dora.py``, ``<probe>/cell.py``."""
    if path.startswith("<"):
        return path
    if os.path.dirname(os.path.abspath(path)) == _HERE:
        return "<probe>/" + os.path.basename(path)
    below = _PACKAGES.sub("", path)
    if below != path:
        return below.replace("\\", "/")
    roots = [root for root in sys.path if root and path.startswith(root.rstrip("/") + "/")]
    if roots:
        return path[len(max(roots, key=len).rstrip("/")) + 1 :]
    return os.path.basename(path)
