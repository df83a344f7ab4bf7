"""Fixed sentence vectors of the five sets of the continual tables: 1,000 to train, all tests."""

from pathlib import Path

import numpy as np

from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from tests.benchmarks.papers_course import packaged_checkpoint
from tests.benchmarks.papers_features import Encoded, _vectors

SETS = ("sst2_sent", "subj", "trec", "cr", "mpqa")
EXAMPLES = 1000


def features(cache: Path) -> dict[str, Encoded]:
    """The sets as mean outputs of the frozen checkpoint, computed once and kept in a folder."""
    file = cache / "features-continual.npz"
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
        TaskConfig(name=name, source="folder", path=name, train_examples=EXAMPLES) for name in SETS
    )
    capacity = CapacityConfig(encoder="checkpoint", checkpoint=packaged_checkpoint(), frozen=True)
    data = DataConfig(tasks=chosen, batch_size=64, max_length=64)
    config = RunConfig(data=data, capacity=capacity, device="cpu")
    # Drawn by seed: the files are sorted by label.
    tasks = load_tasks(config.data, generator(0, DATA))
    found = {}
    for place, task in enumerate(tasks):
        held = "test" if "test" in task.splits else "dev"
        for part, split in (("train", "train"), ("held", held)):
            found[f"{task.name}.{part}"] = _vectors(config, tasks, place, split)
            found[f"{task.name}.{part}_labels"] = task.splits[split].labels
        found[f"{task.name}.classes"] = np.array(task.outputs)
    return found
