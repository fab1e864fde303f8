"""A process that has imported torch and transformers, and forks a probe for every fault, which then imports PEFT.

A fork before ``import peft`` is the cheapest way that is sound: PEFT's import takes well under a second, everything
before it ten times that, and no class of the faultless PEFT can be about in a process that never had it.

``python -m peft_mutants.nursery --preload NAMES`` reads a line of JSON for each probe: ``socket`` is the path on which
the harness listens for it, ``mutants`` what to plant (``file``, ``begin``, ``end``, ``after``), ``trace`` a folder for
the lines that its cells execute, or null.
"""

import json
import os
import signal
import socket
import sys
from typing import Any, Dict, List, NoReturn, Optional

from peft_matrix_probe.arguments import parse_arguments
from peft_matrix_probe.frames import describe_exception
from peft_matrix_probe.libraries import installed_versions
from peft_matrix_probe.messages import encode, write_all
from peft_matrix_probe.preload import preload
from peft_matrix_probe.rank import die_with
from peft_matrix_probe.surroundings import arrange_environment, take_stdout
from peft_matrix_probe.warming import warm_up

from peft_mutants.planting import plant
from peft_mutants.sites import apply

_TRACER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "traced_cell.py")


def main(arguments: List[str]) -> None:
    """Import what all probes share, say so, and fork one for each line of stdin."""
    options = parse_arguments(arguments)
    arrange_environment(options.device)
    out = take_stdout()
    import torch

    torch.set_num_threads(1)
    import transformers  # noqa: F401

    preload(options.preload or [], options.device, None)  # type: ignore[arg-type]
    warm_up(options.device)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: no zombies
    write_all(out, encode({"ready": True}))
    parent = os.getpid()
    for line in sys.stdin:
        order = json.loads(line)
        if os.fork() == 0:
            os.close(out)
            die_with(parent)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _be_probe(order, arguments)


def _be_probe(order: Dict[str, Any], arguments: List[str]) -> NoReturn:
    """Become a probe with a fault: on a socket in place of stdin and stdout."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(order["socket"])
    os.dup2(connection.fileno(), 0)
    protocol_fd = connection.detach()
    _plant_all(order["mutants"])
    if order["trace"] is not None:
        os.environ["PEFT_MUTANTS_TRACE"] = order["trace"]
        arguments = [*arguments, "--program", _TRACER]
    try:
        import peft  # noqa: F401
    except BaseException as error:
        write_all(
            protocol_fd, encode({"importFailure": {"versions": installed_versions(), **describe_exception(error)}})
        )
        os._exit(3)
    from peft_matrix_probe.opening import open_server

    open_server(protocol_fd, parse_arguments(arguments), 0.0).serve()


def _plant_all(mutants: List[Dict[str, Any]]) -> None:
    by_name = {_module_name(mutant["file"]): mutant for mutant in mutants}

    def text(name: str, source: bytes) -> Optional[bytes]:
        mutant = by_name.get(name)
        return None if mutant is None else apply(source, mutant["begin"], mutant["end"], mutant["after"])

    plant("peft", text)


def _module_name(file: str) -> str:
    name = "peft." + file[: -len(".py")].replace("/", ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name


if __name__ == "__main__":
    main(sys.argv[1:])
