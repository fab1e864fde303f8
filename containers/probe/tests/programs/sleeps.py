"""Sleeps for ever, deaf to SIGTERM."""

import signal
import time


def run(rank):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with rank.phase("train"):
        while True:
            time.sleep(60)
