"""A whole run from afar: its clock, its epochs, and how strongly its tasks ever conflicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import cosines
from mtlviz.runs import rows
from mtlviz.runs.packing import unpack
from mtlviz.runs.store import Store

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class History:
    """Every recorded update of a run in a few numbers: T of them, oldest first.

    Attributes:
        sequence: Place of the last of them among the run's records; −1 before the first.
        update: Number of the update, (T,).
        epoch: Epoch of the schedule, (T,).
        seconds: Time of each update alone, (T,).
        tokens: Tokens that each update read, (T,).
        cosine: Lowest cosine between the gradients of two tasks; NaN where none is known, (T,).
        pair: The two tasks it belongs to, the lower number first, (T, 2); −1 where there are none.
        beside: Time spent beside updates (evaluations, probes): updates done before it, and
            seconds, (M, 2).
    """

    sequence: int
    update: Whole
    epoch: Whole
    seconds: Array
    tokens: Whole
    cosine: Array
    pair: Whole
    beside: Array

    @property
    def clock(self) -> Array:
        """Seconds of work before each update, and at the end of the last, (T + 1,).

        Pauses between two sittings of a run are not in it: only work is counted.
        """
        own = np.concatenate([[0.0], np.cumsum(np.nan_to_num(self.seconds))])
        at = np.concatenate([self.update, self.update[-1:] + 1])
        done = np.searchsorted(self.beside[:, 0], at, side="right")
        other = np.concatenate([[0.0], np.cumsum(self.beside[:, 1])])
        return own[: len(at)] + other[done]

    @property
    def read(self) -> Array:
        """Tokens read before each update, and at the end of the last, (T + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.tokens)])

    def strongest(self, most: int) -> Whole:
        """Places of the updates with the lowest cosines below zero, the lowest first.

        Args:
            most: How many to give at most.
        """
        below = np.flatnonzero(self.cosine < 0)
        return below[np.argsort(self.cosine[below], kind="stable")[:most]]


_NOTHING = History(
    -1, np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64),
    np.empty(0), np.empty((0, 2), np.int64), np.empty((0, 2)),
)  # fmt: skip


def history(store: Store, run: int, tasks: int, known: History | None = None) -> History:
    """What the store holds of a run, read in pieces so that little memory is needed at once.

    Args:
        store: The store.
        run: Number of the run.
        tasks: Number of its tasks.
        known: What was read before; only later records are read then.
    """
    parts = [known or _NOTHING]
    with store.connections.reading() as connection:
        found = connection.execute(
            "SELECT sequence, layout, body FROM records WHERE run = ? AND kind = 'step' "
            "AND sequence > ? ORDER BY sequence",
            (run, parts[0].sequence),
        )
        while piece := found.fetchmany(_CHUNK):
            parts += _pieces(piece, rows.layouts(connection), tasks)
        beside = connection.execute(
            "SELECT updates, json_extract(body, '$.seconds') FROM records WHERE run = ? "
            "AND kind NOT IN ('step', 'note') ORDER BY updates",
            (run,),
        ).fetchall()
    return _joined(parts, np.array(beside, dtype=np.float64).reshape(-1, 2))


def _pieces(
    found: Sequence[tuple[int, int, bytes]], layouts: Mapping[int, str], tasks: int
) -> Iterator[History]:
    """Rows of (sequence, layout, body) as pieces of a run, each of records of one layout."""
    for layout, group in groupby(found, key=itemgetter(1)):
        same = list(group)
        yield _of(same[-1][0], unpack(layouts[layout], [body for _, _, body in same]), tasks)


def _of(sequence: int, table: NDArray, tasks: int) -> History:
    """A piece of a run from packed records of one layout."""
    lowest, pair = np.full(len(table), np.nan), np.full((len(table), 2), -1)
    if "gram" in table.dtype.names and tasks > 1:
        first, second = np.triu_indices(tasks, k=1)
        each = cosines(table["gram"])[:, first, second]
        # Missing cosines must not win: they count as the largest there could be.
        which = np.where(np.isfinite(each), each, np.inf).argmin(axis=1)
        lowest = each[np.arange(len(each)), which]
        known = np.isfinite(lowest)
        pair[known] = np.stack([first[which[known]], second[which[known]]], axis=1)
    plain = (table[name].copy() for name in ("update", "epoch", "seconds", "tokens"))
    return History(sequence, *plain, lowest, pair, np.empty((0, 2)))


def _joined(parts: list[History], beside: Array) -> History:
    names = ("update", "epoch", "seconds", "tokens", "cosine", "pair")
    joined = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return History(parts[-1].sequence, *joined, np.nan_to_num(beside))
