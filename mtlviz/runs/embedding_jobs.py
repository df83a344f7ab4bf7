"""Embeddings on demand: kept ones at once, the others by a process of their own.

That process may import transformers, so it also tries checkpoints.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.embedding_request import CheckpointEncoder, TaskTexts, VectorEncoder, content_key
from mtlviz.runs.embedding_store import Clouds, Rows, embedding_cache, unpacked_clouds
from mtlviz.runs.helper import Helper, Progress
from mtlviz.runs.run_clouds import RunRequest, request_key
from mtlviz.runs.store import Store

WORKER = "mtlviz.runs.embedding_worker"


def kept_embeddings(
    home: Path, texts: Sequence[TaskTexts], encoder: VectorEncoder | CheckpointEncoder
) -> list[Rows] | None:
    """Embeddings of these texts computed before, (n, d) a task; None if any is missing."""
    cache, found = embedding_cache(home), []
    for each in texts:
        arrays = cache.get(content_key(each, encoder))
        if arrays is None:
            return None
        found.append(arrays["embeddings"])
    return found


def embed(
    home: Path, texts: Sequence[TaskTexts], encoder: VectorEncoder | CheckpointEncoder
) -> Iterator[Progress]:
    """Compute and keep the embeddings that are missing, telling how far it is.

    Raises:
        MtlvizError: The encoder cannot be read, or the process ended early.
    """
    cache = embedding_cache(home)
    keys = {content_key(each, encoder): each for each in texts}
    missing = {key: each for key, each in keys.items() if not cache.has(key)}
    if missing:
        yield from asked(
            home,
            {
                "encoder": encoder.model_dump(mode="json"),
                "keys": list(missing),
                "texts": [_plain(each) for each in missing.values()],
            },
        )


def kept_run_clouds(store: Store, request: RunRequest) -> Clouds | None:
    """Embeddings of a run computed before, with their texts; None if they are missing."""
    arrays = embedding_cache(store.home).get(request_key(store, request))
    return None if arrays is None else unpacked_clouds(arrays)


def embed_run(store: Store, request: RunRequest) -> Iterator[Progress]:
    """Compute and keep the embeddings of a run, telling how far it is.

    Raises:
        MtlvizError: The run has none, its data cannot be read, or the process ended early.
    """
    key = request_key(store, request)
    if not embedding_cache(store.home).has(key):
        yield from asked(store.home, {"run": asdict(request), "key": key})


def checkpoint_trial(home: Path, config: RunConfig) -> Iterator[Progress]:
    """Have a run's checkpoint loaded and given a few texts, as the run itself would begin.

    Args:
        home: The home folder, for what the process has to complain about.
        config: Settings that name a checkpoint.

    Raises:
        MtlvizError: Why it cannot be used.
    """
    yield from asked(home, {"try": config.to_json()})


def asked(home: Path, request: dict[str, Any]) -> Iterator[Progress]:
    """Have a process that may import PyTorch work on a request, telling how far it is.

    Raises:
        MtlvizError: If it cannot be done, or the process ended early.
    """
    helper = Helper(WORKER, home / "cache" / "log.txt", [str(home)])
    try:
        yield Progress(0.0, "Starting a process")
        yield from helper.ask(request)
    finally:
        helper.close()


def _plain(texts: TaskTexts) -> dict[str, Any]:
    return {"name": texts.name, "first": texts.first, "second": texts.second}
