"""What the Capacity lab shows: which part of it, and what the next runs are made of."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import field_validator

from mtlviz.engine.measures.clusters import MOST_GROUPS
from mtlviz.engine.models.encoders import ENCODERS as KNOWN
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.runs.sharing_study import FACTORS
from mtlviz.settings import Settings, setting
from mtlviz.toy.capacity import CapacityToyConfig
from mtlviz.ui.core.part import Part

MEASURED = {"toy": "Toy, at once", "text": "Text, by runs"}
ENCODERS = {name: spec.title for name, spec in KNOWN.items() if spec.method.uses_word_vectors}
"""Encoders whose width can be chosen."""
MOST_TASKS, MOST_ENCODERS = 32, 8
MOST_WIDTHS = 8
MOST_WIDTH = 1000
DEFAULT_TASKS = tuple(f"built-in/{name}" for name in ("reviews", "letters", "topics", "similarity"))


class Shown(Settings):
    """Which part of the lab is on screen, and what it looks at."""

    link_prefix: ClassVar[str] = "cap_"
    view: Literal["capacity", "affinity", "sharing"] = setting(
        "capacity", "Part of the lab",
        choices={"capacity": "Capacity", "affinity": "Affinity", "sharing": "Ways of sharing"},
    )  # fmt: skip
    measured: Literal["toy", "text"] = setting(
        "toy", "Measured on",
        "A toy is trained while you look. Text models are trained by runs in the queue: start "
        "them, leave, come back.", choices=MEASURED,
    )  # fmt: skip
    study: int | None = setting(None, "Study", "The width study that is shown.", low=1)
    run: int | None = setting(
        None, "Run with affinities", "The run whose affinities are shown, with its other seeds.",
        low=1,
    )  # fmt: skip
    ways: int | None = setting(
        None, "Study of ways", "The study of ways of sharing that is shown.", low=1
    )
    across: Literal["stored", "trained"] = setting(
        "stored", "Across",
        "Stored: the whole model for all tasks. Trained: what training one task changes, its head "
        "and what it shares included.",
        choices={"stored": "Stored for all tasks", "trained": "Trained for a task"},
    )  # fmt: skip
    drawn: str = setting(
        "hard", "Model of", "The way of sharing whose model is drawn.", max_length=40
    )
    width: int = setting(
        2, "Width that is drawn", "The model of the toy is drawn, and counted, at this width.",
        low=1, linked=False,
    )  # fmt: skip
    groups: int = setting(
        2, "Encoders at most", "At most so many encoders, one for each group of tasks.", low=1,
        high=MOST_ENCODERS,
    )  # fmt: skip
    grouped_by: Literal["conflict", "lookahead", "estimate"] = setting(
        "conflict", "Grouped by",
        "Cosine: which way the tasks’ gradients point in the second half of training. Lookahead: "
        "what a step on one task does to another’s loss, over all of training. Estimate: what "
        "training a pair would do, from the gradients of the trained model (a few seconds).",
        choices={"conflict": "Cosine", "lookahead": "Lookahead", "estimate": "Estimate"},
    )  # fmt: skip
    count: int | None = setting(
        None, "Groups",
        "How many groups; empty takes the number with the largest total inside the groups.",
        low=2, high=MOST_GROUPS,
    )  # fmt: skip
    task: int | None = setting(
        None, "Task to light up", "Type a part of its name, or click a cell of a map.", low=1,
        high=10_000,
    )  # fmt: skip


class TasksForm(Settings):
    """Which tasks a study trains, and on how many examples."""

    tasks: tuple[str, ...] = setting(
        DEFAULT_TASKS, "Tasks",
        "Built in, below MTLVIZ_DATA, your own, or in the folder below. Two or more.", "Data",
        min_length=2, max_length=MOST_TASKS,
    )  # fmt: skip
    folder: str = setting(
        "", "Folder of data sets", "A data set with a meta.json, or a folder of such data sets.",
        "Data",
    )  # fmt: skip
    examples: int | None = setting(
        None, "Training examples of each task",
        "Training examples of each task, drawn once for each seed; all if empty.", "Data", low=20,
        high=100_000, step=100,
    )  # fmt: skip


class StudyForm(TasksForm):
    """Which runs a width study makes."""

    link_prefix: ClassVar[str] = "cap_study_"
    encoder: Literal[tuple(ENCODERS)] = setting(
        "mean", "Encoder", "The module that turns a text into a vector.", "Capacity",
        choices=ENCODERS,
    )  # fmt: skip
    widths: tuple[int, ...] = setting(
        (4, 10, 30, 100), "Widths to try",
        "Output widths of the encoder to try. The paper searched 5 to 500.", "Capacity",
        min_length=1, max_length=MOST_WIDTHS,
    )  # fmt: skip
    seeds: int = setting(
        3, "Seeds", "Paired seeds. One gives no interval, three a wide one.", "Optimisation", low=1,
        high=10,
    )  # fmt: skip
    epochs: int = setting(
        20, "Passes over the data", "Passes over the largest task's examples.", "Optimisation",
        low=1, high=200,
    )  # fmt: skip
    name: str = setting(
        "", "Name", "Under this name the study is found again.", max_length=120, linked=False
    )

    @field_validator("widths")
    @classmethod
    def _rising(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        outside = [width for width in widths if not 1 <= width <= MOST_WIDTH]
        if outside:
            raise ValueError(f"each must be 1 to {MOST_WIDTH}, not {outside[0]}")
        return tuple(sorted(set(widths)))


class AffinityForm(Settings):
    """Which runs measure affinities and transfer; their tasks are those of the width study."""

    link_prefix: ClassVar[str] = "cap_affinity_"
    updates: int = setting(
        200, "Updates", "Updates of each run; every task takes part in each.", low=20, high=5000,
        step=20,
    )  # fmt: skip
    seeds: int = setting(3, "Seeds", "One seed gives no interval over seeds.", low=1, high=10)


class WaysForm(TasksForm):
    """Which runs a study of ways of sharing makes."""

    link_prefix: ClassVar[str] = "cap_ways_"
    checkpoint: str = setting(
        "", "Pretrained encoder",
        "A local folder or a hub name. Empty: a small encoder of two layers, from scratch.",
        "Capacity",
    )  # fmt: skip
    ways: tuple[str, ...] = setting(
        ("hard", "partial", "soft", "cross_stitch", "mmoe", "cgc"), "Ways of sharing",
        "Each with its own options as they are by default; every task alone is always among them.",
        "Capacity", min_length=1, max_length=len(SHARING),
    )  # fmt: skip
    rates: int = setting(
        5, "Step sizes tried",
        "Each way is trained at so many step sizes, a factor of three apart, larger ones first: "
        "one common step size is the commonest unfairness.", "Optimisation", low=1,
        high=len(FACTORS),
    )  # fmt: skip
    seeds: int = setting(
        3, "Seeds", "Paired seeds. One gives no interval, three a wide one.", "Optimisation", low=1,
        high=10,
    )  # fmt: skip
    epochs: int = setting(
        10, "Passes over the data", "Passes over the largest task's examples.", "Optimisation",
        low=1, high=200,
    )  # fmt: skip

    @field_validator("ways")
    @classmethod
    def _known(cls, ways: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [way for way in ways if way not in SHARING]
        if unknown:
            raise ValueError(f"each must be a way of sharing, not {unknown[0]!r:.40}")
        return tuple(dict.fromkeys(ways))


STORIES: Mapping[str, tuple[str, CapacityToyConfig]] = {
    "Two families": (
        "Four tasks ask two questions: two directions are best, one is too few.",
        CapacityToyConfig(),
    ),
    "One question": (
        "All ask the same: one direction, and examples are pooled.",
        CapacityToyConfig(questions=1, alike=1.0),
    ),
    "Strangers": (
        "Nobody asks what another asks: sharing can only hurt.", CapacityToyConfig(questions=4)
    ),
    "Plenty of data": (
        "With many examples of its own a task gains nothing from others: even alike ones differ.",
        CapacityToyConfig(examples=200),
    ),
}  # fmt: skip
"""Settings of the toy worth seeing, and why."""

SHOWN = Part("capacity.shown", Shown)
FORM = Part("capacity.study", StudyForm)
AFFINITY = Part("affinity", AffinityForm)
WAYS_PRESETS = {
    "small": WaysForm(),
    "minilm": WaysForm(
        tasks=tuple(f"data/{name}" for name in SENTENCE_SETS), examples=400,
        checkpoint="sentence-transformers/all-MiniLM-L6-v2",
        ways=("hard", "partial", "mmoe", "lora", "houlsby"), epochs=2,
    ),
}  # fmt: skip
WAYS_TITLES = {
    "small": "Built-in tasks, minutes on two cores",
    "minilm": "MiniLM on six sentence sets, hours on two cores",
}
WAYS = Part("capacity.ways", WaysForm, WAYS_PRESETS, preset_parameter="cap_ways_preset")
TOY = Part(
    "capacity.toy", CapacityToyConfig, {name: config for name, (_, config) in STORIES.items()},
    preset_parameter="cap_toy_story",
)  # fmt: skip
PARTS = (SHOWN, FORM, AFFINITY, WAYS, TOY)
