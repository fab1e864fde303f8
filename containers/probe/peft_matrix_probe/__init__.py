"""Runs training configurations of PEFT in processes of their own and answers with observations.

The messages are described in ``containers/protocol.ts``, ``cell-request.ts`` and ``observation.ts``. Nothing here
imports a third-party package at module level: the same files run on Python 3.8 to 3.13, in any environment.
"""

#: Raise together with ``probeSemantics`` in ``containers/protocol.ts``.
SEMANTICS = 7

#: Phases of a cell's life, in the order they happen.
PHASES = (
    "import",
    "build",
    "adapt",
    "wrap",
    "train",
    "disable",
    "enable",
    "generate",
    "save",
    "load",
    "resume",
    "merge",
    "unmerge",
    "second-adapter",
    "switch",
    "delete",
    "combine",
    "hotswap",
    "mixed-batch",
    "read",
)
