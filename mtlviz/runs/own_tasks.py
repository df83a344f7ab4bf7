"""Uploaded tasks, kept in the home folder as folders with a meta.json that every source reads."""

import csv
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mtlviz.access import OWN_TASKS, chosen, owners_access
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.catalogue import TaskChoice, task_choices
from mtlviz.engine.tasks.description import META
from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.engine.tasks.upload import check_name
from mtlviz.errors import DataError
from mtlviz.runs.failures import in_words

MOST_TASKS = 100
"""A shared server keeps no more: each may be as large as an upload."""


def list_own(home: Path) -> tuple[TaskChoice, ...]:
    """The uploaded tasks of a home folder, by name."""
    return tuple(choice for choice in task_choices(home).choices if choice.group == "own")


def path_of(home: Path, name: str) -> Path:
    """The folder of an uploaded task, whether it exists or not.

    The name itself is no path: letters and digits of it, and a digest that tells apart names with
    the same ones, so that no name leads out of the home folder.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return home / OWN_TASKS / f"{readable}-{digest}".lstrip("-")


def save_own(home: Path, task: Task) -> Path:
    """Keep a task, all of it or nothing, and return its folder.

    What was written is read back and compared before it is kept.

    Args:
        home: The home folder.
        task: A checked task of classes or scores; its origin becomes the folder's "about".

    Raises:
        DataError: The name cannot be used or is taken, or there are MOST_TASKS already.
        StoreError: The home folder cannot be written, or its disk is full.
    """
    check_name(task.name)
    place = path_of(home, task.name)
    if place.exists():
        raise DataError(f"There is an own task {task.name!r} already: choose another name.")
    with in_words(home):
        place.parent.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in place.parent.iterdir()) >= MOST_TASKS:
            raise DataError(f"{MOST_TASKS} own tasks are kept already: delete one first.")
        with _draft(home) as draft:
            _write(draft, task)
            with chosen(owners_access()):  # The draft is ours.
                _compare(task, folder(task.name, str(draft)))
            draft.replace(place)
    return place


def delete_own(home: Path, name: str) -> None:
    """Forget an uploaded task. A run that trains on it can no longer be resumed.

    Raises:
        DataError: There is no such task.
        StoreError: The home folder cannot be written.
    """
    place = path_of(home, name)
    if not place.is_dir():
        raise DataError(f"There is no own task {name!r}.")
    with in_words(home), _draft(home) as draft:
        # Moved away in one step first: nobody sees half a task.
        place.replace(draft / "deleted")


@contextmanager
def _draft(home: Path) -> Iterator[Path]:
    """A folder beside the tasks, which is gone afterwards unless it was moved away."""
    place = Path(tempfile.mkdtemp(prefix="task-", dir=home))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write(place: Path, task: Task) -> None:
    files = {split: f"{split}.csv" for split in task.splits}
    for split, examples in task.splits.items():
        _write_examples(place / files[split], task, examples)
    meta = {
        "name": task.name,
        "task": task.kind,
        "labels": list(task.label_names) or None,
        "files": files,
        "rows": {split: len(examples) for split, examples in task.splits.items()},
        "metric": task.metric,
        "about": task.origin,
    }
    if task.score_range is not None:
        meta["score_range"] = list(task.score_range)
    text = json.dumps(meta, indent=1, ensure_ascii=False)
    (place / META).write_text(text, encoding="utf-8")


def _write_examples(file: Path, task: Task, examples: Examples) -> None:
    single = examples.second is None
    columns = ("id", "text", "label") if single else ("id", "text_a", "text_b", "label")
    texts = [examples.first] if examples.second is None else [examples.first, examples.second]
    labels = [KINDS[task.kind].write(label, task.label_names) for label in examples.labels]
    with file.open("w", encoding="utf-8", newline="") as opened:
        # Python leaves a carriage return alone unquoted.
        writer = csv.writer(opened, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        writer.writerows(zip(examples.ids, *texts, labels, strict=True))


def _compare(task: Task, kept: Task) -> None:
    """Check that what was written is what was given.

    Raises:
        DataError: It is not.
    """
    same = all(
        examples.first == kept.splits[split].first
        and examples.second == kept.splits[split].second
        and np.array_equal(examples.labels, kept.splits[split].labels)
        for split, examples in task.splits.items()
    )
    if not same or kept.label_names != task.label_names:
        raise DataError("The task could not be kept as it is: a text changes when it is written.")
