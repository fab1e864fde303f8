"""Rank 1 dies while rank 0 waits for it in a collective: rank 0 hears that the connection is closed."""

import os


def run(rank):
    import torch
    import torch.distributed as dist

    from peft_matrix_probe.groups import join

    with rank.phase("build"):
        join(rank)
    with rank.phase("train"):
        if rank.index == 1:
            os._exit(9)
        dist.all_reduce(torch.ones(1))
