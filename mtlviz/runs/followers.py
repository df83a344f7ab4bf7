"""Followers: the other processes of a run that several train together.

    python -m mtlviz.runs.followers FOLDER RANK SIZE

The process that works on a run starts them, meets them in a folder that nobody else can write, and
ends them. Under `torchrun` all are there already, and process 0 tells the others what to train.
Followers keep no records and know no store.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mtlviz import access
from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import whole_number
from mtlviz.runs.machine_slots import LAUNCHED, check_devices, found_by_children

if TYPE_CHECKING:
    from mtlviz.engine.ranks import Ranks

_log = logging.getLogger(__name__)
_MEETING, _READY, _SAID, _HERE = "meeting", "ready-{}", "said-{}.txt", "mtlviz-here-{}"
_LOOPBACK = "lo"
_MOMENT, _PATIENCE = 0.02, 10.0
_GO_ON = "the run can go on from its last checkpoint."
_MEETING_SECONDS = "MTLVIZ_MEETING_SECONDS"
_USUAL_MEETING = 300
"""Seconds for all processes of a run to come together: a busy machine imports slowly."""


@dataclass(frozen=True)
class Job:
    """What followers are to train.

    Attributes:
        config: The settings, as JSON.
        checkpoint: Where to go on from; None for a new run.
        directory: Where relative paths in the settings are meant from.
        home: The home folder.
        access: What may be read.
        threads: CPU threads of each process.
    """

    config: str
    checkpoint: str | None
    directory: str
    home: str
    access: str
    threads: int


def joined(config: RunConfig, checkpoint: Path | None) -> Ranks:
    """The processes that train a run, brought together; one by itself for most.

    Raises:
        ConfigError: If this machine cannot give as many, or `torchrun` has started another number.
        MtlvizError: If one of them ends before it begins.
    """
    from mtlviz.engine.ranks import ALONE

    if launched():
        check_launched(config)
        _join_launched()
        return _led(config, checkpoint, lambda: f"Another process of this run is gone; {_GO_ON}")
    if config.processes == 1:
        return ALONE
    check_devices(config)
    followers = Followers(config.processes)
    try:
        followers.meet()
        return _led(config, checkpoint, followers.loss, followers.end)
    except BaseException:
        followers.end()
        raise


def launched() -> bool:
    """Whether `torchrun` has started this process, beside others."""
    return LAUNCHED in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


def check_launched(config: RunConfig) -> None:
    """Check that `torchrun` has started what the settings ask for.

    Raises:
        ConfigError: If it has not, or on several machines.
    """
    size, here = int(os.environ["WORLD_SIZE"]), int(os.environ.get("LOCAL_WORLD_SIZE", "0"))
    if size != config.processes:
        raise ConfigError(
            f"torchrun has started {size} processes, but `processes` is {config.processes}."
        )
    if here != size:
        raise ConfigError(
            f"The processes of a run share one machine, but of {size} torchrun has started {here} "
            "here."
        )


class Followers:
    """The processes that this one has started for a run.

    Args:
        size: How many train it, this one included.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # Only its owner may enter it: whoever writes there is trusted.
        self._folder = TemporaryDirectory(prefix="mtlviz-ranks-")
        self._processes = [self._started(rank) for rank in range(1, size)]

    def _started(self, rank: int) -> subprocess.Popen:
        with (Path(self._folder.name) / _SAID.format(rank)).open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", __name__, self._folder.name, str(rank), str(self._size)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                env=found_by_children(dict(os.environ)),
                # A Ctrl-C is for this process, which has an update to finish.
                start_new_session=True,
            )

    def meet(self) -> None:
        """Wait for all of them.

        Raises:
            MtlvizError: One has ended instead.
        """
        patience = meeting_seconds()
        until = time.monotonic() + patience
        places = [Path(self._folder.name) / _READY.format(rank) for rank in range(1, self._size)]
        while not all(place.exists() for place in places):
            if any(process.poll() is not None for process in self._processes):
                raise MtlvizError(self.loss())
            if time.monotonic() > until:
                missing = [rank for rank, place in enumerate(places, 1) if not place.exists()]
                raise MtlvizError(_late(missing, self._size, patience))
            time.sleep(_MOMENT)
        _join(self._folder.name, 0, self._size)

    def loss(self) -> str:
        """One sentence on the process that is gone; what it said goes to the log."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            for rank, process in enumerate(self._processes, start=1):
                if (code := process.poll()) is not None:
                    return self._fate(rank, code)
            time.sleep(_MOMENT)
        return f"A process of this run does not answer; {_GO_ON}"

    def _fate(self, rank: int, code: int) -> str:
        said = (Path(self._folder.name) / _SAID.format(rank)).read_text(errors="replace").strip()
        if said:
            _log.error("Process %s of %s said: %s", rank + 1, self._size, said)
        how = "was killed" if code < 0 else "ended early, its log says why"
        return f"Process {rank + 1} of {self._size} of this run {how}; {_GO_ON}"

    def end(self) -> None:
        """End them, whatever they do."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        self._folder.cleanup()


