"""A package that changes under the same version must not look the same."""

import importlib
import json
from importlib import metadata
from pathlib import Path

import pytest

from peft_matrix_probe.sources import source_mark


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


def test_an_editable_installation_is_marked_by_its_content(folder: Path) -> None:
    distribution = install(folder, {"url": "file:///x", "dir_info": {"editable": True}})
    before = source_mark(distribution, "made_up_peft")
    assert before is not None and before.startswith("src.")
    assert source_mark(distribution, "made_up_peft") == before
    (folder / "made_up_peft" / "__init__.py").write_text("value = 2\n")
    assert source_mark(distribution, "made_up_peft") != before
