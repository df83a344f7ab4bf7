"""Sentiment, paraphrase and similarity on a pretrained encoder, by three methods (Iyer)."""

from collections.abc import Mapping
from dataclasses import replace

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.tasks.splitting import take
from mtlviz.replication.experiment import Experiment, Found, Role, Size
from mtlviz.replication.from_runs import found, values_of
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import stored_model

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


def _read(store: Store, ways: Mapping[int, str]) -> Found:
    """The scores, those on the examples trained on among them."""
    known = found(store, ways)
    seen: dict[tuple[str, str], dict[int, float]] = {}
    metrics: dict[str, str] = {}
    for run, way in ways.items():
        names = [task.name for task in store.config(run).data.tasks]
        metrics |= dict(zip(names, store.run(run).metrics or (), strict=False))
        for task, score in zip(names, training_scores(store, run), strict=True):
            seen.setdefault((way, task), {})[store.config(run).seed] = score
    trained = {f"trained on: {name}": value for name, value in values_of(seen, metrics).items()
               if " − " not in name}  # fmt: skip
    return replace(known, values={**known.values, **trained})


def training_scores(store: Store, run: int) -> list[float]:
    """Each task's score on the examples that the run has trained on, by the weights it kept."""
    model = stored_model(store, run)
    read: list[set[int]] = [set() for _ in model.tasks]
    for _, step in store.records(run, kinds=("step",)):
        for task, numbers in enumerate(step.examples if step.examples is not None else ()):
            read[task].update(int(number) for number in numbers if number >= 0)
    return [
        model.evaluate(task.name, take(task.splits["train"], sorted(numbers))).score
        for task, numbers in zip(model.tasks, read, strict=True)
    ]


COURSE = Experiment(
    "SST, Quora and STS by classic training, PCGrad and round robin, and each alone.",
    "Iyer",
    runs=_runs,
    read=_read,
    notes=(
        "*Trained on*: scored on the very examples that gave gradients, by the weights that scored "
        "best on development.",
        "**Do not read this as beating BERT-base.** MiniLM was itself pretrained to put similar "
        "sentences together, on pairs that include duplicate questions from Quora: it knows much "
        "of two of the three tasks before training starts, which leaves little for sharing to add.",
        "Classic and PCGrad move the encoder once by a batch of each task, round robin three "
        "times by one batch: its row differs in more than the order of tasks.",
    ),
    opened="The runs that open are the quick ones, "
    f"of {_EXAMPLES['quick']} examples a task in each epoch, at their best evaluation.",
    pretrained=True,
    data=("cs224n_sst", "cs224n_quora", "cs224n_sts"),
)
