"""Numbers of the device brought to the host, many at once."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def read_together(parts: Mapping[str, Tensor]) -> dict[str, NDArray[np.float64]]:
    """Bring numbers of one device to the host with a single copy.

    A GPU works through a queue that the host fills ahead of it. Whoever looks at a number waits
    until the queue is empty, and the GPU then waits for the host: so an update looks once.

    Args:
        parts: Tensors of any shape, all on one device.

    Returns:
        The same under the same names, in float64, which keeps every float32 exactly.
    """
    if not parts:
        return {}
    flat = torch.cat([part.detach().reshape(-1).double() for part in parts.values()])
    ends = np.cumsum([part.numel() for part in parts.values()])[:-1]
    read = np.split(flat.cpu().numpy(), ends)
    return {
        name: numbers.reshape(part.shape)
        for (name, part), numbers in zip(parts.items(), read, strict=True)
    }
