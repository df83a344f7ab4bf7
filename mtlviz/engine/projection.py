"""Points in the plane by UMAP or t-SNE, the same for the same seed. For worker processes."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import principal_plane
from mtlviz.errors import DataError, unknown_choice

Rows = NDArray[np.float32]
Tell = Callable[[float, str], None]

NEIGHBOURS = 15
FEWEST = 5
"""Points below which neighbours say nothing."""
PERPLEXITY = 30.0
_KEPT = 50
"""Principal components that neighbours are sought in, as is usual for both methods."""
_EPOCHS = 300
_DESCENT = 600
_SEEKING = 0.08


def projected(points: Rows, method: str, seed: int, tell: Tell) -> Rows:
    """Points in the plane so that near ones stay near; far distances mean little.

    Both methods begin from the first two principal components, so that a picture resembles the PCA
    picture it came from, and look for neighbours among the first 50.

    Args:
        points: All tasks' points together, (N, d).
        method: "umap" or "tsne".
        seed: Decides the picture.
        tell: Told the share that is done and what is being done.

    Returns:
        Coordinates, (N, 2).

    Raises:
        ConfigError: The method is unknown.
        DataError: There are fewer than 5 points.
    """
    if method not in _METHODS:
        raise unknown_choice("projection", method, _METHODS)
    if len(points) < FEWEST:
        raise DataError(f"At least {FEWEST} points are needed to project, got {len(points)}.")
    tell(0.05, "Principal components")
    mean, directions = principal_plane([points], min(_KEPT, points.shape[1]))
    components = ((points - mean) @ directions).astype(np.float32)
    return _METHODS[method](components, seed, tell).astype(np.float32)


def _umap(components: Rows, seed: int, tell: Tell) -> Rows:
    from umap import UMAP

    tell(_SEEKING, "Looking for neighbours")
    neighbours = min(NEIGHBOURS, len(components) - 1)
    known = _nearest(components, neighbours)
    model = UMAP(
        n_neighbors=neighbours,
        # Given neighbours save compiling pynndescent; brute force is exact and fast enough.
        precomputed_knn=(*known, None),
        init=_start(components),
        n_epochs=_EPOCHS,
        random_state=seed,
        n_jobs=1,
        tqdm_kwds={
            "file": _Counter(lambda share: tell(_after(share), "Arranging the points (UMAP)")),
            "disable": False,
            "bar_format": "{n_fmt}/{total_fmt} ",
            "mininterval": 0.2,
        },
    )
    return model.fit_transform(components)


def _tsne(components: Rows, seed: int, tell: Tell) -> Rows:
    from contextlib import redirect_stdout

    from sklearn.manifold import TSNE

    tell(_SEEKING, "Looking for neighbours")
    model = TSNE(
        init=_start(components), perplexity=min(PERPLEXITY, (len(components) - 1) / 3),
        max_iter=_DESCENT, random_state=seed, verbose=2, n_jobs=1,
    )  # fmt: skip
    with redirect_stdout(_Lines(lambda share: tell(_after(share), "Arranging the points (t-SNE)"))):
        return model.fit_transform(components)


_METHODS: dict[str, Callable[[Rows, int, Tell], Rows]] = {"umap": _umap, "tsne": _tsne}


def warm_up(compiling: Callable[[], None]) -> None:
    """Import UMAP and let it compile itself on a few points.

    Args:
        compiling: Called between the two.
    """
    import umap  # noqa: F401  imported for its time

    compiling()
    few = np.random.default_rng(0).normal(size=(4 * NEIGHBOURS, 3)).astype(np.float32)
    projected(few, "umap", 0, lambda share, stage: None)


def _nearest(points: Rows, count: int) -> tuple[NDArray[np.int64], Rows]:
    """Numbers and distances of the nearest points of each, itself first, (N, count) both."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(points)
    distances, places = search.kneighbors(points)
    return places, distances.astype(np.float32)


def _start(components: Rows) -> Rows:
    """The first two components, as small as both methods want them to begin."""
    plane = np.zeros((len(components), 2), dtype=np.float32)
    plane[:, : min(2, components.shape[1])] = components[:, :2]
    spread = float(plane[:, 0].std())
    return plane * (1e-4 / spread) if spread > 0 else plane


def _after(share: float) -> float:
    """Share of the whole, from the share of the arranging."""
    return _SEEKING + (1 - _SEEKING) * share


class _Counter:
    """A file into which tqdm writes `done/total`."""

    def __init__(self, told: Callable[[float], None]) -> None:
        self._told = told

    def write(self, text: str) -> int:
        if found := re.search(r"(\d+)/(\d+)", text):
            self._told(int(found[1]) / max(1, int(found[2])))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


class _Lines(_Counter):
    """A file into which scikit-learn writes `[t-SNE] Iteration 50: ...`."""

    def write(self, text: str) -> int:
        if found := re.search(r"Iteration (\d+)", text):
            self._told(min(1.0, int(found[1]) / _DESCENT))
        return len(text)
