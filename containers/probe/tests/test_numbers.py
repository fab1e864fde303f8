"""Laws of the generator and of sketches, and small pure functions."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from peft_matrix_probe.adapting import push
from peft_matrix_probe.causes import Failure, cause_of
from peft_matrix_probe.frames import describe_exception, frames_of_dump, short_path
from peft_matrix_probe.generator import hashes, signs, tokens, uniform
from peft_matrix_probe.messages import Lines, encode
from peft_matrix_probe.names import canonical
from peft_matrix_probe.oom import OomCounter
from peft_matrix_probe.sketch import as_float64, digest, norm, sketch


def test_numbers_are_those_of_splitmix64_and_never_change():
    # SplitMix64 by hand, in Python's integers, from the same start.
    import hashlib

    start = int.from_bytes(hashlib.blake2b(b"7/layer.weight", digest_size=8).digest(), "little")
    expected = []
    for index in range(1, 6):
        x = (start + index * 0x9E3779B97F4A7C15) % 2**64
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
        expected.append(x ^ (x >> 31))
    assert hashes(7, "layer.weight", 5).tolist() == expected


def test_an_element_depends_on_seed_name_and_place_alone():
    assert hashes(1, "a", 10).tolist() == hashes(1, "a", 1000)[:10].tolist()
    assert hashes(1, "a", 4).tolist() != hashes(2, "a", 4).tolist()
    assert hashes(1, "a", 4).tolist() != hashes(1, "b", 4).tolist()
    assert uniform(1, "a", (2, 3)).ravel().tolist() == uniform(1, "a", (6,)).tolist()


def test_values_fill_their_range_evenly():
    values = uniform(3, "w", (200, 50))
    assert values.shape == (200, 50)
    assert -1 <= values.min() < -0.99
    assert 0.99 < values.max() < 1
    assert abs(values.mean()) < 0.02
    assert values.std() == pytest.approx(1 / math.sqrt(3), rel=0.02)
    ids = tokens(3, "batch", (50, 50), 7)
    assert sorted(set(ids.ravel().tolist())) == list(range(7))
    marks = signs("w", 4000)
    assert marks.shape == (8, 4000)
    assert set(marks.ravel().tolist()) == {-1, 1}
    assert np.abs(marks.astype(float) @ marks.T.astype(float) / 4000 - np.eye(8)).max() < 0.08


def test_a_push_goes_as_far_as_the_adapter_says_and_no_further():
    state = SimpleNamespace(seed=1, request={"adapter": {"push": 0.2}})
    parameter = torch.ones(50, 50)
    push(state, "w", parameter)
    moved = (parameter - 1).abs()
    assert 0.19 < moved.max() <= 0.2
    assert moved.mean() == pytest.approx(0.1, rel=0.05)


def test_a_sketch_is_linear_and_belongs_to_its_name():
    left, right = uniform(1, "left", (30, 20)), uniform(1, "right", (30, 20))
    difference = np.array(sketch("w", left)) - np.array(sketch("w", right))
    assert sketch("w", left - right) == pytest.approx(difference.tolist(), abs=1e-8)
    assert sketch("v", left) != sketch("w", left)
    assert sketch("w", np.zeros((0, 4))) == [0.0] * 8


def test_what_is_kept_has_ten_significant_digits():
    values = uniform(1, "w", (30, 20)) / 3
    exact = (signs("w", values.size) * values.reshape(-1)).sum(axis=1)
    kept = [*sketch("w", values), norm(values)]
    assert [len(f"{value:.17g}") > 14 for value in exact] == [True] * 8
    assert [float(f"{value:.10g}") for value in kept] == kept
    assert kept[:8] == pytest.approx(exact.tolist(), rel=5e-10)


def test_the_mean_square_of_a_sketch_estimates_the_norm():
    values = uniform(1, "x", (40, 25))
    estimates = [np.mean(np.square(sketch(f"name {number}", values))) for number in range(60)]
    assert math.sqrt(np.mean(estimates)) == pytest.approx(norm(values), rel=0.15)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.bool])
def test_a_digest_sees_every_byte_of_any_dtype(dtype):
    tensor = torch.arange(6).reshape(2, 3).to(dtype)
    assert digest(tensor) == digest(tensor.clone())
    assert digest(tensor) == digest(tensor.t().contiguous().t())
    changed = tensor.clone()
    changed[0, 0] = 1
    assert digest(changed) != digest(tensor)
    assert len(digest(torch.tensor(1.5))) == 16


def test_float64_values_live_in_memory_of_their_own():
    tensor = torch.ones(3, dtype=torch.float64)
    values = as_float64(tensor)
    tensor.zero_()
    assert values.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("module.model.q.weight", "model.q.weight"),
        ("_fsdp_wrapped_module.model._fsdp_wrapped_module.q.weight", "model.q.weight"),
        ("model._checkpoint_wrapped_module.q._orig_mod.weight", "model.q.weight"),
        ("model.module.q.weight", "model.module.q.weight"),
        ("q.lora_magnitude_vector.default", "q.lora_magnitude_vector.default.weight"),
        ("q.lora_magnitude_vector.default.weight", "q.lora_magnitude_vector.default.weight"),
    ],
)
def test_canonical_names_forget_wrappings_and_renames(name, expected):
    assert canonical(name) == expected


def test_frames_are_paths_below_the_folder_of_the_package():
    import json.decoder

    assert short_path(torch.__file__) == "torch/__init__.py"
    assert short_path(json.decoder.__file__) == "json/decoder.py"
    assert short_path("/some/where/program.py") == "program.py"
    assert short_path("<string>") == "<string>"


def test_exceptions_are_described_whatever_their_message_does():
    class StubbornError(Exception):
        def __str__(self):
            raise RuntimeError("no")

    assert "cannot be printed" in describe_exception(StubbornError())["message"]
    assert describe_exception(ValueError("x" * 5000))["message"] == "x" * 4000
    assert describe_exception(ValueError("a \ud800 b"))["message"] == "a ? b"
    assert describe_exception(torch.OutOfMemoryError("gone"))["type"] == "torch.OutOfMemoryError"


def test_of_deep_recursion_the_innermost_frames_are_kept():
    def dig(depth):
        if depth == 0:
            raise KeyError("deep")
        dig(depth - 1)

    with pytest.raises(KeyError) as caught:
        dig(100)
    frames = describe_exception(caught.value)["frames"]
    assert len(frames) == 30
    assert frames[-1]["line"] != frames[-2]["line"]


def test_a_dump_is_read_as_the_current_thread_outermost_first():
    text = """Fatal Python error: Segmentation fault

