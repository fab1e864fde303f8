"""Which GPU each rank gets. No GPU is needed: places are given, and programs tell what they see."""

import os
import subprocess

import pytest
from talking import program_request

from peft_matrix_probe.children import fork_rank
from peft_matrix_probe.gpus import gpu_facts
from peft_matrix_probe.placing import place


def on_gpus(ranks, leased=None, count=4, visible=None):
    return place(dict(program_request("answers", ranks=ranks), device="cuda"), leased, count, visible)


def test_leased_devices_are_all_that_ranks_see_numbered_from_zero():
    assert on_gpus(2, [1, 3]) == ("nccl", ["cuda:0", "cuda:1"], "1,3")
    assert on_gpus(1, [2]) == ("none", ["cuda:0"], "2")


def test_an_observation_does_not_depend_on_which_devices_were_free():
    assert on_gpus(2, [1, 3])[:2] == on_gpus(2, [0, 1])[:2] == on_gpus(2)[:2]


def test_ranks_that_share_a_device_meet_through_gloo():
    assert on_gpus(2, [1, 1]) == ("gloo", ["cuda:0", "cuda:0"], "1")
    assert on_gpus(2, count=1) == ("gloo", ["cuda:0", "cuda:0"], None)


def test_devices_are_numbers_among_those_that_this_process_sees():
    assert on_gpus(1, [1], count=2, visible="5, 7").visible == "7"
    assert on_gpus(2, [0, 1], count=2, visible="GPU-b,GPU-a").visible == "GPU-b,GPU-a"


@pytest.mark.parametrize(("ranks", "leased", "words"), [(2, [0], "1 devices for 2 ranks"), (1, [4], "no device 4")])
def test_devices_that_are_not_there_are_refused(ranks, leased, words):
    with pytest.raises(ValueError, match=words):
        on_gpus(ranks, leased)


@pytest.mark.parametrize("devices", ["0", [True], [-1], [0.5], {"0": 0}])
def test_devices_that_are_no_numbers_cannot_be_read(programs, devices):
    programs.send({"id": 5, "run": program_request("answers", ranks=1), "devices": devices})
    answer = programs.read()
    assert answer["id"] == 5
    assert "devices are not numbers from 0" in answer["error"]


def test_a_probe_refuses_devices_that_it_does_not_see(programs):
    programs.send({"id": 6, "run": dict(program_request("answers", ranks=1), device="cuda"), "devices": [0]})
    assert "there is no device 0: 0 are seen" in programs.read()["error"]
    programs.send({"id": 7, "run": program_request("answers", ranks=1), "devices": [0]})
    assert "a cell on the CPU has no devices" in programs.read()["error"]


@pytest.mark.parametrize(("visible", "seen"), [("GPU-b,GPU-a", "GPU-b,GPU-a"), (None, "as it was")])
def test_a_rank_sees_the_devices_of_its_task_alone(tmp_path, monkeypatch, visible, seen):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "as it was")
    task = {
        "request": program_request("answers", ranks=1),
        "rank": 0,
        "backend": "none",
        "device": "cuda:0",
        "visibleDevices": visible,
        "directory": str(tmp_path),
    }

    def load(_rank):
        raise ValueError(os.environ["CUDA_VISIBLE_DEVICES"])

    child = fork_rank(task, 0, [], load)
    try:
        os.set_blocking(child.message_fd, True)
        message = os.read(child.message_fd, 1 << 16).decode()
    finally:
        os.kill(child.pid, 9)
        os.waitpid(child.pid, 0)
        os.close(child.message_fd)
        os.close(child.output_fd)
    assert f'"message": "{seen}"' in message or f'"message":"{seen}"' in message


STAND_IN = """
int cuInit(unsigned flags) { return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return index > 1; }
int cuDeviceGetUuid_v2(unsigned char *uuid, int device) {
  for (int i = 0; i < 16; i++) uuid[i] = device ? 0xff : i;
  return 0;
}
"""


def test_devices_are_named_in_the_order_that_cuda_has(tmp_path):
    (tmp_path / "cuda.c").write_text(STAND_IN)
    library = str(tmp_path / "libcuda.so")
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, str(tmp_path / "cuda.c")], check=True)
    except FileNotFoundError:
        pytest.skip("no C compiler")
    version = tmp_path / "version"
    version.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\nGCC version: 12\n"
    )
    assert gpu_facts(3, library, str(version)) == {
        "gpu0Uuid": "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f",
        "gpu1Uuid": "GPU-ffffffff-ffff-ffff-ffff-ffffffffffff",
        "driver": "580.65.06",
    }


def test_without_cuda_there_is_nothing_to_tell(tmp_path):
    assert gpu_facts(1, str(tmp_path / "libcuda.so"), str(tmp_path / "version")) == {}
