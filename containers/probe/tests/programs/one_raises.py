"""Rank 1 raises while rank 0 waits for it in a collective."""


def run(rank):
    import torch
    import torch.distributed as dist

    from peft_matrix_probe.groups import join

    with rank.phase("build"):
        join(rank)
    with rank.phase("train"):
        if rank.index == 1:
            raise KeyError("the cause")
        dist.all_reduce(torch.ones(1))
