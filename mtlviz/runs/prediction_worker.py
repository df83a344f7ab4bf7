"""The process that answers with stored runs' models.

    python -m mtlviz.runs.prediction_worker HOME

It lasts, and keeps the models that were asked last: a second question takes milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtlviz.access import HOME_FOLDER
from mtlviz.engine.kinds import KINDS
from mtlviz.errors import ConfigError
from mtlviz.runs.helper import Tell, serve
from mtlviz.runs.prediction_jobs import AFFINITY, LONGEST_TYPED, PredictionRequest, keep_text
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import stored_model, weights_mark

if TYPE_CHECKING:
    from mtlviz.engine.trained_model import TrainedModel

_MOST_BYTES = 2**30
_MOST_MODELS = 6
_MOST_ROWS = 50_000
"""Texts of a split that are answered for the app; the shell answers any number."""
_MODELS: OrderedDict[tuple[object, ...], TrainedModel] = OrderedDict()


def work(home: Path, request: dict[str, Any], tell: Tell) -> None:
    """Answer a request, and keep the answer in the home folder."""
    asked = PredictionRequest(**request["asked"])
    store = Store(home)
    try:
        model = _model(store, asked.run, tell)
        tell(0.6, f"Run {asked.run} answers")
        if asked.format == AFFINITY:
            text = json.dumps(_affinity(model, tell))
        else:
            text = _file(model, asked) if asked.split else json.dumps([*_rows(model, asked)])
    finally:
        store.close()
    keep_text(home, request["key"], text)


def _model(store: Store, run: int, tell: Tell) -> TrainedModel:
    """A run's model: the one loaded before, unless it has been trained further since."""
    key = (run, *weights_mark(store, run))
    if key not in _MODELS:
        tell(0.05, f"Loading the model and the data of run {run}")
        _MODELS[key] = stored_model(store, run)
    _MODELS.move_to_end(key)
    while len(_MODELS) > 1 and (len(_MODELS) > _MOST_MODELS or _bytes() > _MOST_BYTES):
        _MODELS.popitem(last=False)
    return _MODELS[key]


def _bytes() -> int:
    """Memory that the parameters of all loaded models take."""
    loaded = [parameter for model in _MODELS.values() for parameter in model.model.parameters()]
    return sum(parameter.numel() * parameter.element_size() for parameter in loaded)


def _affinity(model: TrainedModel, tell: Tell) -> list[list[float]]:
    """What every two tasks would do to each other; the same run always gives the same."""
    from mtlviz.engine.gradient_estimate import estimates

    found: list[list[float]] = []
    for part in estimates(model, np.random.default_rng(0)):
        tell(part.progress, "Estimating what every two tasks would do to each other")
        found = found if part.affinity is None else part.affinity.tolist()
    return found


def _rows(model: TrainedModel, asked: PredictionRequest) -> Iterator[dict[str, Any]]:
    """What each task's head says of the typed text; a task that reads one reads the first."""
    from mtlviz.engine.tasks.task import Texts
    from mtlviz.engine.tasks.text_file import checked, cleaned

    for task in model.tasks:
        pair = KINDS[task.kind].pair
        if pair and not asked.second.strip():
            yield {"task": task.name, "needs": "a second text"}
            continue
        texts = Texts(("1",), (asked.first,), (asked.second,) if pair else None)
        texts = checked(task, cleaned(task, texts), "The text", LONGEST_TYPED)
        found = model.predict(task.name, texts)
        yield {
            "task": task.name,
            "words": found.words[0],
            "probabilities": found.odds(0),
            "remarks": model.remarks(task.name, texts),
        }


def _file(model: TrainedModel, asked: PredictionRequest) -> str:
    """One task's answers to a split, as a file.

    Raises:
        MtlvizError: The task has no such split, too large a one, or no file of this format.
    """
    from mtlviz.engine.predictions import texts_of
    from mtlviz.runs.prediction_files import check_format, written

    task = model.tasks[model.number(asked.task)]
    check_format(asked.format, task)
    texts = texts_of(task, asked.split)  # type: ignore[arg-type]
    if len(texts) > _MOST_ROWS:
        raise ConfigError(
            f"The {asked.split} split has {len(texts):,} texts; the app answers at most "
            f"{_MOST_ROWS:,}: use `mtlviz predict` in the shell."
        )
    return written(asked.format, model.predict(task.name, texts))


if __name__ == "__main__":
    home = Path(sys.argv[1])
    os.environ[HOME_FOLDER] = str(home)  # Own tasks are meant from there.
    serve(lambda request, tell: work(home, request, tell))
