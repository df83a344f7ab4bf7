"""Which checkpoint a run reads, and where it is; needs neither torch nor the network."""

import os
from pathlib import Path

from mtlviz.access import current, shown
from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.shapes import CheckpointShape, read_shape
from mtlviz.errors import CheckpointError, ConfigError, OfflineError


def checkpoint_shape(name: str) -> CheckpointShape:
    """The shape of a local folder's, or of an already fetched hub model's, encoder.

    Args:
        name: A folder, or a hub name.

    Raises:
        ConfigError: The name is empty.
        CheckpointError: It cannot be read, is not in safetensors, or its weights do not have the
            shapes that its configuration calls for.
        OfflineError: It is not here and the hub may not be asked.
        NotFetched: It is not here yet.
    """
    return read_shape(_folder(name), _short(name))


def checkpoint_of(config: RunConfig) -> str | None:
    """The checkpoint a run reads: its encoder, or where its word vectors come from; or None."""
    capacity = config.capacity
    if capacity.encoder == "checkpoint":
        return capacity.checkpoint
    return None if capacity.vectors == "random" or is_file(capacity.vectors) else capacity.vectors


def is_file(vectors: str) -> bool:
    """Whether a setting of `vectors` names a text file rather than a checkpoint."""
    return current().is_file(vectors) or vectors.endswith((".txt", ".vec"))


class NotFetched(OfflineError):
    """A hub model that a run would have to fetch first."""


def _folder(name: str) -> Path:
    if not name:
        raise ConfigError("A pretrained encoder needs a checkpoint: a local folder or a hub name.")
    local = current().local_folder(name)
    if local is not None:
        return local
    if Path(name).is_absolute() or name.startswith((".", "~", "$")):
        raise CheckpointError(f"There is no folder {shown(name)} that may be read.")
    found = _fetched(name)
    if found is None and os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise OfflineError(
            f"Checkpoint {shown(name)} is not a local folder and cannot be fetched: "
            "HF_HUB_OFFLINE is set. Give a local folder instead."
        )
    if found is None:
        raise NotFetched(f"Checkpoint {name!r} is no folder here; the run fetches it from the hub.")
    return found


def _fetched(name: str) -> Path | None:
    """The folder in which an earlier run left this hub model, if one did."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError as error:
        raise CheckpointError(
            f"There is no folder {shown(name)}, nor can a hub name look so."
        ) from error
    return Path(found).parent if isinstance(found, str) else None


def _short(name: str) -> str:
    """A hub name as it is; of a folder only its own name, for a page shows the message."""
    return name if current().local_folder(name) is None else Path(name).name
