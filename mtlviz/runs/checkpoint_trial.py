"""Whether a checkpoint can be read and trained, tried by a process that may import transformers."""

from collections.abc import Iterator
from pathlib import Path

from mtlviz.engine.config import RunConfig
from mtlviz.runs.embedding_jobs import asked
from mtlviz.runs.helper import Progress


def trial(home: Path, config: RunConfig) -> Iterator[Progress]:
    """Have a run's checkpoint loaded and given a few texts, as the run itself would begin.

    Args:
        home: The home folder, for what the process has to complain about.
        config: Settings that name a checkpoint.

    Raises:
        MtlvizError: Why it cannot be used.
    """
    yield from asked(home, {"try": config.to_json()})
