"""The home folder: where runs are kept."""

import tempfile
from pathlib import Path

from mtlviz.access import home_place
from mtlviz.runs.failures import in_words


def home_folder(given: str | Path | None = None) -> Path:
    """The folder that keeps runs: the one given, else MTLVIZ_HOME, else this user's data folder.

    It is created if missing, and tried: a folder that cannot be written is refused at once.

    Raises:
        ConfigError: If it is of a user who is not known.
        StoreError: If it cannot be created or written, or its disk is full.
    """
    home = home_place(given)
    with in_words(home):
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as trial:
            trial.write(bytes(4096))
    return home


def run_folder(home: Path, run: int) -> Path:
    """The folder of one run's files: log, checkpoints, embeddings."""
    return home / "runs" / str(run)
