"""A fingerprint of tasks: which examples a run was trained and scored on."""

import hashlib
from collections.abc import Sequence

import numpy as np

from mtlviz.engine.tasks.task import Task


def digest(tasks: Sequence[Task]) -> str:
    """A fingerprint of the tasks' training and development examples."""
    found = hashlib.sha256()
    for task in tasks:
        for split in ("train", "dev"):
            examples = task.splits[split]
            found.update(repr((task.name, split, examples.first, examples.second)).encode())
            found.update(np.ascontiguousarray(examples.labels).tobytes())
    return found.hexdigest()
