"""Which checkpoints a run has. The name of each tells how many records came before it."""

import re
from pathlib import Path

_NAME = re.compile(r"checkpoint-(\d+)\.safetensors")


def checkpoint_path(folder: Path, records: int) -> Path:
    """Where the checkpoint taken after so many records belongs."""
    return folder / f"checkpoint-{records}.safetensors"


def checkpoints(folder: Path) -> dict[int, Path]:
    """The complete checkpoints of a run, by the number of records before each, newest first."""
    found = {
        int(match[1]): path for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))
    }
    return dict(sorted(found.items(), reverse=True))


def latest(folder: Path, records: int) -> tuple[int, Path | None]:
    """The newest checkpoint that is not ahead of the records stored.

    After a power cut the store may have lost records that a checkpoint has already seen.

    Returns:
        Records before it, and its path; (0, None) if the run has to begin anew.
    """
    for before, path in checkpoints(folder).items():
        if before <= records:
            return before, path
    return 0, None


def forget_older(folder: Path, keep: int = 1) -> None:
    """Delete all but the newest checkpoints."""
    for path in list(checkpoints(folder).values())[keep:]:
        path.unlink(missing_ok=True)


def set_aside(folder: Path, damaged: Path) -> str:
    """Put a damaged checkpoint out of the way, and say from where the run can go on instead.

    The file stays in the run's folder under a hidden name.
    """
    damaged.replace(folder / f".{damaged.name}.damaged")
    if checkpoints(folder):
        return "It was set aside; resume once more to go on from the checkpoint before it."
    return "It was set aside; there is none before it, so the run can only begin anew."


def forget_half_written(folder: Path) -> None:
    """Delete what a killed process left half-written; only for one that holds the run."""
    for path in folder.glob(".*.partial"):
        path.unlink(missing_ok=True)
