import os

import pytest
from talking import PROGRAMS, Probe


@pytest.fixture(scope="session")
def programs():
    """A probe that runs the program named in the request instead of real cells."""
    probe = Probe("--program", os.path.join(PROGRAMS, "chosen.py"))
    yield probe
    probe.close()


@pytest.fixture(scope="session")
def preload_file(tmp_path_factory):
    return str(tmp_path_factory.mktemp("preload") / "modules.json")


@pytest.fixture(scope="session")
def cells(preload_file):
    """A probe that runs real cells; its first start finds out what to preload."""
    probe = Probe("--preload", preload_file)
    yield probe
    probe.close()
