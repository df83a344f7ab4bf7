"""Fixed sentence vectors of the sets of the continual tables: pools to draw from, and held out."""

import csv
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from tests.benchmarks.papers_course import packaged_checkpoint
from tests.benchmarks.papers_features import Encoded, _vectors

SETS = ("sst2_sent", "subj", "trec", "cr", "mpqa")
POOL, EXAMPLES, HELD = 3000, 1000, 500
"""Sentences to draw from, to train on in a draw, and held out at most."""


def drawn(pools: dict[str, Encoded], draw: int) -> dict[str, Encoded]:
    """Training sentences of one draw; what is held out stays."""
    found = {}
    for name, each in pools.items():
        rows = np.random.default_rng([draw, 77]).permutation(len(each.train))[:EXAMPLES]
        train, labels = each.train[rows], each.train_labels[rows]
        found[name] = Encoded(train, labels, each.held, each.held_labels, each.classes)
    return found


def features(cache: Path) -> dict[str, Encoded]:
    """The sets as mean outputs of the frozen checkpoint, computed once and kept in a folder."""
    file = cache / f"features-continual-{POOL}-{HELD}.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **_computed())
    kept = np.load(file)
    fields = ("train", "train_labels", "held", "held_labels")
    return {
        name: Encoded(*(kept[f"{name}.{field}"] for field in fields), int(kept[f"{name}.classes"]))
        for name in SETS
    }


def _computed() -> dict[str, np.ndarray]:
    chosen = tuple(
        TaskConfig(name=name, source="folder", path=name, train_examples=POOL) for name in SETS
    )
    capacity = CapacityConfig(encoder="checkpoint", checkpoint=packaged_checkpoint(), frozen=True)
    data = DataConfig(tasks=chosen, batch_size=64, max_length=64)
    config = RunConfig(data=data, capacity=capacity, device="cpu")
    # Drawn by seed: the files are sorted by label.
    tasks = load_tasks(config.data, generator(0, DATA))
    found = {}
    for place, task in enumerate(tasks):
        # TREC has no development split of its own.
        split = "test" if task.name == "trec" else "dev"
        rows = _held(task.name, split)[:HELD]
        for part, source in (("train", "train"), ("held", split)):
            chosen_rows = rows if part == "held" else slice(None)
            found[f"{task.name}.{part}"] = _vectors(config, tasks, place, source)[chosen_rows]
            found[f"{task.name}.{part}_labels"] = task.splits[source].labels[chosen_rows]
        found[f"{task.name}.classes"] = np.array(task.outputs)
    return found


def _held(name: str, split: str) -> NDArray[np.int64]:
    """Rows of a split that stand in the small sample beside it, in a drawn order."""
    folder = Path(os.environ["MTLVIZ_DATA"]) / name
    whole, small = (_ids(folder / part / f"{split}.csv") for part in ("", "small"))
    order = np.random.default_rng(0).permutation(len(small))
    return np.array([whole.index(small[row]) for row in order])


def _ids(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["id"] for row in csv.DictReader(lines)]
