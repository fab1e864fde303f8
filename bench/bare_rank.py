"""One of a crew of processes that are up already and run cell after cell: what a cell costs at the least.

Usage: ``bare_rank.py RANK RANKS FOLDER``. Each line on stdin is ``{"request": a cell, "cells": how often}``; the answer
is a line with the facts of the last of them. Between two cells nothing happens: no fork, no import, no request.
"""

import gc
import json
import os
import sys
from typing import Any, Dict, NoReturn

from peft_matrix_probe.messages import encode, write_all
from peft_matrix_probe.surroundings import arrange_environment, take_stdout


def main(index: int, ranks: int, folder: str) -> NoReturn:
    """Set everything up once, then run what is asked for until stdin ends."""
    arrange_environment("cpu")
    answers = take_stdout()
    from peft_matrix_probe.cell import run_phases
    from peft_matrix_probe.groups import join
    from peft_matrix_probe.libraries import import_libraries
    from peft_matrix_probe.rank import Rank
    from peft_matrix_probe.state import CellState
    from peft_matrix_probe.warming import warm_up

    import_libraries()
    backend = "none" if ranks == 1 else "gloo"
    task = {"request": {"ranks": ranks}, "rank": index, "backend": backend, "device": "cpu", "directory": folder}
    join(Rank(task, answers))
    warm_up("cpu")
    # As the probe does before it forks: else every collection would walk through all that the libraries have built.
    gc.collect()
    gc.freeze()
    write_all(answers, encode({}))
    done = 0
    for line in sys.stdin:
        asked = json.loads(line)
        facts: Dict[str, Any] = {}
        for number in range(done, done + asked["cells"]):
            place = os.path.join(folder, str(number))
            os.makedirs(place, exist_ok=True)
            facts = run_phases(CellState(asked["request"], index, backend, "cpu", place))
        done += asked["cells"]
        write_all(answers, encode(facts))
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
