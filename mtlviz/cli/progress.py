"""A progress bar with the time left, in plain text, and times as a person reads and gives them."""

import argparse
import math
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from mtlviz.cli.report import with_error
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.runs.results import RunResult

WIDTH = 24
COLUMNS = 80
"""Where the terminal does not tell its width."""
SMOOTHING = 0.95
"""Weight of the past in the shown losses."""


class Progress:
    """Shows one run: a bar that moves on a terminal, and a line for every evaluation.

    Args:
        names: The tasks.
        total: Planned updates.
        done: Updates done before, in a run that goes on.
        stream: Where to write; standard error if None.
    """

    def __init__(
        self, names: Sequence[str], total: int, done: int = 0, stream: TextIO | None = None
    ) -> None:
        self.names, self.total = names, total
        self.stream = sys.stderr if stream is None else stream
        self.first, self.started = done, time.monotonic()
        self.losses = [math.nan] * len(names)
        self.drawn = 0.0

    def step(self, record: StepRecord) -> None:
        """Move the bar; redrawn at most ten times a second, and only on a terminal."""
        for task, loss in enumerate(record.losses.tolist()):
            if not math.isnan(loss):
                past = self.losses[task]
                self.losses[task] = (
                    loss if math.isnan(past) else SMOOTHING * past + (1 - SMOOTHING) * loss
                )
        now = time.monotonic()
        if self.stream.isatty() and (now - self.drawn > 0.1 or record.update + 1 == self.total):
            self.drawn = now
            # A line that wraps could not be drawn over.
            line = self.line(record.update + 1)[: self._columns() - 1]
            self._write(f"\r{line}\x1b[K")

    def line(self, done: int) -> str:
        """The bar after so many updates."""
        filled = WIDTH * done // self.total
        losses = "  ".join(
            f"{name} {loss:.3f}" for name, loss in zip(self.names, self.losses, strict=True)
        )
        bar = "#" * filled + "." * (WIDTH - filled)
        return f"[{bar}] {done}/{self.total}  {self.left(done)} left  loss {losses}"

    def _columns(self) -> int:
        """Width of the terminal."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or COLUMNS
        except (OSError, AttributeError):
            return COLUMNS

    def left(self, done: int) -> str:
        """The time that the remaining updates will take at the pace so far."""
        here = done - self.first
        if not here:
            return "?"
        return duration((time.monotonic() - self.started) / here * (self.total - done))

    def evaluation(self, record: EvalRecord) -> None:
        """Write the scores on a line of their own."""
        scores = "  ".join(
            f"{name} {with_error(score, error)}"
            for name, score, error in zip(
                self.names, record.scores.tolist(), record.errors.tolist(), strict=True
            )
        )
        mark = "  best mean so far" if record.best else ""
        self.say(f"epoch {record.epoch + 1}, {record.update}/{self.total}: {scores}{mark}")

    def say(self, text: str) -> None:
        """Write a line above the bar."""
        self._write(f"{self._clear()}{text}\n")

    def close(self) -> None:
        """Take the bar away, so that what is said next begins on a line of its own."""
        self._write(self._clear())

    def _clear(self) -> str:
        return "\r\x1b[K" if self.stream.isatty() else ""

    def _write(self, text: str) -> None:
        # Training goes on when nobody reads any more, as in `mtlviz train 2>&1 | head`.
        with suppress(OSError):
            self.stream.write(text)
            self.stream.flush()


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 60}:{whole % 60:02}"


def time_taken(result: RunResult) -> str:
    """How long a run took, and how much of it the probes did."""
    text, probes = duration(result.seconds), result.probe_seconds
    if probes is None or not result.seconds > 0:
        return text
    return f"{text}, {probes:.1f} s ({probes / result.seconds:.0%}) of it for probes"


def seconds(text: str) -> float:
    """A number of seconds above 0."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found > 0):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return found
