"""Prints the hash of a text in the exception that it raises."""


def run(rank):
    raise ValueError(f"hash {hash('a text')}")
