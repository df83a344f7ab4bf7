"""Sharma's runs: sentiment, inference and questions, in pairs and alone, in phases and together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.phase_config import PhaseConfig
from mtlviz.engine.preset_entry import BERT, MINILM, Preset

Way = Literal["halves", "joint"]

FOLDERS = {"sst2": "glue_sst2", "mnli": "mnli", "squad": "squad"}
"""Where each task lies below the folder of data sets."""
HUB = {"sst2": "glue/sst2", "mnli": "glue/mnli", "squad": "rajpurkar/squad"}
"""The same on the hub, whole."""
PAIRS = {
    "sst2-mnli": ("mnli", "sst2"),
    "sst2-squad": ("squad", "sst2"),
    "mnli-squad": ("squad", "mnli"),
}
"""Each pair by name: the task that is trained in two halves, and the one between them."""


@dataclass(frozen=True)
class Size:
    """How large an experiment is.

    Attributes:
        examples: Training examples of each task in an epoch; None for all.
        scored: Development examples of each task; None for all.
        batch: Examples in a batch.
        tokens: Longest input.
        overlap: Tokens that windows share.
        epochs: Epochs that each task gets in all.
        rates: Learning rates of encoder and heads.
        pooling: How a sentence's tokens become one vector.
        frozen: Lower layers that stay as they are.
        checkpoint: The encoder.
        source: "folder" or "hub".
    """

    examples: int | None = None
    scored: int | None = None
    batch: int = 32
    tokens: int = 384
    overlap: int = 128
    epochs: int = 2
    rates: tuple[float, float] = (3e-5, 3e-5)
    pooling: Literal["pooler", "mean"] = "pooler"
    frozen: int = 0
    checkpoint: str = BERT
    source: Literal["folder", "hub"] = "folder"


_SMALL = Size(pooling="mean", checkpoint=MINILM, rates=(2e-4, 1e-3))
SIZES: Mapping[str, Size] = {
    "paper": Size(),
    "hub": Size(source="hub"),
    "short": Size(**vars(_SMALL) | {"examples": 1000, "scored": 400, "batch": 16, "tokens": 192,
                                    "overlap": 64, "frozen": 3}),
    "quick": Size(**vars(_SMALL) | {"examples": 128, "scored": 100, "batch": 8, "tokens": 128,
                                    "overlap": 32, "frozen": 4}),
}  # fmt: skip
"""As in the paper on local subsets; on its whole data; for two hours of two CPU cores; for ten
minutes of them."""


def sharma_run(
    names: Sequence[str], way: Way, size: str = "paper", checkpoint: str = ""
) -> RunConfig:
    """A run of one task or of a pair.

    In halves the first task trains for half of its epochs, then the second for all of its own, then
    the first for the rest. Encoder, pooler and both heads stay in one model. Either way each task
    gets the same number of batches.

    Args:
        names: Keys of FOLDERS.
        way: One after the other, or both in every update.
        size: Key of SIZES.
        checkpoint: Pretrained encoder in place of the size's own.
    """
    chosen = SIZES[size]
    tasks = tuple(_task(name, chosen) for name in names)
    first = tasks[0].name
    half = {"tasks": (first,), "share": 0.5}
    phases = (half, {"tasks": tuple(task.name for task in tasks[1:])}, half)
    rate, head_rate = chosen.rates
    return RunConfig(
        name="-".join([*names, *(["halves"] if way == "halves" else [])]),
        data=DataConfig(
            tasks=tasks,
            batch_size=chosen.batch,
            max_length=chosen.tokens,
            overlap=chosen.overlap,
        ),
        capacity=CapacityConfig(
            encoder="checkpoint",
            checkpoint=checkpoint or chosen.checkpoint,
            pooling=chosen.pooling,
            frozen_layers=chosen.frozen,
        ),
        optimisation=OptimisationConfig(
            phases=tuple(PhaseConfig(**each) for each in phases) if way == "halves" else (),
            epochs=chosen.epochs,
            learning_rate=rate,
            head_learning_rate=head_rate,
        ),
        probes=ProbeConfig(gram_every=10, planes_every=10),
    )


def _task(name: str, size: Size) -> TaskConfig:
    place = (HUB if size.source == "hub" else FOLDERS)[name]
    return TaskConfig(
        name=FOLDERS[name],
        source=size.source,
        path=place,
        # What the paper prints as exact match is F1.
        options={"metric": "span_f1"} if name == "squad" else {},
        examples_per_epoch=size.examples,
        dev_examples=size.scored,
    )


_WORDS = {"sst2": "sentiment", "mnli": "inference", "squad": "questions"}
_TITLES: Mapping[str, str] = {
    "paper": "on BERT (Sharma)",
    "hub": "on BERT, whole data sets of the hub (Sharma)",
    "quick": "a small encoder, a minute or two on a CPU",
}


def _made(name: str, names: Sequence[str], way: Way, size: str) -> Preset:
    words = [_WORDS[task] for task in names]
    what = " and ".join(words)
    if way == "halves":
        what = f"{words[0]} half, {words[1]}, {words[0]} half"
    elif len(words) == 1:
        what += " alone"
    title = f"{what[0].upper()}{what[1:]}: {_TITLES[size]}."

    def make(checkpoint: str) -> RunConfig:
        return sharma_run(names, way, size, checkpoint).changed(name=name)

    return Preset(title, make, True)


_ROWS: tuple[tuple[str, Sequence[str], Way, str], ...] = (
    *((f"{name}-halves", pair, "halves", "paper") for name, pair in PAIRS.items()),
    *((f"{name}-alone", (name,), "joint", "paper") for name in FOLDERS),
    ("sst2-mnli-hub", PAIRS["sst2-mnli"], "joint", "hub"),
    ("sst2-squad-halves-hub", PAIRS["sst2-squad"], "halves", "hub"),
    ("mnli-squad-halves-hub", PAIRS["mnli-squad"], "halves", "hub"),
    ("sst2-mnli-quick", PAIRS["sst2-mnli"], "joint", "quick"),
    *((f"{name}-halves-quick", pair, "halves", "quick") for name, pair in PAIRS.items()),
)
SHARMA: dict[str, Preset] = {row[0]: _made(*row) for row in _ROWS}
"""What Sharma did (questions in two halves around a classification, the other pair together,
each task alone), the other pair in halves too, and shorter ones."""
