"""Checkpoints: one safetensors file per run, its tensors beside a JSON description of the rest.

A file appears under its name only when it is complete, and is never read as a pickle. What it
holds carries a checksum, so that bytes that a disk has changed since are not trained on.
"""

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mtlviz.errors import CheckpointError, DamagedError

VERSION = 1
_KEY, _SUM = "mtlviz", "checksum"


@dataclass(frozen=True)
class Stored:
    """What a checkpoint holds.

    Attributes:
        tensors: Tensors by name, on the CPU.
        state: Everything that is not a tensor, as JSON.
    """

    tensors: dict[str, Tensor]
    state: dict[str, Any]

    def under(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names start with `prefix` and a slash, without it."""
        start = f"{prefix}/"
        return {
            name.removeprefix(start): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(start)
        }


def write(path: Path, groups: Mapping[str, Mapping[str, Tensor]], state: dict[str, Any]) -> None:
    """Write a checkpoint; an older one of that name stays until the new one is complete.

    Args:
        path: The file; its folder must exist.
        groups: Tensors by group and name, stored as "group/name".
        state: Everything else, as JSON.

    Raises:
        CheckpointError: If the file cannot be written.
    """
    tensors = {
        f"{group}/{name}": tensor.detach().cpu().contiguous()
        for group, named in groups.items()
        for name, tensor in named.items()
    }
    described = json.dumps({"version": VERSION, "state": state})
    metadata = {_KEY: described, _SUM: _checksum(described, tensors)}
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        save_file(tensors, partial, metadata=metadata)
        _flush(partial)
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise CheckpointError(f"Cannot write the checkpoint {path}: {error}.") from error


def read(path: Path) -> Stored:
    """Read a checkpoint.

    Raises:
        CheckpointError: If there is no such file, it is damaged, holds no run, or comes from a
            newer version.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no checkpoint {path.name}.")
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise DamagedError(
            f"{path.name} is not a complete safetensors file, so it cannot be read as a checkpoint."
        ) from error
    state = _described(path, metadata)
    # Files of earlier versions have no sum.
    if _SUM in metadata and metadata[_SUM] != _checksum(metadata[_KEY], tensors):
        raise DamagedError(f"{path.name} is damaged: it does not hold what was written to it.")
    return Stored(tensors, state)


def _checksum(described: str, tensors: Mapping[str, Tensor]) -> str:
    """CRC-32 of the description and of every tensor's name, format, shape and bytes."""
    found = zlib.crc32(described.encode())
    for name, tensor in sorted(tensors.items()):
        found = zlib.crc32(repr((name, tensor.dtype, tuple(tensor.shape))).encode(), found)
        found = zlib.crc32(tensor.reshape(-1).view(torch.uint8).numpy(), found)
    return f"{found:08x}"


def _described(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """The JSON part of a checkpoint, checked for its version."""
    if _KEY not in metadata:
        raise CheckpointError(f"{path.name} holds tensors but no run of mtlviz.")
    try:
        description = json.loads(metadata[_KEY])
        version, state = description["version"], description["state"]
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedError(f"The description inside {path.name} is damaged.") from error
    if version != VERSION:
        raise CheckpointError(
            f"{path.name} has checkpoint version {version}; this mtlviz reads version {VERSION}."
        )
    return state


def _flush(path: Path) -> None:
    """Make sure a file has reached the disk before it takes another's name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def model_tensors(model: torch.nn.Module) -> dict[str, Tensor]:
    """A model's parameters and buffers by name; parameters used in two places appear once.

    What a module makes anew, such as the numbers of positions, is no part of its state.
    """
    kept = model.state_dict().keys()
    return dict(model.named_parameters()) | {
        name: each for name, each in model.named_buffers() if name in kept
    }


@torch.no_grad()
def load_tensors(target: Mapping[str, Tensor], stored: Mapping[str, Tensor], what: str) -> None:
    """Copy stored tensors over those of the same names.

    Args:
        target: Tensors to overwrite.
        stored: Tensors to copy.
        what: What they belong to, for messages.

    Raises:
        CheckpointError: If names or shapes differ; nothing is copied then.
    """
    _check_names(target, stored, what)
    for name, tensor in target.items():
        if tensor.shape != stored[name].shape:
            raise CheckpointError(
                f"The checkpoint does not fit the {what}: {name!r} has shape "
                f"{tuple(stored[name].shape)}, this run needs {tuple(tensor.shape)}."
            )
    for name, tensor in target.items():
        tensor.copy_(stored[name])


def _check_names(target: Iterable[str], stored: Iterable[str], what: str) -> None:
    """The same names on both sides."""
    missing = sorted(set(target) - set(stored))
    unknown = sorted(set(stored) - set(target))
    if missing or unknown:
        problem = f"{missing[0]!r} is missing" if missing else f"{unknown[0]!r} is unknown"
        raise CheckpointError(f"The checkpoint does not fit the {what}: {problem}.")


def optimiser_tensors(
    optimiser: torch.optim.Optimizer, names: Mapping[Tensor, str]
) -> dict[str, Tensor]:
    """An optimiser's running averages and step counts, as "entry/parameter name"."""
    return {
        f"{entry}/{names[parameter]}": torch.as_tensor(value)
        for parameter, state in optimiser.state.items()
        for entry, value in state.items()
    }


def load_optimiser(
    optimiser: torch.optim.Optimizer, names: Mapping[Tensor, str], stored: Mapping[str, Tensor]
) -> None:
    """Give an optimiser the running averages of a checkpoint.

    Raises:
        CheckpointError: If they do not fit its parameters.
    """
    known = {
        names[parameter]: parameter
        for group in optimiser.param_groups
        for parameter in group["params"]
    }
    for place, tensor in stored.items():
        entry, _, name = place.partition("/")
        if name not in known:
            raise CheckpointError(
                f"The checkpoint does not fit the optimiser: {name!r} is not trained in this run."
            )
        parameter = known[name]
        if entry != "step" and tensor.shape != parameter.shape:
            raise CheckpointError(
                f"The checkpoint does not fit the optimiser: {place!r} has shape "
                f"{tuple(tensor.shape)}, its parameter has {tuple(parameter.shape)}."
            )
        optimiser.state[parameter][entry] = tensor.to(parameter.device)
