"""Starts processes that outlive it, one of them in a session of its own, and answers with their numbers."""

import os
import time


def run(rank):
    pids = []
    with rank.phase("train"):
        for own_session in (False, True):
            pid = os.fork()
            if pid == 0:
                if own_session:
                    os.setsid()
                while True:
                    time.sleep(60)
            pids.append(float(pid))
        time.sleep(0.2)
    return {"losses": pids}
