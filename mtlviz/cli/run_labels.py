"""`mtlviz runs rename` and `mtlviz runs note`: what people call a run and note on it."""

import argparse
from collections.abc import Callable, Iterator

from mtlviz.runs import run_labels
from mtlviz.runs.store import Store


def _rename(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    run_labels.rename(store, flags.run, flags.text)
    yield f"Run {flags.run} is called {store.run(flags.run).name}."


def _note(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    run_labels.note(store, flags.run, flags.text)
    yield f"Run {flags.run} has {'a' if store.run(flags.run).note else 'no'} note."


LABELS: dict[str, tuple[Callable[[Store, argparse.Namespace], Iterator[str]], str, str]] = {
    "rename": (_rename, "NAME", "call a run by another name"),
    "note": (_note, "TEXT", "keep a note on a run; an empty one takes it away"),
}
"""What the shell can write on a run: what does it, what it is given, and what it is for."""
