"""Where a run computes: device, number format, threads; and numbers read from there."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.errors import ConfigError
from mtlviz.limits import brief

MOST_THREADS = 1024
Precision = Literal["float32", "bfloat16", "float16"]


def resolve_device(name: str, rank: int = 0) -> torch.device:
    """The device a name stands for: 'auto' is the first GPU if there is one, else the CPU.

    Args:
        name: 'auto', 'cpu', 'cuda' or 'cuda:N'.
        rank: Number of this process among those of one run; each has a GPU of its own.

    Raises:
        ConfigError: The name is none of these, or this machine has no such GPU.
    """
    if name in ("auto", "cpu") and rank == 0:
        return torch.device("cuda:0" if name == "auto" and torch.cuda.is_available() else "cpu")
    if name in ("auto", "cpu"):
        first = resolve_device(name)
        return first if first.type == "cpu" else resolve_device("cuda", rank)
    if name == "cuda" and rank:
        name = f"cuda:{rank}"
    kind, _, number = name.partition(":")
    if kind != "cuda" or (number or "0") not in map(str, range(1024)) or name.endswith(":"):
        raise ConfigError(
            f"Unknown device {brief(name)}. Known: auto, cpu, cuda, cuda:N with N from 0 up."
        )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(number or 0) >= count:
        raise ConfigError(
            f"Device {name!r} is not there: this machine offers {count} CUDA devices to torch."
        )
    return torch.device("cuda", int(number or 0))


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager:
    """A block whose matrix products run in the given number format; weights stay float32.

    Args:
        device: Where the model runs.
        precision: 'float32' changes nothing; 'float16' needs its losses scaled by the caller.

    Raises:
        ConfigError: The device cannot compute in bfloat16.
    """
    if precision == "float32":
        return nullcontext()
    if precision == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise ConfigError(f"Device {device} cannot compute in bfloat16; choose float32 or float16.")
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def slowness(device: torch.device, precision: Precision) -> str | None:
    """A sentence on a number format that this processor only imitates; None where it is at home.

    Nothing is said where torch does not tell what the processor can do.
    """
    if device.type != "cpu" or precision != "bfloat16":
        return None
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    if any(capabilities.get(name, True) for name in ("avx512_bf16", "amx_bf16")):
        return None
    return (
        "This processor does not compute in bfloat16 itself (no AVX512-BF16, no AMX), so the run "
        "takes several times as long as with float32."
    )


def use_threads(count: int | None) -> int:
    """Let this process compute with so many CPU threads; None leaves torch's choice.

    Several runs on one machine are faster with few threads each than with all for each.

    Returns:
        The number of threads in use.

    Raises:
        ConfigError: The number is below 1, or more than any machine has use for.
    """
    if count is not None:
        if not 1 <= count <= MOST_THREADS:
            raise ConfigError(
                f"The number of threads must be at least 1 and at most {MOST_THREADS}, "
                f"got {brief(count)}."
            )
        torch.set_num_threads(count)
    return torch.get_num_threads()


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
