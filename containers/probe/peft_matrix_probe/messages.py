"""JSON lines, in both directions: floats that are not finite become strings, lines are cut out of a stream of bytes."""

import json
import math
import os
from typing import Any, Dict, List

#: A line longer than this is garbage, in bytes.
LONGEST_LINE = 64 << 20


def encode(message: Dict[str, Any]) -> bytes:
    """Return one line of JSON; NaN and infinities as ``"NaN"``, ``"Infinity"``, ``"-Infinity"``.

    Raises TypeError for what JSON cannot say.
    """
    try:
        text = json.dumps(message, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(message), allow_nan=False, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything to a blocking descriptor."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


#: Among the facts of rank 0, files that it hands over: name to content, in base64. They go beside the observation.
HANDED = "files"


class Lines:
    """Cuts complete lines out of chunks of bytes."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> List[bytes]:
        """Return the lines that ``chunk`` completed, without their ends.

        Raises ValueError when a line grows past ``LONGEST_LINE``.
        """
        self._rest += chunk
        if b"\n" not in chunk:
            if len(self._rest) > LONGEST_LINE:
                self._rest.clear()
                raise ValueError(f"a line of more than {LONGEST_LINE} bytes")
            return []
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return lines


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
