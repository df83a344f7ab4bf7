"""`mtlviz sweep list`: every sweep in a line, there before NumPy and pydantic would be."""

from collections.abc import Iterator

from mtlviz.runs.store import Store
from mtlviz.runs.sweep.state import runs_of, sweep_state
from mtlviz.runs.sweep.stored import sweeps


def listing(store: Store) -> Iterator[str]:
    """One line a sweep, newest first."""
    lines = []
    runs = store.runs()
    for sweep in sweeps(store):
        state = sweep_state(sweep, runs_of(sweep, runs))
        size = f"{len(sweep.settings)} x {len(sweep.seeds)}"
        lines.append(f"{sweep.id:>5}  {state.word:15}{state.finished:>6}  {size:>9}  "
                     f"{sweep.study.name}")  # fmt: skip
    if not lines:
        yield "There are no sweeps yet."
        return
    yield f"{'sweep':>5}  {'status':15}{'done':>6}  {'size':>9}  name"
    yield from lines
