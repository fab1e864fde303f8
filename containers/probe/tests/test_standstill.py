"""What counts as doing nothing, whatever else the machine does."""

import os
import signal
import time
from typing import Callable, Iterator

import pytest

from peft_matrix_probe.standstill import Standstill


@pytest.fixture(name="start")
def starting() -> Iterator[Callable[[Callable[[], None]], int]]:
    """Fork processes, each in a group of its own, that are killed in the end."""
    pids = []

    def start(run: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            run()
            os._exit(0)
        pids.append(pid)
        while os.getpgid(pid) != pid:
            time.sleep(0.01)
        return pid

    yield start
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def sleep() -> None:
    while True:
        time.sleep(60)


def wake_up_often() -> None:
    while True:
        time.sleep(0.05)


def compute() -> None:
    while True:
        pass


def compute_now_and_then() -> None:
    while True:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        time.sleep(0.2)


def watched(group: int) -> bool:
    """Whether a group stands still for half a second, of two in which it is looked at."""
    standstill = Standstill(group, seconds=0.5)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if standstill.lasts(time.monotonic()):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("run", [sleep, wake_up_often])
def test_processes_that_wait_stand_still(start, run):
    assert watched(start(run))


@pytest.mark.parametrize("run", [compute, compute_now_and_then])
def test_processes_that_compute_do_not(start, run):
    assert not watched(start(run))


def test_one_that_computes_speaks_for_all_of_its_group(start):
    group = start(sleep)

    def join() -> None:
        os.setpgid(0, group)
        compute()

    pid = os.fork()
    if pid == 0:
        join()
    try:
        assert not watched(group)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_a_stopped_process_is_not_one_that_waits(start):
    pid = start(sleep)
    os.kill(pid, signal.SIGSTOP)
    assert not watched(pid)


def test_what_was_seen_before_is_forgotten(start):
    standstill = Standstill(start(sleep), seconds=0.5)
    assert not standstill.lasts(0.0)
    standstill.forget()
    assert not standstill.lasts(1.0)
    assert standstill.lasts(1.5)


def test_a_machine_that_stood_still_itself_says_nothing_of_its_processes(start):
    standstill = Standstill(start(sleep), seconds=5)
    assert not standstill.lasts(0.0)
    assert not standstill.lasts(60.0)
    assert not standstill.lasts(62.0)
    assert standstill.lasts(63.0)
