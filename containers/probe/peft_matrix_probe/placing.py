"""On which device each rank of a cell runs, and through which backend the ranks meet."""

from typing import Any, Dict, List, NamedTuple, Optional


class Placement(NamedTuple):
    """Where the ranks of a cell run."""

    #: ``none``, ``gloo`` or ``nccl``.
    backend: str
    #: ``cpu`` or ``cuda:N`` of each rank.
    devices: List[str]
    #: What ``CUDA_VISIBLE_DEVICES`` is in the ranks; None to leave it alone.
    visible: Optional[str]


def place(request: Dict[str, Any], leased: Optional[List[int]], count: int, visible: Optional[str]) -> Placement:
    """Give each rank its device.

    ``leased`` are the GPUs of the ranks among the ``count`` that this process sees, or None for any; ``visible`` is our
    own ``CUDA_VISIBLE_DEVICES``. Ranks see their leased GPUs alone, numbered from 0: what a library does on "the first
    GPU" then disturbs no other cell, and an observation does not depend on which ones were free.

    Raises ValueError for GPUs that are not there.
    """
    ranks = request["ranks"]
    alone = request["config"].get("sharding", "none") == "none" and ranks == 1
    if request["device"] == "cpu":
        if leased is not None:
            raise ValueError("a cell on the CPU has no devices")
        return Placement("none" if alone else "gloo", ["cpu"] * ranks, None)
    if leased is None:
        numbers, shown = (list(range(ranks)) if count >= ranks else [0] * ranks), None
    else:
        if len(leased) != ranks:
            raise ValueError(f"{len(leased)} devices for {ranks} ranks")
        beyond = [device for device in leased if device >= count]
        if beyond:
            raise ValueError(f"there is no device {beyond[0]}: {count} are seen")
        distinct = sorted(set(leased))
        numbers = [distinct.index(device) for device in leased]
        shown = ",".join(_name(device, visible) for device in distinct)
    backend = "nccl" if len(set(numbers)) == ranks else "gloo"
    return Placement("none" if alone else backend, [f"cuda:{number}" for number in numbers], shown)


def _name(device: int, visible: Optional[str]) -> str:
    """Return what a new CUDA_VISIBLE_DEVICES calls a device that is a number among the old one's."""
    names = [name.strip() for name in visible.split(",")] if visible is not None else []
    return names[device] if device < len(names) else str(device)
