"""The loop: requests it cannot read, several cells at once, cancelling, hanging up."""

import contextlib
import os
import subprocess
import sys

import pytest
from talking import HERE, PROGRAMS, Probe, descendants, is_running, program_request, wait_until

from peft_matrix_probe import SEMANTICS


def lstm_runs_in_bfloat16():
    program = "import torch\nwith torch.autocast('cpu', torch.bfloat16): torch.nn.LSTM(4, 4)(torch.ones(2, 1, 4))"
    return subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_the_first_line_says_what_the_environment_offers(programs):
    hello = programs.first["hello"]
    assert hello["semantics"] == SEMANTICS
    assert {"python", "torch", "peft", "transformers"} <= set(hello["versions"])
    assert "r" in hello["configClasses"]["LoraConfig"]
    assert {"float32", "bfloat16"} <= set(hello["dtypes"])
    assert hello["lstmDtypes"] == (["bfloat16"] if lstm_runs_in_bfloat16() else [])
    assert {"ddp", "fsdp1"} <= set(hello["shardings"])
    assert hello["machine"]["threads"] == 1
    assert hello["preloaded"] == []


@pytest.mark.parametrize(
    ("line", "identity", "words"),
    [
        (b"{half", None, "not a line of JSON"),
        (b"\xff\xfe", None, "not a line of JSON"),
        (b"[]", None, "not an object"),
        (b"[" * 100_000, None, "not a line of JSON"),
        (b'{"run": {}}', None, "id"),
        (b'{"id": 3}', 3, "no cell"),
        (b'{"id": 4, "run": {}}', 4, "config is missing"),
        (b'{"id": true, "run": {}}', None, "id"),
    ],
)
def test_a_request_that_cannot_be_read_is_answered_with_an_error(programs, line, identity, words):
    programs.send(line)
    answer = programs.read()
    assert answer["id"] == identity
    assert words in answer["error"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"batch": 3}, "cannot be shared"),
        ({"phases": ["build", "fly"]}, "no phase"),
        ({"steps": 0}, "not positive"),
        ({"ranks": "two"}, "wrong type"),
    ],
)
def test_a_cell_that_makes_no_sense_is_answered_with_an_error(programs, change, words):
    programs.send({"id": 8, "run": dict(program_request("answers"), **change)})
    answer = programs.read()
    assert answer["id"] == 8
    assert words in answer["error"]


def test_cells_run_at_the_same_time_and_each_is_answered_once(programs):
    programs.send({"id": 1, "run": program_request("sleeps", phase_deadline_ms=3000)})
    for identity in (2, 3, 4):
        programs.send({"id": identity, "run": dict(program_request("answers"), seed=identity)})
    answers = [programs.read() for _ in range(4)]
    assert answers[-1]["id"] == 1
    quick = {answer["id"]: answer["observation"]["losses"] for answer in answers[:3]}
    assert quick == {2: [2.0], 3: [3.0], 4: [4.0]}


def test_a_cancelled_cell_is_answered_as_cancelled_and_leaves_no_process(programs):
    programs.send({"id": 7, "run": program_request("sleeps")})
    assert wait_until(lambda: len(descendants(programs.process.pid)) == 2)
    programs.send({"cancel": 7})
    assert programs.read() == {"id": 7, "cancelled": True}
    assert wait_until(lambda: not descendants(programs.process.pid))


def test_cancelling_what_is_not_under_way_is_not_answered(programs):
    programs.send({"cancel": 99})
    assert programs.run_program("answers", ranks=1)["losses"] == [5.0]


def test_scratch_folders_are_removed(programs, tmp_path):
    probe = programs.process.pid
    programs.run_program("answers")
    open_folders = [name for name in os.listdir(tempfile_root()) if f".{probe}." in name]
    assert len(open_folders) == 1
    folder = os.path.join(tempfile_root(), open_folders[0])
    assert wait_until(lambda: os.listdir(folder) == [])


def test_everything_ends_at_once_when_stdin_closes_even_while_cells_run():
    probe = Probe("--program", os.path.join(PROGRAMS, "sleeps.py"))
    for identity in (1, 2):
        probe.send({"id": identity, "run": program_request("sleeps")})
    assert wait_until(lambda: len(descendants(probe.process.pid)) == 4)
    family = descendants(probe.process.pid)
    assert probe.close() == 0
    assert wait_until(lambda: not any(is_running(pid) for pid in family), deadline_s=10)
    assert not [name for name in os.listdir(tempfile_root()) if f".{probe.process.pid}." in name]


def test_ranks_die_with_a_probe_that_is_killed_and_the_next_one_sweeps_its_folder():
    probe = Probe("--program", os.path.join(PROGRAMS, "sleeps.py"))
    probe.send({"id": 1, "run": program_request("sleeps")})
    assert wait_until(lambda: len(descendants(probe.process.pid)) == 2)
    family = descendants(probe.process.pid)
    probe.process.kill()
    probe.process.wait()
    probe.close()
    assert wait_until(lambda: not any(is_running(pid) for pid in family), deadline_s=10)
    from peft_matrix_probe.scratch import make_scratch, remove

    remove(make_scratch())
    assert not [name for name in os.listdir(tempfile_root()) if f".{probe.process.pid}." in name]


def test_libraries_that_cannot_be_imported_are_one_message_and_exit_status_3():
    probe = Probe(python_path=[os.path.join(HERE, "broken")])
    failure = probe.first["importFailure"]
    assert failure["type"] == "ImportError"
    assert failure["message"] == "libtorch_cpu.so: cannot open shared object file"
    assert failure["frames"][-1]["file"] == "torch/__init__.py"
    assert failure["versions"]["peft"]
    assert probe.process.wait(30) == 3
    probe.close()


def tempfile_root():
    import tempfile

    return tempfile.gettempdir()


def test_the_seed_of_hashes_is_what_it_is_asked_for():
    def hash_of(seed):
        with contextlib.closing(Probe("--program", os.path.join(PROGRAMS, "hashes.py"), "--hash-seed", seed)) as probe:
            return probe.run(program_request("hashes"))["stop"]["exception"]["message"]

    assert hash_of("0") == hash_of("0")
    assert hash_of("0") != hash_of("1")
