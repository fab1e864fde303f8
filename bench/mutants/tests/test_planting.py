"""Modules made from another text: in processes of their own, for what is imported stays."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent

PROGRAM = """
import sys
from peft_mutants.planting import plant
{early}
plant("some", lambda name, source: {text})
import some.layer
print(some.layer.value, some.layer.__file__ == sys.path[0] + "/some/layer.py", some.other.value)
"""


@pytest.fixture
def package(tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some/__init__.py").write_text("")
    (tmp_path / "some/layer.py").write_text("import some.other\nvalue = 1 + some.other.value\n")
    (tmp_path / "some/other.py").write_text("value = 2\n")
    return tmp_path


def run(package, text: str, early: str = ""):
    program = f"import sys\nsys.path.insert(0, {str(package)!r})\n" + PROGRAM.format(text=text, early=early)
    return subprocess.run([sys.executable, "-c", program], cwd=HERE, capture_output=True, text=True, check=False)


def test_nothing_planted_changes_nothing(package):
    assert run(package, "source").stdout == "3 True 2\n"
    assert run(package, "None").stdout == "3 True 2\n"


def test_one_module_is_made_from_another_text(package):
    assert run(package, 'source.replace(b"1 +", b"1 -") if name == "some.layer" else None').stdout == "-1 True 2\n"


def test_compiled_files_are_not_looked_at(package):
    run(package, "None")
    assert run(package, 'b"value = 9" if name == "some.other" else None').stdout == "10 True 9\n"


def test_what_is_imported_already_cannot_be_planted(package):
    assert "already imported: some" in run(package, "None", early="import some.other").stderr
