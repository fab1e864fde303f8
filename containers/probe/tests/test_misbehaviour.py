"""What ranks can do to a probe: each is an observation, and the probe answers on."""

import time

import pytest
from talking import is_running, wait_until


def test_a_program_that_behaves_is_observed_without_a_stop(programs):
    observation = programs.run_program("answers")
    assert "stop" not in observation
    assert [phase["name"] for phase in observation["phases"]] == ["build", "train"]
    assert observation["losses"] == [5.0]
    assert observation["ranks"] == 2
    assert observation["backend"] == "gloo"
    assert observation["peakBytes"] > 1 << 20


def test_a_segfault_is_a_crash_with_its_signal_and_the_stack_in_the_output(programs):
    stop = programs.run_program("segfault")["stop"]
    assert (stop["kind"], stop["signal"], stop["rank"], stop["phase"]) == ("crash", "SIGSEGV", 1, "train")
    assert "about to crash" in stop["output"]
    assert "Segmentation fault" in stop["output"]
    assert "string_at" in stop["output"]


def test_leaving_without_a_word_is_a_crash_with_its_exit_code(programs):
    stop = programs.run_program("leaves", ranks=1)["stop"]
    assert (stop["kind"], stop["exitCode"], stop["phase"]) == ("crash", 7, "adapt")


def test_output_of_any_kind_and_size_does_not_disturb_the_answer(programs):
    observation = programs.run_program("prints_garbage")
    assert "stop" not in observation
    assert observation["losses"] == [1.0]


def test_numbers_that_json_cannot_say_arrive_as_words(programs):
    assert programs.run_program("emits_nan", ranks=1)["losses"] == ["NaN", "Infinity", "-Infinity", 0.5]


@pytest.mark.parametrize("program", ["garbage_messages", "unknown_facts"])
def test_an_answer_that_cannot_be_read_is_garbage(programs, program):
    assert programs.run_program(program, ranks=1)["stop"]["kind"] == "garbage"


def test_a_program_that_cannot_be_imported_is_an_exception(programs):
    stop = programs.run_program("dies_at_import")["stop"]
    assert stop["kind"] == "exception"
    assert stop["exception"]["type"] == "ImportError"


def test_an_exception_in_every_rank_is_told_of_rank_0_with_message_frames_and_output(programs):
    stop = programs.run_program("raises")["stop"]
    assert (stop["kind"], stop["phase"], stop["rank"]) == ("exception", "wrap", 0)
    assert stop["exception"]["type"] == "ValueError"
    assert stop["exception"]["message"] == "Must flatten tensors in <scratch>"
    assert stop["exception"]["frames"][-1]["function"] == "run"
    assert stop["exception"]["frames"][0]["file"] == "<probe>/rank.py"
    assert stop["output"] == "what was printed before\n"
    assert "stacks" not in stop


def test_what_an_exception_came_from_is_in_the_output(programs):
    stop = programs.run_program("raises_from", ranks=1)["stop"]
    assert stop["exception"]["message"] == "cannot wrap"
    assert "KeyError: 'no such unit'" in stop["output"]
    assert "cannot wrap" not in stop["output"]


def test_the_rank_that_raised_is_the_cause_and_the_one_that_waits_for_it_shows_its_stack(programs):
    stop = programs.run_program("one_raises")["stop"]
    assert (stop["kind"], stop["rank"], stop["exception"]["type"]) == ("exception", 1, "KeyError")
    assert [stack["rank"] for stack in stop["stacks"]] == [0]
    assert any(frame["function"] == "all_reduce" for frame in stop["stacks"][0]["frames"])


def test_a_hang_is_a_timeout_with_the_stacks_of_all_ranks_and_names_the_one_outside_the_collective(programs):
    stop = programs.run_program("hangs", phase_deadline_ms=4000)["stop"]
    assert (stop["kind"], stop["phase"], stop["rank"]) == ("timeout", "train", 1)
    waiting, absent = stop["stacks"]
    assert any(frame["function"] == "all_reduce" for frame in waiting["frames"])
    assert absent["frames"][-1]["function"] == "take_no_part"
    assert "exception" not in stop


def test_a_hang_is_noticed_long_before_its_deadline_where_nothing_is_done_any_more(programs):
    began = time.monotonic()
    stop = programs.run_program("hangs", phase_deadline_ms=120_000)["stop"]
    assert (stop["kind"], stop["phase"], stop["rank"]) == ("timeout", "train", 1)
    assert time.monotonic() - began < 60


def test_a_closed_connection_is_a_consequence_of_the_peer_that_died(programs):
    stop = programs.run_program("peer_leaves")["stop"]
    assert (stop["kind"], stop["rank"], stop["exitCode"]) == ("crash", 1, 9)


def test_sleeping_for_ever_ends_at_the_deadline_of_the_phase(programs):
    stop = programs.run_program("sleeps", ranks=1, phase_deadline_ms=300)["stop"]
    assert (stop["kind"], stop["phase"]) == ("timeout", "train")
    assert stop["stacks"][0]["frames"][-1]["function"] == "run"


def test_processes_that_a_rank_leaves_behind_are_ended(programs):
    observation = programs.run_program("leaves_children", ranks=1)
    pids = [int(pid) for pid in observation["losses"]]
    assert len(pids) == 2
    assert wait_until(lambda: not any(is_running(pid) for pid in pids))


@pytest.mark.parametrize(("where", "exception"), [("torch", "RuntimeError"), ("python", "MemoryError")])
def test_what_allocators_raise_is_out_of_memory(programs, where, exception):
    stop = programs.run_program("allocates", ranks=1, where=where)["stop"]
    assert stop["kind"] == "out-of-memory"
    assert stop["exception"]["type"] == exception


def test_a_kill_that_nothing_explains_is_told_as_such(programs):
    stop = programs.run_program("killed", ranks=1)["stop"]
    assert (stop["kind"], stop["signal"]) == ("killed", "SIGKILL")
