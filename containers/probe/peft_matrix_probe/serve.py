"""The parent's loop: requests in, cells started and watched, replies out.

It never computes, so it never misses a hang-up.

Everything that takes time is in the ranks. When stdin ends, so does everything else, at once.
"""

import os
import selectors
import signal
import sys
import time
from typing import Any, Callable, Dict, List, NamedTuple, NoReturn, Optional

from peft_matrix_probe.asking import UnreadableRequestError, parse
from peft_matrix_probe.children import Child, Load, fork_rank, launch_rank
from peft_matrix_probe.job import Job
from peft_matrix_probe.messages import Lines, encode
from peft_matrix_probe.oom import OomCounter
from peft_matrix_probe.orphans import adopt_orphans, end_orphans
from peft_matrix_probe.placing import Placement, place
from peft_matrix_probe.scratch import make_scratch, remove
from peft_matrix_probe.watch import RankWatch

#: What a pipe that is ready always takes without blocking, in bytes (POSIX's PIPE_BUF on Linux).
_ALWAYS_FITS = 4096
_CHUNK = 1 << 16
#: How long a cell waits until what an earlier one left is gone and processes can be started, and how often it looks.
_ROOM_S = 30.0
_ROOM_LOOK_S = 0.02


class Settings(NamedTuple):
    """How cells are run."""

    #: Gives the program of a forked rank.
    load: Load
    #: Arguments of the interpreter that runs a cold rank; None to fork.
    cold: Optional[List[str]]
    #: Number of GPUs; 0 on a CPU.
    devices: int


