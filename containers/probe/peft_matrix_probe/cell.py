"""The real cell: build, adapt, wrap, train, and what users do then. It knows no adapter and no model by name."""

from typing import Any, Callable, Dict, List

from peft_matrix_probe.adapting import adapt
from peft_matrix_probe.building import build
from peft_matrix_probe.checkpoint import load, save
from peft_matrix_probe.combining import combine
from peft_matrix_probe.disabling import disable, enable
from peft_matrix_probe.generating import generate
from peft_matrix_probe.groups import join
from peft_matrix_probe.hotswapping import hotswap
from peft_matrix_probe.merging import merge, unmerge
from peft_matrix_probe.mixing import mix
from peft_matrix_probe.rank import Rank
from peft_matrix_probe.reading import read
from peft_matrix_probe.resuming import resume
from peft_matrix_probe.several import add_second, delete, switch
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import train
from peft_matrix_probe.wrapping import wrap

Facts = Dict[str, Any]

#: Each takes the state that the phases before it left, and returns fields of the observation (on rank 0; {} elsewhere).
STEPS: Dict[str, Callable[[CellState], Facts]] = {
    "build": build,
    "adapt": adapt,
    "wrap": wrap,
    "train": train,
    "save": save,
    "load": load,
    "disable": disable,
    "enable": enable,
    "generate": generate,
    "resume": resume,
    "second-adapter": add_second,
    "switch": switch,
    "delete": delete,
    "combine": combine,
    "hotswap": hotswap,
    "mixed-batch": mix,
    "merge": merge,
    "unmerge": unmerge,
    "read": read,
}


def run(rank: Rank) -> None:
    """Run the phases that the request asks for, then the usages, of which one may fail without the others."""
    state = CellState(rank.request, rank.index, rank.backend, rank.device, rank.directory)
    joined = False
    for phase in rank.request["phases"]:
        with rank.phase(phase):
            if not joined:
                join(rank)
                joined = True
            facts = STEPS[phase](state)
        rank.tell(facts)
    for usage in rank.request["usages"]:
        _try(rank, state, usage)


def _try(rank: Rank, state: CellState, phases: List[str]) -> None:
    """Run the phases of one usage; what it leaves behind when it fails is not used any more."""
    state.kept = {}
    finished = False
    with rank.usage():
        for phase in phases:
            with rank.phase(phase):
                facts = STEPS[phase](state)
            rank.tell(facts)
        finished = True
    state.touched = state.touched or not finished


def run_phases(state: CellState) -> Facts:
    """Run the phases in a process whose group is up already, and return what they showed: for measuring."""
    facts: Facts = {}
    usages = [phase for usage in state.request["usages"] for phase in usage]
    for phase in [*state.request["phases"], *usages]:
        facts.update(STEPS[phase](state))
    return facts
