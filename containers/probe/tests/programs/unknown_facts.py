"""Observes something that an observation has no place for."""


def run(rank):
    with rank.phase("build"):
        pass
    return {"horoscope": "good"}
