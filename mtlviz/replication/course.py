"""Sentiment, paraphrase and similarity on a pretrained encoder, by three methods (Iyer)."""

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.replication.experiment import Experiment, Role, Size

METHODS = {
    "classic": ("joint", "sum"),
    "PCGrad": ("joint", "pcgrad"),
    "round robin": ("round_robin", "sum"),
}
HEADS = {
    "sst": HeadConfig(),
    "quora": HeadConfig(pair="separate", fusion="compare"),
    "sts": HeadConfig(pair="separate", fusion="cosine_embedding"),
}
_EXAMPLES: dict[Size, int] = {"full": 896, "quick": 320, "tiny": 16}
_SCORED: dict[Size, int] = {"full": 1000, "quick": 400, "tiny": 16}
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}


def course_config(method: str, seed: int, checkpoint: str, size: Size = "full") -> RunConfig:
    """Sentiment, paraphrase and similarity with one of the three methods."""
    tasks = tuple(
        TaskConfig(
            name=name,
            source="folder",
            path=f"cs224n_{name}",
            examples_per_epoch=_EXAMPLES[size],
            # Of Quora's 20,212 pairs a thousand are enough; the others are scored whole in full.
            dev_examples=None if size == "full" and name != "quora" else _SCORED[size],
            head=head,
        )
        for name, head in HEADS.items()
    )
    scheduler, combiner = METHODS[method]
    return RunConfig(
        name=f"SST, Quora, STS · {method} · seed {seed}",
        seed=seed,
        data=DataConfig(tasks=tasks, batch_size=16, max_length=64),
        capacity=CapacityConfig(encoder="checkpoint", checkpoint=checkpoint, frozen_layers=3),
        optimisation=OptimisationConfig(
            scheduler=scheduler,
            combiner=combiner,
            epochs=2,
            learning_rate=1e-4,
            head_learning_rate=2e-3,
        ),
        probes=ProbeConfig(layers_every=5),
        device="cpu",
    )


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    return {
        (method, seed): course_config(method, seed, checkpoint, size)
        for seed in range(_SEEDS[size])
        for method in METHODS
    }


COURSE = Experiment(
    "SST, Quora and STS by classic training, PCGrad and round robin, and each alone.",
    "Iyer",
    runs=_runs,
    pretrained=True,
    data=("cs224n_sst", "cs224n_quora", "cs224n_sts"),
)
