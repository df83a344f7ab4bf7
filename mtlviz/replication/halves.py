"""Sentiment, inference and questions in pairs: one after the other, together, alone (Sharma)."""

from mtlviz.engine.config import RunConfig
from mtlviz.engine.sharma_presets import FOLDERS, PAIRS, Way, sharma_run
from mtlviz.replication.experiment import Experiment, Role, Size

WAYS: dict[str, Way] = {"phases": "halves", "together": "joint"}
_SIZES: dict[Size, str] = {"full": "short", "quick": "quick", "tiny": "quick"}
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}


def _config(pair: str, way: str, seed: int, size: Size, checkpoint: str) -> RunConfig:
    made = sharma_run(PAIRS[pair], WAYS[way], _SIZES[size], checkpoint)
    made = made.changed(name=f"{pair} · {way} · seed {seed}", seed=seed, device="cpu")
    if size != "tiny":
        return made
    few = {"examples_per_epoch": 8, "dev_examples": 8}
    tasks = tuple(task.model_copy(update=few) for task in made.data.tasks)
    return made.changed(data=made.data.model_copy(update={"tasks": tasks}))


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    return {
        (f"{pair} {way}", seed): _config(pair, way, seed, size, checkpoint)
        for seed in range(_SEEDS[size])
        for pair in PAIRS
        for way in WAYS
    }


HALVES = Experiment(
    "SST-2, MNLI and SQuAD in pairs: in halves, together, and each alone.",
    "Sharma",
    runs=_runs,
    pretrained=True,
    data=tuple(FOLDERS.values()),
)
