"""What has to be arranged before torch is imported: environment variables, file descriptors, one thread."""

import os
import select
import signal
import sys
from contextlib import contextmanager
from typing import Any, Iterator, List

_DEFAULTS = {
    # Forking is only safe while nothing has started a pool of threads.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "GLOO_SOCKET_IFNAME": "lo",
}


def arrange_environment(device: str) -> None:
    """Set what is not set yet; with device ``cpu`` no GPU can be seen at all."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def use_hash_seed(seed: int, arguments: List[str]) -> None:
    """Start this program anew with PYTHONHASHSEED, unless it has it: an interpreter looks at it once, at its start."""
    if os.environ.get("PYTHONHASHSEED") != str(seed):
        os.environ["PYTHONHASHSEED"] = str(seed)
        os.execv(sys.executable, [sys.executable, "-m", "peft_matrix_probe", *arguments])


def take_stdout() -> int:
    """Return a descriptor for the protocol; from here on, whatever prints to stdout lands on stderr."""
    sys.stdout.flush()
    protocol = os.dup(1)
    os.dup2(2, 1)
    return protocol


@contextmanager
def gone_with_the_harness(poll_s: float = 0.5) -> Iterator[None]:
    """Leave when stdin hangs up during long work that cannot poll, such as importing torch."""
    poll = select.poll()
    poll.register(0, 0)  # POLLHUP and POLLERR are always reported

    def look(_signal: int, _frame: Any) -> None:
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0)):
            os._exit(0)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, poll_s, poll_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
