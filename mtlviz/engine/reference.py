"""Every method by its registry, as a reader looks it up: what it does, whose, options, cost.

All of it comes from the registries: a new method stands here by being registered.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

import numpy as np

from mtlviz.engine.choices import METHODS, sharing_of
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.estimate.facts import DataFacts, data_facts
from mtlviz.engine.estimate.sizes import model_size
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.presets import preset
from mtlviz.errors import MtlvizError
from mtlviz.methods import Option, Registry, Spec

REGISTRIES: dict[str, Registry] = {
    **{registry.noun: registry for registry in METHODS.values()},
    CONTINUAL.noun: CONTINUAL,
}
"""By what their entries are."""
KIND = "kind of task"
"""The one list whose entries are objects, not functions with options."""
_SHOWN_TASKS = np.array([10, 20, 20, 50])
"""Batches in a pass of four tasks, for which schedules are counted."""
_SUMS = ("sum", "mean")
_NOBODYS = "None: plain practice."
_SECTIONS = ("Args:", "Reference:", "Returns:", "Raises:", "Attributes:")


@dataclass(frozen=True)
class Entry:
    """A method as a reader looks it up.

    Attributes:
        name: Its name in settings and links.
        title: Its name as papers write it.
        help: What it does, in one sentence.
        rule: What it does in full, with its equations; from its docstring.
        source: Paper, equation and link, or why there is none.
        options: Each option with default, what it may be, and what it means.
        cost: What it costs beside plain training.
    """

    name: str
    title: str
    help: str
    rule: str
    source: str
    options: tuple[str, ...]
    cost: str


@cache
def entries(noun: str) -> tuple[Entry, ...]:
    """All methods of one registry, in its order.

    Args:
        noun: One of `nouns()`.
    """
    if noun == KIND:
        return tuple(_kinds())
    return tuple(_entry(noun, spec) for spec in REGISTRIES[noun].values())


def _entry(noun: str, spec: Spec) -> Entry:
    options = tuple(_option(option) for option in spec.options)
    cost = _COSTS.get(noun, lambda spec: "")(spec)
    return Entry(spec.name, spec.title, spec.help, _rule(spec.method), spec.source, options, cost)


def _option(option: Option) -> str:
    default = "must be given" if option.required else json.dumps(option.default)
    return f"`{option.name}` = {default}: {option.allowed}. {option.help}".strip()


def _rule(method: Callable) -> str:
    """The docstring without its first line and its sections."""
    text = (inspect.getdoc(method) or "").partition("\n")[2].strip()
    found = takewhile(lambda each: not each.startswith(_SECTIONS), text.split("\n\n"))
    return "\n\n".join(found)


def _combiner(spec: Spec) -> str:
    if spec.name in _SUMS:
        return "One backward pass of the summed losses; no gradient is kept apart."
    remembers = " It remembers from update to update." if inspect.isclass(spec.method) else ""
    return f"K gradients, each as large as what is shared.{remembers}"


_ASKS = {
    "needs_norms": "the length of each task's gradient",
    "needs_losses_after": "a second forward pass over the same batches",
}


def _weighting(spec: Spec) -> str:
    asked = [words for name, words in _ASKS.items() if getattr(spec.method, name, False)]
    if asked:
        return f"Needs {' and '.join(asked)}."
    constant = getattr(spec.method, "constant", False)
    return "Nothing: known before training." if constant else "Nothing beside the losses."


def _scheduler(spec: Spec) -> str:
    """How many tasks an update has, for four tasks of 10, 20, 20 and 50 batches."""
    try:
        due = spec.method(_SHOWN_TASKS, 2, np.random.default_rng(0)).due
    except (MtlvizError, TypeError, ValueError):
        return "As many updates as its phases have."
    share = due.sum(axis=0) / (2 * _SHOWN_TASKS)
    passes = ", ".join(f"{each:.1f}" for each in share)
    return (
        f"Of four tasks with 10, 20, 20 and 50 batches: {due.sum(axis=1).mean():.1f} tasks an "
        f"update, {len(due)} updates in 2 epochs, {passes} times each task's 2 passes."
    )


def _sharing(spec: Spec) -> str:
    """Parameters for four tasks on a transformer of two layers and width 64, heads left out."""
    try:
        config = preset("default").with_values(
            {"capacity.encoder": "transformer", "capacity.depth": 2, "capacity.width": 64,
             "capacity.sharing": spec.name}
        )  # fmt: skip
        encoder = model_size(config, _facts()).encoder
        found = sharing_of(config).counts(encoder, len(config.data.tasks))
    except MtlvizError:
        return "Counted in the Studio, for the encoder chosen there."
    return (
        f"On a transformer of width 64, of two layers: {found.shared:,} shared and {found.own:,} "
        f"own parameters a task train, {found.frozen:,} stay."
    )


def _encoder(spec: Spec) -> str:
    """Parameters at the size of the default run, word vectors left out."""
    try:
        config = preset("default").with_values({"capacity.encoder": spec.name})
        size = model_size(config, _facts()).encoder
    except ValueError:  # Only a checkpoint's files tell its size.
        return "Counted in the Studio, for the checkpoint chosen there."
    return (
        f"At the width and depth of the default run, {config.capacity.width} and "
        f"{config.capacity.depth}: {size.trained:,} parameters train."
    )


def _against_forgetting(spec: Spec) -> str:
    """What is kept of earlier tasks, and what an update does more."""
    recipe = spec.method()
    costs = {
        "All examples of all tasks, from the first phase on.": recipe.everything,
        "All examples of all tasks so far, in the last part of a phase.": recipe.retraining,
        "A few examples of each old task, which each update reads as well.": recipe.examples,
        "Two numbers a shared parameter; a pass over some examples after each phase.":
            recipe.stiffness,
        "A copy of the old model, and its answers to each batch.": recipe.distillation,
        "A vector as large as what is shared for each answer kept.": recipe.slopes,
    }  # fmt: skip
    return next((cost for cost, asked in costs.items() if asked), "Nothing beside training.")


@cache
def _facts() -> DataFacts:
    return data_facts(preset("default").data)


_COSTS: Mapping[str, Callable[[Spec], str]] = {
    "combiner": _combiner,
    "weighting": _weighting,
    "scheduler": _scheduler,
    "sharing": _sharing,
    "encoder": _encoder,
    CONTINUAL.noun: _against_forgetting,
    "source": lambda spec: "Read before training; nothing in it.",
}


def _kinds() -> Iterator[Entry]:
    for name, kind in KINDS.items():
        loss = (inspect.getdoc(kind.loss) or "").partition("\n")[0]
        told = f"Loss: {loss}\n\nScored by {', '.join(kind.metrics)}."
        pair = "Two texts an example." if kind.pair else "One text an example."
        yield Entry(name, kind.title, kind.help, told, _NOBODYS, (), pair)
