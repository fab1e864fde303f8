"""A package that changes under the same version must not look the same."""

import importlib
import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from peft_matrix_probe.sources import source_mark, version_of


def install(folder: Path, origin: object) -> metadata.Distribution:
    package = folder / "made_up_peft"
    package.mkdir()
    (package / "__init__.py").write_text("value = 1\n")
    information = folder / "made_up_peft-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-peft\nVersion: 1.0\n")
    if origin is not None:
        (information / "direct_url.json").write_text(json.dumps(origin))
    importlib.invalidate_caches()
    return metadata.distribution("made_up_peft")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_release_has_no_mark(folder: Path) -> None:
    assert source_mark(install(folder, None), "made_up_peft") is None


def test_a_repository_is_marked_by_its_commit(folder: Path) -> None:
    origin = {"url": "https://example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "0123456789abcdef0123"}}
    assert source_mark(install(folder, origin), "made_up_peft") == "git.0123456789ab"


def test_an_archive_is_marked_by_its_hash(folder: Path) -> None:
    origin = {"url": "file:///x.whl", "archive_info": {"hashes": {"sha256": "fedcba9876543210" * 4}}}
    assert source_mark(install(folder, origin), "made_up_peft") == "src.fedcba987654"


def test_an_editable_installation_is_marked_by_its_content(folder: Path) -> None:
    distribution = install(folder, {"url": "file:///x", "dir_info": {"editable": True}})
    before = source_mark(distribution, "made_up_peft")
    assert before is not None and before.startswith("src.")
    assert source_mark(distribution, "made_up_peft") == before
    (folder / "made_up_peft" / "__init__.py").write_text("value = 2\n")
    assert source_mark(distribution, "made_up_peft") != before


def module(folder: Path, text: str) -> None:
    package = folder / "made_up_peft"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(text)
    importlib.invalidate_caches()


@pytest.fixture
def tree(folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of the one with the installed package."""
    place = tmp_path_factory.mktemp("tree")
    monkeypatch.syspath_prepend(str(place))
    return place


def test_a_release_has_its_version(folder: Path) -> None:
    install(folder, None)
    assert version_of("made_up_peft") == "1.0"


def test_what_is_not_there_has_no_version(folder: Path) -> None:
    assert version_of("made_up_peft") is None


def test_a_module_that_hides_the_installed_one_has_its_own_version_and_mark(folder: Path, tree: Path) -> None:
    install(folder, None)
    module(tree, '"""Made up."""\n\n__version__ = "2.0.1.dev0"\n')
    before = version_of("made_up_peft")
    assert before is not None and before.startswith("2.0.1.dev0+src.")
    (tree / "made_up_peft" / "more.py").write_text("")
    after = version_of("made_up_peft")
    assert after is not None and after.startswith("2.0.1.dev0+src.") and after != before


@pytest.mark.parametrize("text", ["", "__version__ = 2\n", "__version__ = 'unknown'\n", "__version__ = (\n"])
def test_a_module_that_hides_the_installed_one_and_says_no_version_has_its_mark_at_least(
    folder: Path, tree: Path, text: str
) -> None:
    install(folder, None)
    module(tree, text)
    version = version_of("made_up_peft")
    assert version is not None and version.startswith("1.0+src.")


def test_what_an_imported_module_says_counts(folder: Path, tree: Path) -> None:
    install(folder, None)
    module(tree, "__version__ = '.'.join(['2', '1'])\n")
    try:
        importlib.import_module("made_up_peft")
        version = version_of("made_up_peft")
    finally:
        del sys.modules["made_up_peft"]
    assert version is not None and version.startswith("2.1+src.")


def test_a_module_that_nobody_installed_has_its_own_version_and_mark(tree: Path) -> None:
    module(tree, "__version__: str = '2.0'\n")
    version = version_of("made_up_peft")
    assert version is not None and version.startswith("2.0+src.")


def test_a_module_of_an_installation_of_another_name_is_left_to_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tree / "site-packages"
    monkeypatch.syspath_prepend(str(place))
    module(place, "__version__ = '2.0'\n")
    assert version_of("made_up_peft") is None


def test_the_metadata_that_a_build_left_in_a_source_tree_is_no_installation(folder: Path, tree: Path) -> None:
    install(folder, None)
    module(tree, "__version__ = '2.0'\n")
    information = tree / "made_up_peft.egg-info"
    information.mkdir()
    (information / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: made-up-peft\nVersion: 1.5\n")
    (information / "SOURCES.txt").write_text("setup.py\n")
    importlib.invalidate_caches()
    version = version_of("made_up_peft")
    assert version is not None and version.startswith("2.0+src.")


def test_the_tree_of_a_commit_laid_over_an_installation_is_marked_by_both(folder: Path, tree: Path) -> None:
    """As ``overlay-tree.ts`` does it: a link to the package, and what an installer would write."""
    install(folder, None)
    module(tree / "checkout" / "src", "__version__ = '2.0'\n")
    (tree / "made_up_peft").symlink_to(tree / "checkout" / "src" / "made_up_peft")
    information = tree / "made_up_peft-2.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-peft\nVersion: 2.0\n")
    origin = {"url": "file:///x", "vcs_info": {"vcs": "git", "commit_id": "0123456789abcdef0123"}}
    (information / "direct_url.json").write_text(json.dumps(origin))
    importlib.invalidate_caches()
    version = version_of("made_up_peft")
    assert version is not None and version.startswith("2.0+git.0123456789ab.src.")
    (tree / "made_up_peft" / "__init__.py").write_text("__version__ = '2.0'  # the same\n")
    assert version_of("made_up_peft") != version
