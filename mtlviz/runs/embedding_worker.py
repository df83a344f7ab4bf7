"""The process that embeds texts and tries checkpoints.

    python -m mtlviz.runs.embedding_worker HOME

PyTorch is imported here, never in the app.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from mtlviz.engine.config import RunConfig
from mtlviz.engine.embedding_request import EncoderChoice, TaskTexts
from mtlviz.runs.embedding_store import Clouds, embedding_cache, keep_embeddings, packed_clouds
from mtlviz.runs.helper import Tell, serve
from mtlviz.runs.run_clouds import RunRequest, computed_clouds
from mtlviz.runs.store import Store


def work(home: Path, request: dict[str, Any], tell: Tell) -> None:
    """Embed what a request asks for, and keep it in the home folder; or try a checkpoint."""
    if "run" in request:
        _of_run(home, request, tell)
    elif "try" in request:
        _try_checkpoint(request, tell)
    else:
        _of_texts(home, request, tell)


def _of_texts(home: Path, request: dict[str, Any], tell: Tell) -> None:
    """Embed the texts of some tasks, each under its own key."""
    tell(0.0, "Loading PyTorch")
    from mtlviz.engine.embeddings import embedded

    encoder = TypeAdapter(EncoderChoice).validate_python(request["encoder"])
    texts = [_texts(each) for each in request["texts"]]
    tell(0.0, "Loading the encoder")
    found = embedded(texts, encoder, lambda share: tell(share, "Embedding the texts"))
    for key, rows in zip(request["keys"], found, strict=True):
        keep_embeddings(home, key, rows)


def _of_run(home: Path, request: dict[str, Any], tell: Tell) -> None:
    """Embed the development examples of a run by its own model, or read what it recorded."""
    tell(0.1, "Reading the run and its data")
    store = Store(home)
    clouds: Clouds = computed_clouds(store, RunRequest(**request["run"]))
    store.close()
    embedding_cache(home).put(request["key"], packed_clouds(clouds))


def _try_checkpoint(request: dict[str, Any], tell: Tell) -> None:
    """Load a run's checkpoint as the run would."""
    tell(0.0, "Loading PyTorch")
    from mtlviz.engine.models.build import try_checkpoint

    try_checkpoint(RunConfig.from_json(request["try"]))


def _texts(values: dict[str, Any]) -> TaskTexts:
    second = values["second"]
    return TaskTexts(
        values["name"],
        tuple(values["first"]),
        None if second is None else tuple(second),
        np.zeros(len(values["first"]), np.int64),
    )


if __name__ == "__main__":
    home = Path(sys.argv[1])
    serve(lambda request, tell: work(home, request, tell))
