"""Reads memory that is not there, in rank 1 if there is one."""

import ctypes


def run(rank):
    with rank.phase("build"):
        pass
    with rank.phase("train"):
        if rank.index == rank.ranks - 1:
            print("about to crash")
            ctypes.string_at(0)
