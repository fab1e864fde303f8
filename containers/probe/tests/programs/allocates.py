"""Wants more memory than its limit allows: in torch, or in Python."""

import resource


def run(rank):
    import torch

    with rank.phase("train"):
        limit = 32 << 30
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        if rank.request["config"].get("where") == "python":
            bytearray(1 << 36)
        torch.empty(1 << 36, dtype=torch.uint8)
