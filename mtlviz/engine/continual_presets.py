"""Ready-made runs in which tasks come later, data drift, classes grow or labels go bad."""

from collections.abc import Mapping, Sequence
from typing import Any

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.preset_entry import MINILM, Preset

SENTENCES = ("sst2_sent", "subj", "trec", "cr", "mpqa")


def _built_in(name: str, **options: Any) -> TaskConfig:
    """A small built-in task of few common words."""
    return TaskConfig(name=name, options={
        "size": 256, "dev_size": 200, "vocabulary_overlap": 0.5, **options,
    })  # fmt: skip


_FOUR = (
    _built_in("reviews", vocabulary_pool=0),
    _built_in("topics", vocabulary_pool=1, asks="topic"),
    _built_in("critics", vocabulary_pool=0, agreement=0.3),
    _built_in("letters", vocabulary_pool=2),
)
_PLACES = tuple(
    _built_in(name, vocabulary_pool=pool, vocabulary_overlap=0.3)
    for pool, name in enumerate(("reviews", "letters", "notes"))
)
_TOPICS = tuple(
    TaskConfig(name=name, classes=classes, options={
        "asks": "topic", "size": 512, "dev_size": 400, "vocabulary_overlap": 0.5,
    })
    for name, classes in (("step one", ("cinema", "school")), ("step two", ("kitchen", "sport")))
)  # fmt: skip


def _made(
    name: str, tasks: Sequence[TaskConfig], phases: str, heads: str = "own", **more: Any
) -> RunConfig:
    """A small run of an encoder that all tasks share, with no probes but scores at switches."""
    return RunConfig(
        name=name,
        data=DataConfig(tasks=tuple(tasks), batch_size=32, max_length=64, heads=heads),
        capacity=CapacityConfig(encoder="mean", width=32, vector_width=32, depth=1),
        optimisation=OptimisationConfig(
            scheduler="joint_fill_up", phases=phases, epochs=8, learning_rate=1e-2,
            decay="constant", warmup=0.0, **more,
        ),
        probes=ProbeConfig(gram_every=8, layers_every=0, planes_every=8, evaluate_every=16),
    )  # fmt: skip


def _sentences(checkpoint: str) -> RunConfig:
    """Five sentence sets, few examples each, in the upper third of a small pretrained encoder."""
    tasks = tuple(
        TaskConfig(name=name, source="folder", path=name, train_examples=300, dev_examples=300)
        for name in SENTENCES
    )
    return RunConfig(
        name="continual-sentences",
        data=DataConfig(tasks=tasks, batch_size=16, max_length=48),
        capacity=CapacityConfig(
            encoder="checkpoint", checkpoint=checkpoint or MINILM, frozen_layers=4
        ),
        optimisation=OptimisationConfig(
            phases=" > ".join(f"{name} warmup=0.1 decay=linear" for name in SENTENCES),
            epochs=4, learning_rate=2e-4, head_learning_rate=1e-3,
        ),
        probes=ProbeConfig(gram_every=0, layers_every=0, planes_every=0, evaluate_every=100_000),
    )  # fmt: skip


def _plain(name: str, title: str, *given: Any, **more: Any) -> dict[str, Preset]:
    return {name: Preset(title, lambda checkpoint: _made(name, *given, **more))}


CONTINUAL_PRESETS: Mapping[str, Preset] = {
    **_plain(
        "continual-sequence",
        "Four built-in tasks one after another: what the first ones forget.",
        _FOUR, "reviews > topics > critics > letters",
    ),
    **_plain(
        "continual-new-requirement",
        "New requirement: three built-in tasks train together, then a fourth arrives.",
        _FOUR, "reviews+topics+critics > letters",
    ),
    **_plain(
        "continual-shift",
        "Distribution shift: one question and one head, asked of three kinds of text in turn.",
        _PLACES, "reviews > letters > notes", "one",
    ),
    **_plain(
        "continual-classes",
        "Growing classes: two topics, then two more, in one head that is not told which.",
        _TOPICS, "step%20one > step%20two", "growing",
    ),
    **_plain(
        "continual-noise",
        "Label noise begins halfway: from then on 60 % of the labels are drawn at random.",
        _FOUR[:2], "all share=0.5 > all share=0.5 label_noise=0.6",
    ),
    "continual-sentences": Preset(
        "Five sentence sets one after another in a small pretrained encoder.", _sentences, True
    ),
}  # fmt: skip
