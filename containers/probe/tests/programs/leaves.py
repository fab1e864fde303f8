"""Leaves without a word."""

import os


def run(rank):
    with rank.phase("adapt"):
        os._exit(7)
