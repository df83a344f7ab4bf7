"""Which directions of a plane hurt no task: what the browser draws, by another way."""

import numpy as np


def dual_cone_2d(coordinates: np.ndarray) -> tuple[float, float] | None:
    """Directions in the plane that hurt no task, to first order.

    Args:
        coordinates: Gradients in the plane, shape (K, 2). Zero gradients forbid nothing.

    Returns:
        The two borders in degrees, the first below the second, counted against the clock from the
        first axis; the cone lies between. None where every direction hurts someone. Without any
        gradient the cone is all: −180 to 180. Of two exactly opposite gradients, which leave the
        line across, one of its two directions is given.
    """
    present = coordinates[np.abs(coordinates).max(axis=-1) > 0]
    if len(present) == 0:
        return -180.0, 180.0
    angles = np.degrees(np.arctan2(present[:, 1], present[:, 0]))
    turned = (angles - angles[0] + 180) % 360 - 180
    low, high = turned.max() - 90, turned.min() + 90
    if low > high:
        return None
    return float(angles[0] + low), float(angles[0] + high)
