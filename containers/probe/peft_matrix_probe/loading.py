"""Where a rank's program comes from: the real cell, or a file given for tests."""

from typing import Any, Dict, Optional

from peft_matrix_probe.cell import run
from peft_matrix_probe.children import Load
from peft_matrix_probe.rank import Program, Rank


def loader(program_path: Optional[str]) -> Load:
    """Return what gives a rank its program: ``run(rank)`` of a Python file, or the real cell."""
    if program_path is None:
        return lambda _rank: run

    def load(_rank: Rank) -> Program:
        namespace: Dict[str, Any] = {"__name__": "peft_matrix_program", "__file__": program_path}
        with open(program_path, encoding="utf-8") as file:
            exec(compile(file.read(), program_path, "exec"), namespace)
        return namespace["run"]

    return load
