"""The libraries under test: importing them, and which versions are installed."""

import platform
from typing import Dict, Iterable

#: Packages whose versions can change what a cell shows.
WATCHED = (
    "torch",
    "peft",
    "transformers",
    "accelerate",
    "numpy",
    "safetensors",
    "bitsandbytes",
    "deepspeed",
    "triton",
    "torchao",
)


def import_libraries() -> None:
    """Import torch, transformers and PEFT, in that order, with one torch thread.

    Raises whatever they raise.
    """
    import torch

    torch.set_num_threads(1)
    import transformers  # noqa: F401

    import peft  # noqa: F401  # isort: skip


def installed_versions(further: Iterable[str]) -> Dict[str, str]:
    """Return python and every package that there is, of the watched and further ones, to its version; imports none.

    What was not installed from a release has the mark of its sources behind the version, such as
    ``0.21.3.dev0+src.1f0c33a0b1d2``.
    """
    from peft_matrix_probe.sources import version_of

    found = {name: version_of(name) for name in (*WATCHED, *further)}
    versions = {name: version for name, version in found.items() if version is not None}
    return {"python": platform.python_version(), **versions}
