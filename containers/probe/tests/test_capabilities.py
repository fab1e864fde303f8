import os
import signal

import pytest

from peft_matrix_probe.capabilities import facts_from_child


def ended_by(number):
    yield {"dtype": "float32"}
    os.kill(os.getpid(), number)
    yield {"dtype": "bfloat16"}


def test_a_crash_ends_what_is_offered():
    assert facts_from_child(lambda: ended_by(signal.SIGTRAP)) == [{"dtype": "float32"}]


def test_what_was_killed_is_not_taken_for_what_is_not_offered():
    with pytest.raises(RuntimeError, match="killed"):
        facts_from_child(lambda: ended_by(signal.SIGKILL))
