"""Where embeddings and their spectra are kept, and how clouds of points are written."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.embedding_request import TaskTexts
from mtlviz.engine.measures.covariance import Spectrum, spectrum
from mtlviz.runs.array_cache import ArrayCache, Arrays

Rows = NDArray[np.float32]
Clouds = list[tuple[TaskTexts, Rows]]


def embedding_cache(home: Path) -> ArrayCache:
    """Embeddings kept in a home folder."""
    return ArrayCache(home / "cache" / "embeddings")


def keep_embeddings(home: Path, key: str, rows: Rows) -> None:
    """Keep a task's embeddings (n, d) under a key, and their spectra, which pages need at once.

    Raises:
        StoreError: If the folder cannot be written.
    """
    cache = embedding_cache(home)
    for centred in (False, True):
        found = spectrum(rows, centred=centred)
        kept = {"values": found.values, "directions": found.directions}
        cache.put(_spectrum_key(key, centred), kept)
    cache.put(key, {"embeddings": rows})


def kept_spectrum(home: Path, key: str, centred: bool) -> Spectrum | None:
    """The spectrum kept with the embeddings of this key; None if there is none."""
    arrays = embedding_cache(home).get(_spectrum_key(key, centred))
    return None if arrays is None else Spectrum(arrays["values"], arrays["directions"])


def _spectrum_key(key: str, centred: bool) -> str:
    return f"{key}-spectrum-{'mean' if centred else 'origin'}"


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
