"""Lists faults as JSON: ``python -m peft_mutants.mutator`` with a request on stdin.

The request says ``package`` (the folder of PEFT), ``files`` (below it), ``lines`` (of each file, those that some cell
executes), ``count``, ``seed``, and, in ``only``, the ids of faults to list instead of a sample.
"""

import json
import os
import sys
from typing import Any, Dict, List

from peft_mutants.module import Module
from peft_mutants.sampling import sample
from peft_mutants.sites import Mutant, mutants_of


def choose(request: Dict[str, Any]) -> Dict[str, Any]:
    """Return the faults that the request asks for, and how many there are on lines that are executed."""
    reached: List[Mutant] = []
    for file in request["files"]:
        with open(os.path.join(request["package"], file), encoding="utf-8", newline="") as source:
            module = Module(file, source.read())
        executed = set(request["lines"].get(file, ()))
        reached += [mutant for mutant in mutants_of(module) if not executed.isdisjoint(mutant.reached_by)]
    only = request.get("only")
    chosen = sample(reached, request["count"], request["seed"])
    if only is not None:
        chosen = [mutant for mutant in reached if mutant.id in only]
    return {"reached": len(reached), "mutants": [mutant.facts() for mutant in chosen]}


if __name__ == "__main__":
    json.dump(choose(json.load(sys.stdin)), sys.stdout)
