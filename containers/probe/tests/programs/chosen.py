"""Runs the program beside this file that the request's config names: so one probe can try them all."""

import os
import runpy


def run(rank):
    folder = os.path.dirname(os.path.abspath(__file__))
    return runpy.run_path(os.path.join(folder, rank.request["config"]["program"] + ".py"))["run"](rank)
