"""A stored run's model, ready to answer: for the shell, the app's worker and programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.failures import StoreError
from mtlviz.runs.store import Store

if TYPE_CHECKING:
    from mtlviz.engine.trained_model import TrainedModel


def stored_model(store: Store, run: int, device: str | None = None) -> TrainedModel:
    """The model of a stored run, as it scored best. Needs PyTorch.

    Args:
        store: The store.
        run: Number of the run; one that goes on answers as it was last saved.
        device: Where to compute; where the run did if None.

    Raises:
        StoreError: There is no such run, or it has no weights yet.
        MtlvizError: Its checkpoint cannot be read, or its data is gone or has changed.
    """
    from mtlviz.engine.trained_model import trained_model

    config, weights = store.config(run), weights_of(store, run)
    with store.in_directory(run):
        return trained_model(config, weights, device=device)


def newest_checkpoint(store: Store, run: int) -> Path | None:
    """The newest checkpoint of a run; None where there is none."""
    folder = store.folder(run)
    found = checkpoints(folder) if folder.is_dir() else {}
    return next(iter(found.values()), None)


def weights_mark(store: Store, run: int) -> tuple[object, ...]:
    """Changes whenever the run's weights may have; the same for one run of one store only.

    Raises:
        StoreError: There is no such run.
    """
    found, newest = store.run(run), newest_checkpoint(store, run)
    return found.created, found.edition, None if newest is None else newest.name


def weights_of(store: Store, run: int) -> Path:
    """The checkpoint that holds a run's weights.

    Raises:
        StoreError: There is no such run, or it has saved none.
    """
    asked = store.run(run)
    found = newest_checkpoint(store, run)
    if found is None:
        why = f"it is {asked.status} and has saved none"
        if asked.recorded is not None:
            why = "recorded runs come without them"
        raise StoreError(f"Run {run} has no weights to answer with: {why}.")
    return found
