"""Predictions for the app: kept ones at once, the others by one process that lasts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.runs.array_cache import ArrayCache
from mtlviz.runs.helper import Progress, lasting_helper
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import weights_mark, weights_of

WORKER = "mtlviz.runs.prediction_worker"
VERSION = 2
"""Raised whenever the same request would be answered otherwise."""
AFFINITY = "affinity"
LONGEST_TYPED = 20_000
"""Characters of a typed text: a long passage. More would keep others of a class waiting."""


@dataclass(frozen=True)
class PredictionRequest:
    """What a stored run is asked: about a typed text, about a split, or about its tasks.

    Attributes:
        run: Number of the run.
        first: The typed text; empty for a split.
        second: The second one, for tasks that read two; empty where there is none.
        task: The task whose split is asked.
        split: The split.
        format: In which format the file is, a key of `prediction_files.FORMATS`; AFFINITY asks
            what every two tasks would do to each other.
    """

    run: int
    first: str = ""
    second: str = ""
    task: str = ""
    split: str = ""
    format: str = ""


def request_key(store: Store, asked: PredictionRequest) -> str:
    """Changes with the request, and with the weights that the run has saved since.

    Raises:
        StoreError: There is no such run.
    """
    text = repr((VERSION, str(store.home), asdict(asked), weights_mark(store, asked.run)))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def kept_text(store: Store, asked: PredictionRequest) -> str | None:
    """The content of the file that was asked for; None if it was not made yet."""
    arrays = prediction_cache(store.home).get(request_key(store, asked))
    return None if arrays is None else arrays["text"].tobytes().decode()


def kept_rows(store: Store, asked: PredictionRequest) -> list[dict[str, Any]] | None:
    """What each task's head says of the typed text; None if nobody asked yet.

    A row has the `task` and its answer in `words`, with `probabilities` by class where it has such
    and `remarks` on what the model does not see; or it has what the task `needs`.
    """
    text = kept_text(store, asked)
    return None if text is None else json.loads(text)


def kept_affinity(store: Store, run: int) -> NDArray[np.float64] | None:
    """The estimate from gradients of what every two tasks would do to each other, (K, K).

    See `engine.gradient_estimate`; None if nobody asked yet.
    """
    text = kept_text(store, PredictionRequest(run, format=AFFINITY))
    return None if text is None else np.array(json.loads(text), dtype=np.float64)


def predict(store: Store, asked: list[PredictionRequest]) -> Iterator[Progress]:
    """Have what is not kept yet computed, one run after the other, telling how far it is.

    Raises:
        MtlvizError: A run has no weights or cannot answer this, or the process ended early.
    """
    cache = prediction_cache(store.home)
    for each in asked:
        key = request_key(store, each)
        if not cache.has(key):
            weights_of(store, each.run)
            # Whoever types a text does not wait for somebody's file.
            process = lasting_helper(WORKER, store.home, "texts" if each.first else "files")
            yield Progress(0.0, "Waiting for the process that answers")
            yield from _finished(process.ask({"asked": asdict(each), "key": key}))


def prediction_cache(home: Path) -> ArrayCache:
    """Predictions kept in a home folder."""
    return ArrayCache(home / "cache" / "predictions", most_bytes=2**28)


def keep_text(home: Path, key: str, text: str) -> None:
    """Keep a result under its key.

    Raises:
        StoreError: If the folder cannot be written.
    """
    prediction_cache(home).put(key, {"text": np.frombuffer(text.encode(), dtype=np.uint8)})


def _finished(parts: Iterator[Progress]) -> Iterator[Progress]:
    """The same, worked to its end also where nobody waits any more: its process serves others."""
    try:
        for part in parts:  # noqa: UP028  `yield from` would end the work together with this.
            yield part
    finally:
        for _ in parts:
            pass