class Server:
    """Runs cells, several at once, and answers each once."""

    def __init__(self, protocol_fd: int, settings: Settings) -> None:
        self.settings = settings
        self._protocol_fd = protocol_fd
        # Not epoll: it takes no /dev/null, and its set would be shared with every fork.
        self._selector = selectors.PollSelector()
        self._lines = Lines()
        self._unread: List[bytes] = []
        self._outgoing = bytearray()
        self._jobs: Dict[int, Job] = {}
        self._when_decided: Dict[int, Callable[[Job], None]] = {}
        self._ending: List[Job] = []
        self._cells = 0
        self._oom = OomCounter()
        self._scratch = make_scratch()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.signal(signal.SIGTERM, lambda _signal, _frame: self._leave())
        signal.signal(signal.SIGINT, lambda _signal, _frame: self._leave())
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._wake)
        self._selector.register(0, selectors.EVENT_READ, self._read_stdin)
        adopt_orphans()

    def serve(self) -> NoReturn:
        """Answer requests until stdin ends."""
        while True:
            unread, self._unread = self._unread, []
            for line in unread:
                self._answer(line)
            self._turn()

    def run_all(self, requests: List[Dict[str, Any]]) -> List[Job]:
        """Run cells of our own, all at once; return them when they are decided."""
        decided: List[Job] = []
        for number, request in enumerate(requests):
            self._start(-1 - number, request, self._place(request, None), decided.append)
        while self._jobs:
            self._turn()
        return decided

    def send(self, message: Dict[str, Any]) -> None:
        """Queue a line for the harness."""
        if not self._outgoing:
            self._selector.register(self._protocol_fd, selectors.EVENT_WRITE, self._write)
        self._outgoing += encode(message)

    def flush(self) -> None:
        """Write what is queued."""
        while self._outgoing:
            self._turn()

    def _turn(self) -> None:
        looks = [job.next_look() for job in self._jobs.values()]
        wait = max(0.0, min(looks) - time.monotonic()) if looks else None
        for key, _ in self._selector.select(wait):
            if key.fd in self._selector.get_map():  # an earlier one may have closed it
                key.data()
        for identity, job in list(self._jobs.items()):
            if job.advance():
                self._when_decided.pop(identity)(job)
                self._end(identity)

    def _answer(self, line: bytes) -> None:
        if not line.strip():
            return
        identity = None
        try:
            message = parse(line)
            if "cancel" in message:
                self._cancel(message["cancel"])
                return
            identity = message["id"]
            if identity in self._jobs:
                raise UnreadableRequestError(None, f"cell {identity} is already under way")
            placement = self._place(message["run"], message.get("devices"), identity)
            self._start(identity, message["run"], placement, self._reply)
        except UnreadableRequestError as error:
            self.send({"id": error.identity, "error": f"cannot read the request: {error}"})
        except Exception as error:
            self.send({"id": identity, "error": f"the probe failed: {type(error).__name__}: {error}"})

    def _reply(self, job: Job) -> None:
        reply = {"id": job.identity, "observation": job.observation(), "provenance": job.provenance()}
        files = job.files()
        self.send(dict(reply, files=files) if files else reply)

    def _cancel(self, identity: int) -> None:
        if identity not in self._jobs:
            return  # its answer is on the way already
        del self._when_decided[identity]
        self._end(identity)
        self.send({"id": identity, "cancelled": True})

    def _place(self, request: Dict[str, Any], leased: Optional[List[int]], identity: Optional[int] = None) -> Placement:
        try:
            return place(request, leased, self.settings.devices, os.environ.get("CUDA_VISIBLE_DEVICES"))
        except ValueError as error:
            raise UnreadableRequestError(identity, str(error)) from error

    def _start(
        self,
        identity: int,
        request: Dict[str, Any],
        placement: Placement,
        when_decided: Callable[[Job], None],
    ) -> None:
        self._cells += 1
        directory = os.path.join(self._scratch, str(self._cells))
        os.mkdir(directory, 0o700)
        watches: List[RankWatch] = []
        try:
            for rank in range(request["ranks"]):
                task = {
                    "request": request,
                    "rank": rank,
                    "backend": placement.backend,
                    "device": placement.devices[rank],
                    "visibleDevices": placement.visible,
                    "directory": directory,
                }
                child = self._launch(task, watches[0].child.pid if watches else 0)
                first = "import" if self.settings.cold is not None else (request["phases"] or ["build"])[0]
                watches.append(RankWatch(child, rank, first, self._selector))
        finally:
            if watches:
                # Also when a fork failed half way: what has been started must be ended.
                job = Job(identity, request, placement.backend, directory, watches, self._oom.explains_a_kill)
                self._jobs[identity] = job
                self._when_decided[identity] = when_decided
                if len(watches) < request["ranks"]:
                    del self._when_decided[identity]
                    self._end(identity)

    def _launch(self, task: Dict[str, Any], group: int) -> Child:
        """Start a rank; what keeps forking after its cell has ended may leave no room for one at first."""
        end = time.monotonic() + _ROOM_S
        while True:
            try:
                return self._try_launch(task, group)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
            time.sleep(_ROOM_LOOK_S)
            self._reap(group)

    def _try_launch(self, task: Dict[str, Any], group: int) -> Child:
        if self.settings.cold is not None:
            return launch_rank(task, group, self.settings.cold, self._own_descriptors())
        return fork_rank(task, group, self._own_descriptors(), self.settings.load)

    def _own_descriptors(self) -> List[int]:
        """Return what a rank must not keep: otherwise no pipe would end when its owner does."""
        mine = {self._protocol_fd, self._wake_write, *self._selector.get_map()}
        return sorted(mine - {0})

    def _end(self, identity: int) -> None:
        job = self._jobs.pop(identity)
        job.kill()
        self._ending.append(job)
        self._reap()

    def _reap(self, starting: int = 0) -> None:
        """End what is left of cells; ``starting`` is the process group of one that is being started."""
        self._ending = [job for job in self._ending if not job.reap()]
        alive = [*self._jobs.values(), *self._ending]
        groups = {starting, *(job.group for job in alive)}
        end_orphans({watch.child.pid for job in alive for watch in job.watches}, groups)

    def _wake(self) -> None:
        try:
            while os.read(self._wake_read, _CHUNK):
                pass
        except BlockingIOError:
            pass
        for job in self._jobs.values():
            job.notice_deaths()
        self._reap()

    def _read_stdin(self) -> None:
        chunk = os.read(0, _CHUNK)
        if not chunk:
            self._leave()
        try:
            self._unread += self._lines.feed(chunk)
        except ValueError as error:
            self.send({"id": None, "error": f"cannot read the request: {error}"})

    def _write(self) -> None:
        try:
            written = os.write(self._protocol_fd, self._outgoing[:_ALWAYS_FITS])
        except BrokenPipeError:
            self._leave()
        del self._outgoing[:written]
        if not self._outgoing:
            self._selector.unregister(self._protocol_fd)

    def _leave(self) -> NoReturn:
        for job in [*self._jobs.values(), *self._ending]:
            job.kill()
        remove(self._scratch)
        sys.stderr.flush()
        os._exit(0)
