"""Arrays in Plotly's own packed form, which reaches the browser smaller and faster than lists."""

import base64

import numpy as np
from numpy.typing import ArrayLike

_CODES = {"float32": "f4", "float64": "f8", "int32": "i4", "uint8": "u1"}


def packed(values: ArrayLike, dtype: str = "float32") -> dict[str, str]:
    """An array as `{"dtype", "bdata", "shape"}`, little-endian base64."""
    array = np.ascontiguousarray(values, dtype=dtype)
    plain = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return {
        "dtype": _CODES[dtype],
        "bdata": base64.b64encode(plain.tobytes()).decode("ascii"),
        "shape": ",".join(str(n) for n in array.shape),
    }