Thread 0x00007f01 (most recent call first):
  File "/x/site-packages/other/thread.py", line 1 in wait

Current thread 0x00007f02 (most recent call first):
  File "/x/site-packages/torch/distributed/distributed_c10d.py", line 12 in all_reduce
  File "/x/site-packages/peft/peft_model.py", line ??? in forward
"""
    assert frames_of_dump(text) == [
        {"file": "peft/peft_model.py", "function": "forward", "line": 0},
        {"file": "torch/distributed/distributed_c10d.py", "function": "all_reduce", "line": 12},
    ]
    assert frames_of_dump("nothing of the kind") == []


def test_lines_are_cut_wherever_the_chunks_end():
    data = encode({"a": float("nan")}) + encode({"b": [1.5, float("-inf")]})
    for size in (1, 2, 7, len(data)):
        lines = Lines()
        found = [line for start in range(0, len(data), size) for line in lines.feed(data[start : start + size])]
        assert found == [b'{"a":"NaN"}', b'{"b":[1.5,"-Infinity"]}']


def raised(rank, at, message, kind="ValueError", file="f.py"):
    frames = [{"file": file, "function": kind, "line": 1}]
    return Failure("exception", "train", rank, at, exception={"type": kind, "message": message, "frames": frames})


def test_the_cause_is_the_first_real_failure_and_of_equal_ones_the_lowest_rank():
    gone = raised(0, 1.0, "Connection closed by peer [127.0.0.1]:9", "RuntimeError")
    assert cause_of([gone, raised(1, 2.0, "the cause")], {}).rank == 1
    assert cause_of([raised(0, 2.0, "same"), raised(1, 1.0, "same")], {}).rank == 0
    in_collective = raised(0, 2.0, "other", "KeyError", "torch/distributed/distributed_c10d.py")
    assert cause_of([in_collective, raised(1, 1.0, "first")], {}).rank == 1
    assert cause_of([gone], {}) is gone
    assert cause_of([gone, Failure("crash", "train", 1, 3.0, signal="SIGSEGV")], {}).rank == 1


def test_of_ranks_that_fail_otherwise_in_one_phase_the_lowest_is_named_whichever_was_faster():
    for left, right in [(1.0, 1.1), (1.1, 1.0)]:
        failures = [raised(0, left, "index out of bounds", "IndexError"), raised(1, right, "the size must match")]
        assert cause_of(failures, {}).exception["type"] == "IndexError"
    later = raised(0, 2.0, "in another phase", "KeyError")._replace(phase="save")
    assert cause_of([later, raised(1, 1.0, "the size must match")], {}).rank == 1


def test_a_kill_is_explained_once_by_each_rise_of_the_kernels_counter(tmp_path):
    counter_file = tmp_path / "memory.events"
    counter_file.write_text("low 0\noom 3\noom_kill 3\n")
    counter = OomCounter([str(tmp_path / "missing"), str(counter_file)])
    assert not counter.explains_a_kill()
    counter_file.write_text("low 0\noom 5\noom_kill 5\n")
    assert [counter.explains_a_kill() for _ in range(3)] == [True, True, False]
