"""What a version string does not say: a package installed from sources keeps its version while it changes."""

import hashlib
import json
import os
from importlib import metadata
from importlib.util import find_spec
from typing import Iterator, List, Optional


def source_mark(distribution: metadata.Distribution, module: str) -> Optional[str]:
    """Return what identifies the sources of an installation beyond its version, or None for a release.

    ``git.<commit>`` when it came from a repository; ``src.<hash>`` of its Python files when it came from a folder, also
    when it is installed as editable (PEP 610, ``direct_url.json``).
    """
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    commit = origin.get("vcs_info", {}).get("commit_id")
    if commit:
        return "git." + commit[:12]
    if "dir_info" not in origin:
        return None
    spec = find_spec(module)
    folders = list(spec.submodule_search_locations or []) if spec else []
    return "src." + _hash_of_sources(folders)


def _hash_of_sources(folders: List[str]) -> str:
    overall = hashlib.blake2b(digest_size=6)
    for folder in folders:
        for path in sorted(_python_files(folder)):
            with open(path, "rb") as file:
                content = hashlib.blake2b(file.read(), digest_size=8).hexdigest()
            overall.update(f"{os.path.relpath(path, folder)} {content}\n".encode())
    return overall.hexdigest()


def _python_files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(place, name)
