"""Raises because of something else that was raised."""


def run(rank):
    with rank.phase("wrap"):
        try:
            raise KeyError("no such unit")
        except KeyError as error:
            raise ValueError("cannot wrap") from error
