"""Principal angles that mean nothing: those between random subspaces."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.angles import principal_angles

_DRAWS = 40


@lru_cache(maxsize=64)
def angles_by_chance(width: int, size: int) -> NDArray[np.float64]:
    """Least, middle and greatest principal angles of random subspaces, in radians, (3, size).

    Args:
        width: Dimensions of the space.
        size: Dimensions of both subspaces.
    """
    drawn = np.random.default_rng(0)
    found = []
    for _ in range(_DRAWS):
        bases = [np.linalg.qr(drawn.normal(size=(width, size)))[0] for _ in range(2)]
        found.append(principal_angles(*bases))
    return np.stack([np.min(found, axis=0), np.median(found, axis=0), np.max(found, axis=0)])
