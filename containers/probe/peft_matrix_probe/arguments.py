"""The command line of the probe."""

import argparse
from typing import List


def parse_arguments(arguments: List[str]) -> argparse.Namespace:
    """Return ``device``, ``watch``, ``preload`` (names or None), ``hash_seed``, ``cold``, ``program`` and ``task``."""
    parser = argparse.ArgumentParser(
        prog="python -m peft_matrix_probe",
        description="Run cells of peft-matrix: JSON lines on stdin and stdout (containers/protocol.ts).",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where cells run")
    parser.add_argument(
        "--watch",
        metavar="NAMES",
        type=_names,
        default=[],
        help="packages whose versions are told beside those that always are, with commas between",
    )
    parser.add_argument(
        "--preload",
        metavar="NAMES",
        type=_names,
        help="modules to import beforehand, with commas between; found out when it is not given",
    )
    parser.add_argument("--hash-seed", metavar="N", type=int, help="seed of Python's hashes, on which sets depend")
    parser.add_argument("--cold", action="store_true", help="every rank is a fresh interpreter instead of a fork")
    parser.add_argument("--program", metavar="FILE", help="for tests: a file with run(rank) in place of the real cell")
    parser.add_argument("--task", metavar="FILE", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _names(text: str) -> List[str]:
    return [name for name in text.split(",") if name]
