"""Six sentence sets on MiniLM: one encoder for all, with surgery, and adapters of their own."""

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.replication.experiment import Experiment, Role, Size
from mtlviz.replication.from_runs import LAST

_WAYS = {
    "one encoder": ("hard", "sum"),
    "one encoder, PCGrad": ("hard", "pcgrad"),
    "own adapters": ("pfeiffer", "sum"),
}
_EXAMPLES: dict[Size, int] = {"full": 1000, "quick": 160, "tiny": 16}
_SCORED: dict[Size, int] = {"full": 500, "quick": 100, "tiny": 8}
_EPOCHS: dict[Size, int] = {"full": 3, "quick": 2, "tiny": 1}
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}


def _config(way: str, seed: int, checkpoint: str, size: Size) -> RunConfig:
    sharing, combiner = _WAYS[way]
    tasks = tuple(
        TaskConfig(
            name=name, source="folder", path=name,
            train_examples=_EXAMPLES[size], dev_examples=_SCORED[size],
        )
        for name in SENTENCE_SETS
    )  # fmt: skip
    return RunConfig(
        name=f"six sentence sets · {way} · seed {seed}",
        seed=seed,
        data=DataConfig(tasks=tasks, batch_size=16, max_length=40),
        capacity=CapacityConfig(
            encoder="checkpoint", checkpoint=checkpoint, frozen_layers=3, sharing=sharing
        ),
        optimisation=OptimisationConfig(
            combiner=combiner,
            epochs=_EPOCHS[size],
            learning_rate=9e-4,
            head_learning_rate=2e-3,
        ),
        probes=ProbeConfig(layers_every=5, evaluate_every=5),
        device="cpu",
    )


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    return {
        (way, seed): _config(way, seed, checkpoint, size)
        for seed in range(_SEEDS[size])
        for way in _WAYS
    }


SENTENCES = Experiment(
    "Six sentence sets on one encoder, with PCGrad, with adapters of their own, and each alone.",
    "",
    runs=_runs,
    opened=LAST,
    pretrained=True,
    data=SENTENCE_SETS,
    notes=(
        "All ways, each task alone among them, have one step size, near that which hard sharing "
        "did best with in another search: this favours hard sharing; adapters did better with a "
        "larger one there. Of 18 intervals one may err by chance.",
    ),
)
