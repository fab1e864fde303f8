"""Reads what the harness asks for."""

import json
import os
from typing import Any, Dict

from peft_matrix_probe import PHASES

_RUN = {
    "config": dict,
    "model": dict,
    "adapter": (dict, type(None)),
    "ranks": int,
    "device": str,
    "seed": int,
    "steps": int,
    "learningRate": (int, float),
    "batch": int,
    "sequence": int,
    "phases": list,
    "usages": list,
    "phaseDeadlineMs": (int, float),
    "graceMs": (int, float),
}
#: What ``read`` reads.
_CHECKPOINT = "checkpoint"
_POSITIVE = ("ranks", "steps", "batch", "sequence", "phaseDeadlineMs", "graceMs")


class UnreadableRequestError(ValueError):
    """A request that cannot be answered; ``identity`` is its id, if it has one."""

    def __init__(self, identity: Any, reason: str) -> None:
        super().__init__(reason)
        self.identity = identity if isinstance(identity, int) and not isinstance(identity, bool) else None


def parse(line: bytes) -> Dict[str, Any]:
    """Return ``{"id", "run"}`` or ``{"cancel"}``.

    Raises UnreadableRequestError for anything else.
    """
    try:
        message = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UnreadableRequestError(None, f"not a line of JSON: {error}") from error
    if not isinstance(message, dict):
        raise UnreadableRequestError(None, "not an object")
    if isinstance(message.get("cancel"), int):
        return message
    identity = message.get("id")
    if not isinstance(identity, int) or isinstance(identity, bool):
        raise UnreadableRequestError(None, "neither a run with an id nor a cancel")
    if not isinstance(message.get("run"), dict):
        raise UnreadableRequestError(identity, "no cell to run")
    _check(identity, message["run"])
    _check_devices(identity, message.get("devices"))
    return message


def _check(identity: int, run: Dict[str, Any]) -> None:
    for name, kind in _RUN.items():
        if name not in run:
            raise UnreadableRequestError(identity, f"{name} is missing")
        if not isinstance(run[name], kind) or isinstance(run[name], bool):  # type: ignore[arg-type]
            raise UnreadableRequestError(identity, f"{name} has the wrong type: {run[name]!r}")
    for name in _POSITIVE:
        if run[name] <= 0:
            raise UnreadableRequestError(identity, f"{name} is not positive: {run[name]!r}")
    if not all(isinstance(usage, list) and usage for usage in run["usages"]):
        raise UnreadableRequestError(identity, f"usages are not lists of phases: {run['usages']!r}")
    for phase in [*run["phases"], *(phase for usage in run["usages"] for phase in usage)]:
        if phase not in PHASES[1:]:
            raise UnreadableRequestError(identity, f"no phase is called {phase!r}")
    if "read" in run["phases"] and not _is_checkpoint(run.get(_CHECKPOINT)):
        raise UnreadableRequestError(identity, f"no checkpoint to read: {run.get(_CHECKPOINT)!r}")
    if run["usages"] and run["ranks"] > 1:
        raise UnreadableRequestError(identity, "usages are for cells of one rank")
    if run["batch"] % run["ranks"]:
        raise UnreadableRequestError(identity, f"a batch of {run['batch']} cannot be shared by {run['ranks']} ranks")


def _is_checkpoint(given: Any) -> bool:
    files = given.get("files") if isinstance(given, dict) else None
    return isinstance(files, dict) and all(
        isinstance(content, str) and os.path.basename(name) == name for name, content in files.items()
    )


def _check_devices(identity: int, devices: Any) -> None:
    if devices is None:
        return
    numbers = isinstance(devices, list) and all(
        isinstance(each, int) and not isinstance(each, bool) for each in devices
    )
    if not numbers or any(each < 0 for each in devices):
        raise UnreadableRequestError(identity, f"devices are not numbers from 0: {devices!r}")
