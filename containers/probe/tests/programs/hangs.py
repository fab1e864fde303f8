"""Rank 1 takes no part in a collective: both ranks hang, for different reasons."""

import time


def run(rank):
    import torch
    import torch.distributed as dist

    from peft_matrix_probe.groups import join

    with rank.phase("build"):
        join(rank)
    with rank.phase("train"):
        if rank.index == 1:
            take_no_part()
        dist.all_reduce(torch.ones(1))


def take_no_part():
    while True:
        time.sleep(60)
