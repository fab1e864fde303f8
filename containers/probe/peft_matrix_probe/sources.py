"""What a version string does not say: a package that comes from sources keeps its version while it changes."""

import ast
import hashlib
import json
import os
import re
import sys
from importlib import metadata
from importlib.util import find_spec
from typing import Any, Dict, Iterator, List, Optional

_INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\]")

#: What is taken for a version when a module says it of itself: PEP 440, without a local part.
_VERSION = re.compile(r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?")


def version_of(name: str) -> Optional[str]:
    """Return the version of a package as it would be imported, or None when there is none, without importing it.

    What comes from sources has their mark behind the version, such as ``0.21.3.dev0+src.1f0c33a0b1d2``. A module that
    hides the installed one, such as a source tree in front on the import path, has its own version: that of the
    installation is somebody else's.
    """
    try:
        distribution: Optional[metadata.Distribution] = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        distribution = None
    if distribution is None:
        folder = _package_folder(name)
        # An installation under another name, such as pytorch-triton, says nothing of its modules.
        if folder is None or _INSTALLED.search(folder):
            return None
        return _join(_own_version(name, folder) or "0", "src." + _hash_of(folder))
    mark = source_mark(distribution, name)
    version = distribution.version
    if mark is not None and _origin(distribution) is None:
        folder = _package_folder(name)
        version = (_own_version(name, folder) if folder else None) or version
    return version if mark is None else _join(version, mark)


def source_mark(distribution: metadata.Distribution, module: str) -> Optional[str]:
    """Return what identifies the sources of a package beyond the version of its distribution, or None for a release.

    ``git.<commit>`` when it came from a repository, ``src.<hash>`` of the archive when it came from one that is on no
    index; ``src.<hash>`` of its Python files when they are not beside the distribution's metadata, also when it is
    installed as editable (PEP 610, ``direct_url.json``); both when both hold.
    """
    origin = _origin(distribution) or {}
    marks = []
    commit = origin.get("vcs_info", {}).get("commit_id")
    if commit:
        marks.append("git." + commit[:12])
    archive = origin.get("archive_info", {}).get("hashes", {}).get("sha256")
    if archive:
        marks.append("src." + archive[:12])
    folder = _package_folder(module)
    if "dir_info" in origin or (folder is not None and _is_elsewhere(distribution, folder)):
        marks.append("src." + (_hash_of(folder) if folder else _hash_of_sources([])))
    return ".".join(marks) or None


def _origin(distribution: metadata.Distribution) -> Optional[Dict[str, Any]]:
    text = distribution.read_text("direct_url.json")
    return json.loads(text) if text else None


def _is_elsewhere(distribution: metadata.Distribution, folder: str) -> bool:
    """Whether the package in this folder is not what the distribution installed."""
    if distribution.read_text("SOURCES.txt") and not distribution.read_text("installed-files.txt"):
        # An egg-info that a build left in a source tree.
        return True
    base = os.path.realpath(str(distribution.locate_file("")))
    return os.path.dirname(os.path.realpath(folder)) != base


def _package_folder(module: str) -> Optional[str]:
    """Return the folder of a package as it would be imported; None when there is none, or no file makes it one."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or not spec.submodule_search_locations:
        return None
    return next(iter(spec.submodule_search_locations))


def _own_version(module: str, folder: str) -> Optional[str]:
    """Return what the module calls its version: what it says once imported, else what stands in its file."""
    said = getattr(sys.modules.get(module), "__version__", None)
    if not isinstance(said, str):
        said = _written_version(os.path.join(folder, "__init__.py"))
    return said if said is not None and _VERSION.fullmatch(said) else None


def _written_version(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return None
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        if any(isinstance(target, ast.Name) and target.id == "__version__" for target in targets):
            value = getattr(statement.value, "value", getattr(statement.value, "s", None))
            return value if isinstance(value, str) else None
    return None


def _join(version: str, mark: str) -> str:
    return version + ("." if "+" in version else "+") + mark


def _hash_of(folder: str) -> str:
    return _hash_of_sources([folder])


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
