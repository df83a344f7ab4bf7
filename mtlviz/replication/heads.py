"""Heads of the three course tasks: layers, and how two sentences meet (Iyer, tables 1 to 3)."""

from collections.abc import Mapping

import numpy as np

from mtlviz.engine.config import HeadConfig, RunConfig
from mtlviz.engine.measures.conflict import cosines
from mtlviz.replication.course import course_config
from mtlviz.replication.experiment import Experiment, Found, Role, Size, Table
from mtlviz.replication.from_runs import cell, found, mean_of
from mtlviz.runs.store import Store

_WIDTH = 192
"""Of hidden layers: half the encoder's, as in the report."""
_TASKS = {"sst": "SST", "quora": "PARA", "sts": "STS"}


def _pair(fusion: str) -> HeadConfig:
    """A head of two sentences; the cosine of what the encoder gives has no layers of its own."""
    deep = {} if fusion == "cosine_embedding" else {"layers": 2, "width": _WIDTH}
    return HeadConfig(**deep, pair="separate", fusion=fusion)


_LAYERS = {"2 layers": 2, "1 layer": 1, "3 layers": 3}
_FUSIONS = {
    "Concat": "concat", "Sum": "sum", "Cosine embeddings": "cosine_embedding",
    "Cosine hidden states": "cosine_hidden",
}  # fmt: skip
HEADS_OF: dict[str, dict[str, HeadConfig]] = {
    "sst": {name: HeadConfig(layers=layers, width=_WIDTH) for name, layers in _LAYERS.items()},
    "quora": {name: _pair(fusion) for name, fusion in _FUSIONS.items()},
    "sts": {name: _pair(fusion) for name, fusion in _FUSIONS.items()},
}
"""The heads of each task, by the row of the report's table."""
_CHOSEN = {"sst": "2 layers", "quora": "Concat", "sts": "Cosine embeddings"}
"""What the report settled on."""
_ROUNDS = max(map(len, HEADS_OF.values()))
_START = "first update"
"""The way that trains the encoder too, for one update: for the gradients before it."""
_EXAMPLES: dict[Size, int] = {"full": 4000, "quick": 320, "tiny": 16}
_SCORED: dict[Size, int | None] = {"full": None, "quick": 300, "tiny": 16}
_EPOCHS: dict[Size, int] = {"full": 10, "quick": 10, "tiny": 1}
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}
_PAIRS = {"PARA and STS": (1, 2), "SST and PARA": (0, 1), "SST and STS": (0, 2)}


def _heads(number: int) -> dict[str, str]:
    """The row of each task in a run: a kept encoder lets heads of several tasks differ at once."""
    return {task: list(heads)[number % len(heads)] for task, heads in HEADS_OF.items()}


def _config(number: int | None, seed: int, checkpoint: str, size: Size) -> RunConfig:
    made = course_config("classic", seed, checkpoint, size)
    rows = _CHOSEN if number is None else _heads(number)
    scored = 16 if number is None else _SCORED[size]
    tasks = tuple(
        task.changed(
            head=HEADS_OF[task.name][rows[task.name]], dev_examples=scored,
            examples_per_epoch=None, train_examples=_EXAMPLES[size],
        )
        for task in made.data.tasks
    )  # fmt: skip
    name = f"heads · {', '.join(rows.values())} · seed {seed}"
    # Scored after the last update alone: scoring costs more than the heads do.
    quiet = {"layers_every": 0, "planes_every": 0, "examples_every": 0, "evaluate_every": 10_000}
    made = made.changed(name=name, probes=made.probes.changed(**quiet))
    made = made.changed(data=made.data.changed(tasks=tasks))
    if number is None:
        return made.with_values({"optimisation.max_updates": 1, "probes.worked_example_every": 1})
    return made.with_values({"capacity.frozen": True, "optimisation.epochs": _EPOCHS[size]})


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    ways = {str(number): number for number in range(_ROUNDS)} | {_START: None}
    return {
        (way, seed): _config(number, seed, checkpoint, size)
        for seed in range(_SEEDS[size])
        for way, number in ways.items()
    }


def _read(store: Store, ways: Mapping[int, str]) -> Found:
    """The score of every head, and the cosines of the report's sentences before any update."""
    known = found(store, {run: way for run, way in ways.items() if way != _START})
    values, rows = {}, []
    for number in range(_ROUNDS):
        for task, row in _heads(number).items():
            name = f"{_TASKS[task]}, {row}"
            if name not in values:
                values[name] = known.values[f"{number}/{task}"]
                rows.append([_TASKS[task], row, cell(values[name])])
    angles = [_at_start(store, run) for run, way in ways.items() if way == _START]
    for name, pair in _PAIRS.items():
        measured = mean_of([float(each[pair]) for each in angles], "cosine")
        values[f"cosine at the start/{name}"] = measured
        rows.append([name, "cosine at the start", cell(measured)])
    table = Table("Development scores, mean over seeds and 95 % interval",
                  ["task", "head", "score"], sorted(rows))  # fmt: skip
    return Found(values, [table], settings=known.settings, runs=known.runs)


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
        "Heads on MiniLM, which is kept as it is, so that no task's head changes what another's is "
        "given: the report trains its encoder too. MiniLM puts similar sentences together before "
        "any training: a cosine of what it gives is a good score of similarity from the start.",
        "Two layers of a cosine of hidden states are both hidden; hidden layers have half the "
        "encoder's width as in the report, and dropout is 0.1, not 0.5.",
    ),
)
