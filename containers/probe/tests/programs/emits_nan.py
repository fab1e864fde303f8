"""Observes numbers that JSON cannot say."""


def run(rank):
    with rank.phase("train"):
        pass
    return {"losses": [float("nan"), float("inf"), float("-inf"), 0.5]}
