"""PhaseConfig: one part of a run, in which some tasks train in their own way; and phases as text.

`squad share=0.5 > sst2 > squad share=0.5 heads=fresh` stands for three phases, in links, in the
shell, in files and in the form: the tasks with + between them, or `all`, then what else is set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import field_validator

from mtlviz.engine.strict_settings import StrictSettings
from mtlviz.errors import ConfigError
from mtlviz.limits import parse_json
from mtlviz.settings import Text, setting
from mtlviz.value_text import short

ALL = "all"
"""Stands for every task of the run."""
_GROUP = "Optimisation"


class PhaseConfig(StrictSettings):
    """One phase: who trains, for how long, and how."""

    tasks: tuple[str, ...] = setting(
        (),
        "Who trains",
        "Names of the tasks that train in this phase; every task if empty.",
        _GROUP,
    )
    share: float = setting(
        1.0, "Share",
        "Share of the epochs of these tasks that the phase takes: 0.5 is half of what they would "
        "get in a run without phases.", _GROUP, gt=0, high=100, step=0.1,
    )  # fmt: skip
    updates: int | None = setting(
        None, "Updates of the phase", "So many updates, in place of the share.", _GROUP, low=1
    )
    scheduler: str = setting(
        "", "Turns", "How its tasks take turns; as in the whole run if empty.", _GROUP
    )
    scheduler_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the phase's own scheduler."
    )
    combiner: str = setting(
        "", "Combiner of the phase", "How gradients become one update; the run's own if empty.",
        _GROUP,
    )  # fmt: skip
    combiner_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the phase's own combiner."
    )
    weighting: str = setting(
        "", "Weighting of the phase", "How losses are scaled; the run's own if empty.", _GROUP
    )
    weighting_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the phase's own weighting."
    )
    warmup: float | None = setting(
        None, "Own warm-up", "Share of the phase's updates with a rising step size. With an own "
        "warm-up or decay the step size begins anew; else one curve runs over the whole run.",
        _GROUP, low=0, lt=1,
    )  # fmt: skip
    decay: Literal["constant", "linear", "cosine"] | None = setting(
        None, "Own decay", "How the step size falls within the phase; see the own warm-up.", _GROUP
    )
    frozen: bool = setting(
        False, "Freeze the encoder", "Keep all that the tasks share as it is; heads train.", _GROUP
    )
    frozen_layers: int = setting(
        0, "Freeze lower layers",
        "Lower layers of a pretrained encoder kept as they are, embeddings included.", _GROUP,
        low=0,
    )  # fmt: skip
    frozen_heads: tuple[str, ...] = setting(
        (), "Freeze heads", "Names of the tasks whose heads are kept as they are.", _GROUP
    )
    heads: Literal["kept", "fresh"] = setting(
        "kept", "Heads of returning tasks",
        "Whether a task that trained before finds its head as it left it, or a new one.", _GROUP,
    )  # fmt: skip
    label_noise: float = setting(
        0.0, "Label noise in the phase",
        "Share of the training labels of its tasks that random ones replace in this phase.",
        _GROUP, low=0, high=1, step=0.1,
    )  # fmt: skip
    optimiser: Literal["kept", "reset"] = setting(
        "kept", "Optimiser at the switch",
        "Whether AdamW keeps its running averages of the phase before, or begins anew.", _GROUP,
    )  # fmt: skip

    @field_validator("tasks", "frozen_heads")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        doubled = next((name for name in names if names.count(name) > 1), None)
        if doubled is not None:
            raise ValueError(f"names {short(doubled)} twice")
        if "" in names:
            raise ValueError("names a task without a name")
        return names


def one_after_another(names: Sequence[str], epochs: object) -> list[dict[str, Any]]:
    """Phases in which each task has its share of the epochs before the next begins.

    Args:
        names: The tasks.
        epochs: Epochs of the run, which are given out whole where there are enough.
    """
    count = len(names)
    whole = epochs if isinstance(epochs, int) and epochs >= count else count
    owners = [epoch * count // whole for epoch in range(whole)]
    return [
        {"tasks": [name], "share": owners.count(task) / whole} for task, name in enumerate(names)
    ]


def written(phases: Sequence[PhaseConfig]) -> str:
    """Phases as text."""
    return " > ".join(map(_phase, phases))


def _phase(phase: PhaseConfig) -> str:
    tasks = "+".join(map(_name, phase.tasks)) or ALL
    given = phase.changed(tasks=()).query()
    return " ".join([tasks, *(f"{name}={_quoted(text)}" for name, text in given.items())])


def spoken(phases: Sequence[PhaseConfig]) -> str:
    """Phases in a few words: `half of squad, then sst2, then half of squad (heads fresh)`."""
    return ", then ".join(map(_spoken, phases)) or "no phases"


def _spoken(phase: PhaseConfig) -> str:
    given = phase.changed(tasks=(), share=1.0, updates=None).query()
    own = ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in given.items())
    tasks = " + ".join(phase.tasks) or "all tasks"
    if phase.updates is not None:
        tasks = f"{phase.updates:,} updates of {tasks}"
    elif phase.share != 1:
        tasks = f"{'half' if phase.share == 0.5 else f'{phase.share:g}'} of {tasks}"
    return f"{tasks} ({own})" if own else tasks


def read(text: str) -> object:
    """The phases that a text stands for, as JSON has them; JSON is taken too.

    Raises:
        ValueError: It stands for none; says why.
    """
    if text.lstrip().startswith("["):
        return parse_json(text, "The phases")
    parts = [part.split() for part in text.split(">")]
    if not any(parts):
        return []
    if not all(parts):
        raise ValueError("has nothing between two switches, or before or after one")
    return [_values(*part) for part in parts]


def _values(tasks: str, *given: str) -> Mapping[str, object]:
    """One phase: its tasks, and what else is set."""
    names = () if tasks == ALL else tuple(map(unquote, tasks.split("+")))
    texts = dict(each.partition("=")[::2] for each in given)
    known = [name for name in PhaseConfig.model_fields if name != "tasks"]
    for name in texts:
        if name not in known:
            raise ValueError(f"sets {short(name)}, but a phase has {', '.join(known)}")
    phase, problems = PhaseConfig.read({name: unquote(each) for name, each in texts.items()})
    if problems:
        raise ValueError(_told(problems[0]))
    try:
        return phase.changed(tasks=names).model_dump(mode="json")
    except ConfigError as error:
        raise ValueError(_told(str(error))) from None


def _told(problem: str) -> str:
    """What is wrong with one phase; whoever reads it knows what the whole text was."""
    return f"has a phase whose {problem.rsplit(', got ', 1)[0].rstrip('.')}"


def _name(name: str) -> str:
    return f"%{ord(name[0]):02X}{name[1:]}" if name == ALL else _quoted(name)


def _quoted(text: str) -> str:
    """A text without what has a meaning between phases."""
    return re.sub(r"[\s+>%\[\x00-\x1f]", lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


PHASES = Text(written, read, form="")
