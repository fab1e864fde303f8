"""A rank in a fresh interpreter: it imports everything itself, so nothing that a parent did can touch it."""

import json
from typing import NoReturn, Optional

from peft_matrix_probe.libraries import import_libraries
from peft_matrix_probe.loading import loader
from peft_matrix_probe.rank import Program, Rank, live, settle_in


def live_cold(task_path: str, program_path: Optional[str]) -> NoReturn:
    """Run the rank that a task file describes, in this process."""
    with open(task_path, "rb") as file:
        task = json.loads(file.read().decode("utf-8"))
    settle_in(task["parent"], task["stacksPath"])
    load = loader(program_path)

    def import_then_load(rank: Rank) -> Program:
        with rank.phase("import"):
            import_libraries()
        return load(rank)

    live(task, task["messageFd"], import_then_load)
