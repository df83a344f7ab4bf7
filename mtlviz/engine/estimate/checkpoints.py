"""Which checkpoint a run reads, and where it is; needs neither torch nor the network."""

import os
from functools import lru_cache
from pathlib import Path

from mtlviz.access import current, shown
from mtlviz.engine.choices import sharing_of
from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.checkpoint_files import SHARDS, WEIGHTS, CheckpointFiles
from mtlviz.engine.estimate.shapes import CheckpointShape, read_shape
from mtlviz.errors import CheckpointError, ConfigError, OfflineError


def checkpoint_shape(name: str) -> CheckpointShape:
    """The shape of a local folder's, or of an already fetched hub model's, encoder.

    Args:
        name: A folder, or a hub name.

    Raises:
        ConfigError: The name is empty.
        CheckpointError: It cannot be read, is not in safetensors, has no tokenizer that fits, or
            its weights do not have the shapes that its configuration calls for.
        OfflineError: It is not here and the hub may not be asked.
        NotFetched: It is not here yet.
    """
    files = CheckpointFiles(local_folder(name), shown(name))
    return _checked(files, files.state())


@lru_cache(maxsize=8)
def _checked(files: CheckpointFiles, state: object) -> CheckpointShape:
    """The shape of a model whose files have been looked at, for as long as they do not change."""
    shape = read_shape(files)
    files.check_tokenizer(shape.table[0])
    return shape


def check_checkpoint(config: RunConfig) -> None:
    """Refuse, before a run is stored, a checkpoint that it could not read; one to fetch may be.

    Raises:
        MtlvizError: If it cannot be used with these settings.
    """
    if (name := checkpoint_of(config)) is None:
        return
    try:
        shape = checkpoint_shape(name)
    except NotFetched:
        return
    if config.capacity.encoder == "checkpoint":
        check_encoder_fits(config, shape)


def check_encoder_fits(config: RunConfig, shape: CheckpointShape) -> None:
    """Refuse a pretrained encoder that cannot do what a run's settings ask of it.

    Raises:
        MtlvizError: If that is so.
    """
    if shape.obstacle:
        raise CheckpointError(shape.obstacle)
    in_phases = (phase.frozen_layers for phase in config.optimisation.phases)
    frozen, layers = max(config.capacity.frozen_layers, *in_phases, 0), len(shape.layers)
    if frozen > layers:
        raise ConfigError(
            f"At most {layers} layers of this checkpoint can be frozen, got {frozen}."
        )
    longest, asked = shape.positions, config.data.max_length
    if longest is not None and asked > longest:
        raise ConfigError(
            f"This checkpoint reads at most {longest} tokens, but texts may have {asked}."
        )
    if config.capacity.pooling == "pooler" and not shape.pooler:
        raise ConfigError("This checkpoint has no pooler; pool by mean or cls.")
    sharing_of(config).check_encoder(config, shape)


def checkpoint_of(config: RunConfig) -> str | None:
    """The checkpoint a run reads: its encoder, or where its word vectors come from; or None."""
    capacity = config.capacity
    if capacity.encoder == "checkpoint":
        return capacity.checkpoint
    return (
        None
        if capacity.vectors == "random" or is_vector_file(capacity.vectors)
        else capacity.vectors
    )


def is_vector_file(vectors: str) -> bool:
    """Whether a setting of `vectors` names a text file rather than a checkpoint."""
    return current().is_file(vectors) or vectors.endswith((".txt", ".vec"))


class NotFetched(OfflineError):
    """A hub model that a run would have to fetch first."""


def local_folder(name: str) -> Path:
    """Where a checkpoint lies on this machine; see `checkpoint_shape` for what is raised."""
    if not name:
        raise ConfigError("A pretrained encoder needs a checkpoint: a local folder or a hub name.")
    local = current().local_folder(name)
    if local is not None:
        return local
    if current().is_file(name):
        raise CheckpointError(
            f"{shown(name)} is a file; a checkpoint is a folder that holds configuration, weights "
            "and tokenizer."
        )
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
    folder = Path(found).parent if isinstance(found, str) else None
    # A fetch that was broken off may have left the settings alone.
    return (
        folder if folder and any((folder / name).exists() for name in (WEIGHTS, SHARDS)) else None
    )
