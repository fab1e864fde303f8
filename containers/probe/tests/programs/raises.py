"""Raises in every rank, as most failures do."""


def run(rank):
    with rank.phase("wrap"):
        print("what was printed before")
        raise ValueError(f"Must flatten tensors in {rank.directory}")
