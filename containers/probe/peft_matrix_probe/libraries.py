"""The libraries under test: importing them, and which versions are installed."""

import platform
from typing import Dict

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


def installed_versions() -> Dict[str, str]:
    """Return python and every watched package that is installed, to its version, without importing any."""
    from importlib import metadata

    versions = {"python": platform.python_version()}
    for name in WATCHED:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
