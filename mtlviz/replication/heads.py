"""Heads of the three course tasks: layers, and how two sentences meet (Iyer, tables 1 to 3)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mtlviz.engine.config import HeadConfig, RunConfig
from mtlviz.engine.measures.conflict import cosines
from mtlviz.replication.course import course_config
from mtlviz.replication.experiment import Experiment, Found, Role, Size
from mtlviz.replication.from_runs import found, mean_of
from mtlviz.runs.store import Store

LAYERS = (1, 2, 3)
FUSIONS = {
    "Sum": "sum", "Concat": "concat", "Cosine embeddings": "cosine_embedding",
    "Cosine hidden states": "cosine_hidden",
}  # fmt: skip
_BASE = {
    "sst": HeadConfig(layers=2, width=192),
    "quora": HeadConfig(layers=2, width=192, pair="separate", fusion="concat"),
    "sts": HeadConfig(pair="separate", fusion="cosine_embedding"),
}
"""The heads that the report settled on, with less dropout: so few updates do not overfit."""
CHOSEN = "chosen"
"""The way with the heads that the report chose for all three."""
START = "first update"
"""The way that trains the encoder too, for one update: for the gradients before it."""
_EXAMPLES: dict[Size, int] = {"full": 4000, "quick": 320, "tiny": 16}
_EPOCHS: dict[Size, int] = {"full": 10, "quick": 10, "tiny": 1}
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}
_PAIRS = {"PARA and STS": (1, 2), "SST and PARA": (0, 1), "SST and STS": (0, 2)}


def _ways() -> dict[str, dict[str, HeadConfig]]:
    """The heads of each way: those chosen, and each of the others in one task's place."""
    ways = {CHOSEN: _BASE}
    for layers in LAYERS:
        ways[f"SST, {layers} layer" + "s" * (layers > 1)] = {
            **_BASE,
            "sst": HeadConfig(layers=layers, width=192),
        }
    for task, called in (("quora", "PARA"), ("sts", "STS")):
        for name, fusion in FUSIONS.items():
            deep = {} if fusion == "cosine_embedding" else {"layers": 2, "width": 192}
            head = HeadConfig(**deep, pair="separate", fusion=fusion)
            ways[f"{called}, {name}"] = {**_BASE, task: head}
    return {way: heads for way, heads in ways.items() if way == CHOSEN or heads != _BASE}


def way_of(row: str) -> str:
    """The way whose runs a row of the tables is: that of the heads chosen, or one of its own."""
    return row if row in _ways() else CHOSEN


def _config(way: str, seed: int, checkpoint: str, size: Size) -> RunConfig:
    made = course_config("classic", seed, checkpoint, size)
    tasks = tuple(
        task.changed(head=_ways().get(way, _BASE)[task.name], examples_per_epoch=None,
                     train_examples=_EXAMPLES[size])
        for task in made.data.tasks
    )  # fmt: skip
    # Scored after the last update alone: scoring costs more than the heads do.
    quiet = {"layers_every": 0, "planes_every": 0, "examples_every": 0, "evaluate_every": 10_000}
    made = made.changed(name=f"heads · {way} · seed {seed}", probes=made.probes.changed(**quiet))
    made = made.changed(data=made.data.changed(tasks=tasks))
    if way == START:
        return made.with_values({"optimisation.max_updates": 1, "probes.worked_example_every": 1})
    # What a kept encoder gives is computed once, so that ten epochs of heads take seconds.
    return made.with_values({"capacity.frozen": True, "optimisation.epochs": _EPOCHS[size]})


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    return {
        (way, seed): _config(way, seed, checkpoint, size)
        for seed in range(_SEEDS[size])
        for way in (*_ways(), START)
    }


def _read(store: Store, ways: Mapping[int, str]) -> Found:
    """The scores, and the cosines of the report's three sentences before the first update."""
    known = found(store, {run: way for run, way in ways.items() if way != START})
    angles = [_at_start(store, run) for run, way in ways.items() if way == START]
    measured = {
        f"cosine at the start/{name}": mean_of([float(each[pair]) for each in angles], "cosine")
        for name, pair in _PAIRS.items()
    }
    return replace(known, values={**known.values, **measured})


def _at_start(store: Store, run: int) -> np.ndarray:
    """Cosines of the gradients of the three sentences, (3, 3)."""
    (_, first), *_ = store.records(run, kinds=("worked_example",))
    order = np.argsort(first.tasks)
    return cosines(first.gram[np.ix_(order, order)][None])[0]


HEADS = Experiment(
    "How many layers should a head have, and how should two sentences meet?",
    "Iyer",
    runs=_runs,
    read=_read,
    alone=False,
    pretrained=True,
    data=("cs224n_sst", "cs224n_quora", "cs224n_sts"),
    notes=(
        "Heads on MiniLM, which is kept as it is: the report trains its encoder too. One head "
        "differs at a time from those that the report chose, so that what a kept encoder gives "
        "every head is the same. MiniLM puts similar sentences together before any training: a "
        "cosine of what it gives is a good score of similarity from the start.",
        "Two layers of a cosine of hidden states are both hidden; hidden layers have half the "
        "encoder's width as in the report, and dropout is 0.1, not 0.5.",
    ),
)
