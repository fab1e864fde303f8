"""How the ranks of a cell meet: through a file in the cell's private folder, so no port is ever needed."""

import os
from datetime import timedelta

from peft_matrix_probe.rank import Rank

#: Longer than any deadline of a phase: the parent decides when a cell hangs, not the process group.
_TIMEOUT = timedelta(hours=1)


def join(rank: Rank) -> None:
    """Initialise the process group, as users do before they build the model; nothing for backend ``none``."""
    if rank.backend == "none":
        return
    import torch.distributed as dist

    if rank.device != "cpu":
        import torch

        torch.cuda.set_device(rank.device)
    store = dist.FileStore(os.path.join(rank.directory, "rendezvous"), rank.ranks)
    dist.init_process_group(rank.backend, store=store, rank=rank.index, world_size=rank.ranks, timeout=_TIMEOUT)
