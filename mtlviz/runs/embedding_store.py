"""Where embeddings are kept in the home folder, and how clouds of points are written."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.embedding_request import TaskTexts
from mtlviz.runs.array_cache import ArrayCache, Arrays

Rows = NDArray[np.float32]
Clouds = list[tuple[TaskTexts, Rows]]


def embedding_cache(home: Path) -> ArrayCache:
    """Embeddings kept in a home folder."""
    return ArrayCache(home / "cache" / "embeddings")


def packed_clouds(clouds: Clouds) -> Arrays:
    """Texts, labels and embeddings of some tasks as arrays."""
    described = [
        {
            "name": texts.name,
            "first": texts.first,
            "second": texts.second,
            "label_names": texts.label_names,
        }
        for texts, _ in clouds
    ]
    text = json.dumps(described).encode()
    arrays: Arrays = {"texts": np.frombuffer(text, dtype=np.uint8)}
    for number, (texts, rows) in enumerate(clouds):
        arrays |= {f"embeddings {number}": rows, f"labels {number}": texts.labels}
    return arrays


def unpacked_clouds(arrays: Arrays) -> Clouds:
    """The clouds that `packed_clouds` packed."""
    described = json.loads(arrays["texts"].tobytes())
    return [
        (
            TaskTexts(
                each["name"],
                tuple(each["first"]),
                None if each["second"] is None else tuple(each["second"]),
                arrays[f"labels {number}"],
                tuple(each["label_names"]),
            ),
            arrays[f"embeddings {number}"],
        )
        for number, each in enumerate(described)
    ]
