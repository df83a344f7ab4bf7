"""Matrices of scores in the shell: of one run, and methods against forgetting side by side."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.parser import RUN_NUMBER, SWEEP_NUMBER
from mtlviz.errors import ConfigError
from mtlviz.limits import printable
from mtlviz.runs.number_ranges import ranges

if TYPE_CHECKING:
    from mtlviz.engine.measures.transfer import Transfer
    from mtlviz.runs.score_matrices import MethodScores, ScoreMatrix
    from mtlviz.runs.store import Store

_SHOWN = ("average", "backward", "forgetting", "learning", "gap")


def add_matrix(actions: argparse._SubParsersAction) -> None:
    """What `mtlviz runs matrix` understands."""
    made = actions.add_parser(
        "matrix", help="methods against forgetting side by side, over paired seeds"
    )
    made.add_argument("runs", metavar="RUN", type=RUN_NUMBER, nargs="*", help="number of a run")
    made.add_argument("--sweep", metavar="SWEEP", type=SWEEP_NUMBER, help="all runs of this sweep")
    made.add_argument("--out", metavar="FILE", help="write matrices and numbers as JSON")
    made.set_defaults(action=_matrix)


def _matrix(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.runs.score_matrices import as_json, compared

    runs = flags.runs
    if flags.sweep is not None:
        from mtlviz.runs.sweep.stored import stored_sweep

        runs = [*runs, *sorted(stored_sweep(store, flags.sweep).numbers())]
    finished = [run for run in dict.fromkeys(runs) if store.run(run).status == "finished"]
    experiments = compared(store, finished)
    if not experiments:
        raise ConfigError("None of these runs is finished and has phases: there is no matrix.")
    for number, methods in enumerate(experiments):
        if number:
            yield ""
        if len(experiments) > 1:
            yield _heading(methods)
        yield from _table(methods)
    used = {
        run for methods in experiments for each in methods.values() for run in each.runs.values()
    }
    if left := [str(run) for run in finished if run not in used]:
        yield f"Left out: {', '.join(left)} (no phases, or another run of the method is first)."
    if flags.out:
        text = json.dumps([as_json(methods) for methods in experiments], indent=1)
        Path(flags.out).write_text(text + "\n", encoding="utf-8")
        yield f"Written to {flags.out}."


def _table(methods: Mapping[str, MethodScores]) -> Iterator[str]:
    """A line a method, in points with half a 95 % interval over seeds."""
    yield f"{'against forgetting':20}" + "".join(f"{name:>16}" for name in _SHOWN) + "   seeds"
    for name, found in methods.items():
        cells = (_points(found.mean(each)) for each in _SHOWN)
        yield f"{name:20}" + "".join(f"{cell:>16}" for cell in cells) + f"{len(found.runs):>8}"


def _heading(methods: Mapping[str, MethodScores]) -> str:
    """Which experiment a table is of: its tasks in their order, and its runs."""
    runs = sorted(run for each in methods.values() for run in each.runs.values())
    matrix = next(iter(next(iter(methods.values())).matrices.values()))
    return f"{' > '.join(map(printable, matrix.phases))} (runs {ranges(runs)}):"


def _points(found: Transfer | None) -> str:
    if found is None:
        return "-"
    half = (found.high - found.low) / 2
    return f"{found.mean:.1f}" + (f" ± {half:.1f}" if math.isfinite(half) else "")


def matrix_lines(found: ScoreMatrix | None) -> Iterator[str]:
    """Every task after every phase of one run; nothing for a run of one phase."""
    if found is None or len(found.phases) < 2:
        return
    yield f"  after    {'  '.join(f'{printable(task)[:12]:>12}' for task in found.tasks)}"
    for number, row in enumerate(found.scores, start=1):
        yield f"  phase {number:<3}" + "  ".join(f"{_score(score):>12}" for score in row)
    numbers = {name: getattr(found.numbers, name) for name in ("average", "backward", "forgetting")}
    known = [f"{name} {value:.3f}" for name, value in numbers.items() if math.isfinite(value)]
    yield f"  in all   {', '.join(known)}"


def _score(score: float) -> str:
    return f"{score:.3f}" if math.isfinite(score) else "-"
