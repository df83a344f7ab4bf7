"""How many examples the course's files hold, and what always answering one class scores."""

import numpy as np

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.task import SplitName, Task
from mtlviz.replication.experiment import Experiment, Found, Size, Value

_FOLDERS = {"sst": "cs224n_sst", "quora": "cs224n_quora", "sts": "cs224n_sts"}


def _compute(size: Size) -> Found:
    values: dict[str, Value] = {}
    for name, folder in _FOLDERS.items():
        config = TaskConfig(name=name, source="folder", path=folder)
        task = load_task(config, np.random.default_rng(0))
        for split in ("train", "dev"):
            values[f"{split}/{name}"] = Value(len(task.splits[split]), unit="examples")
        # The course withholds labels of its test splits; their texts can be counted.
        if "test" in task.unlabelled:
            values[f"test/{name}"] = Value(len(task.unlabelled["test"]().ids), unit="examples")
        if name == "sts":
            labels = np.asarray(task.splits["train"].labels)
            values["lowest label/sts"] = Value(float(labels.min()), unit="lowest label")
        if name != "sts":
            values[f"majority/{name}"] = Value(_majority(task, "dev"), unit="accuracy")
            values[f"majority/{name}, train"] = Value(_majority(task, "train"), unit="accuracy")
    return Found(
        values,
        notes=(
            "Examples that load from the course's files as handed out; Quora's training file here "
            "is a part of the whole (13,507 of 141,498 pairs), and its test file is not here; the "
            "test files of SST and STS have texts and no labels. “Majority” answers every example "
            "of a split with its most frequent class there.",
        ),
    )


def _majority(task: Task, split: SplitName) -> float:
    labels = np.asarray(task.splits[split].labels)
    return round(float(np.unique(labels, return_counts=True)[1].max() / len(labels)), 4)


COUNTS = Experiment(
    "How many examples are there, and what does one answer for all score?",
    "Iyer",
    compute=_compute,
    data=tuple(_FOLDERS.values()),
)
