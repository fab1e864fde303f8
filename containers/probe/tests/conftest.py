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
def cells():
    """A probe that runs real cells and has found out what to preload."""
    probe = Probe()
    yield probe
    probe.close()