def _led(config: RunConfig, checkpoint: Path | None, loss: Any, end: Any = None) -> Ranks:
    """The processes as the first of them sees them, once all know what to train."""
    import torch

    from mtlviz.engine.ranks import Group

    before = torch.get_num_threads()
    threads = max(1, before // config.processes)
    torch.set_num_threads(threads)

    def left() -> None:
        torch.set_num_threads(before)
        # Whoever was not told of the end waits for an update: without the group it learns of it.
        if end is not None or not ranks.ended:
            torch.distributed.destroy_process_group()
        if end is not None:
            end()

    ranks = Group(loss, left)
    home, allowed = str(access.home_place()), access.current().to_text()
    place = None if checkpoint is None else str(checkpoint)
    ranks.told(Job(config.to_json(), place, str(Path.cwd()), home, allowed, threads))
    return ranks


def _join_launched() -> None:
    """Meet the others that `torchrun` has started, once."""
    from torch import distributed
    from torch.distributed.rendezvous import rendezvous

    if not distributed.is_initialized():
        store, rank, size = next(rendezvous("env://", timeout=timedelta(seconds=meeting_seconds())))
        await_all(store, rank, size)
        distributed.init_process_group(_backend(), store=store, rank=rank, world_size=size)


def meeting_seconds() -> int:
    """How long the processes of a run wait for each other before they begin.

    Raises:
        ConfigError: MTLVIZ_MEETING_SECONDS is not a whole number from 1 up.
    """
    given = os.environ.get(_MEETING_SECONDS, str(_USUAL_MEETING))
    return whole_number(given, _MEETING_SECONDS, low=1)


def await_all(store: Any, rank: int, size: int) -> None:
    """Wait until every process has said in torch's store that it is there.

    Raises:
        MtlvizError: One of them does not come.
    """
    store.set(_HERE.format(rank), "")
    places, patience = [_HERE.format(each) for each in range(size)], meeting_seconds()
    try:
        store.wait(places, timedelta(seconds=patience))
    except RuntimeError as error:
        missing = [each for each, place in enumerate(places) if not store.check([place])]
        raise MtlvizError(_late(missing, size, patience)) from error


def _late(missing: Sequence[int], size: int, patience: int) -> str:
    which = " and ".join(str(rank + 1) for rank in missing)
    have = "has" if len(missing) == 1 else "have"
    return (
        f"Of the {size} processes of this run, number {which} {have} not come in {patience} s "
        f"({_MEETING_SECONDS} sets how long is waited); {_GO_ON}"
    )


def _join(folder: str, rank: int, size: int) -> None:
    """Meet the others in a folder; what is sent stays on this machine."""
    from torch import distributed

    if Path("/sys/class/net", _LOOPBACK).exists():
        os.environ.setdefault("GLOO_SOCKET_IFNAME", _LOOPBACK)
    store = distributed.FileStore(str(Path(folder, _MEETING)), size)
    await_all(store, rank, size)
    before = sys.excepthook  # Torch puts one of its own there, one more with each run.
    distributed.init_process_group(_backend(), store=store, rank=rank, world_size=size)
    sys.excepthook = before


def _backend() -> str:
    """How numbers are sent."""
    import torch

    return "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"


def follow(jobs: int | None = None) -> int:
    """Train what process 0 tells, so many times or until it is gone; an exit status."""
    from mtlviz.engine.ranks import Group, LostRank

    ranks = Group()
    done = 0
    try:
        while done != jobs and (job := ranks.told(None)) is not None:
            _train(job, ranks)
            done += 1
    except LostRank:
        return 0  # Process 0 says why.
    except MtlvizError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def follow_launched() -> int:
    """Follow process 0 of those that `torchrun` has started; an exit status."""
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, signal.SIG_IGN)  # It finishes an update first, and needs us for that.
    _join_launched()
    return follow()


def dismiss() -> None:
    """Let those that `torchrun` has started beside this process end, if there are any."""
    if not launched():
        return
    from torch import distributed

    from mtlviz.engine.ranks import Group

    if distributed.is_initialized():
        Group().told(None)
        distributed.destroy_process_group()


def _train(job: Job, ranks: Ranks) -> None:
    """Take part in a run until process 0 ends it."""
    import torch

    from mtlviz.engine import train

    torch.set_num_threads(job.threads)
    os.chdir(job.directory)
    os.environ[access.HOME_FOLDER] = job.home
    access.choose(access.Access.from_text(job.access))
    checkpoint = None if job.checkpoint is None else Path(job.checkpoint)
    config = RunConfig.from_json(job.config)
    train.follow(train.start(config, resume=checkpoint, ranks=ranks))


def main(arguments: Sequence[str] | None = None) -> int:
    """Be one follower of the process that holds this one's standard input."""
    folder, rank, size = sys.argv[1:] if arguments is None else arguments
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch  # noqa: F401  what takes long comes before the others are told to wait

    Path(folder, _READY.format(rank)).touch()
    try:
        _join(folder, int(rank), int(size))
    except MtlvizError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return follow(jobs=1)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
