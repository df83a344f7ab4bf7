"""What the Sweep page shows, and what the next sweep is made of."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import quote, unquote

from pydantic import field_validator

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.errors import ConfigError
from mtlviz.runs.launcher import offered
from mtlviz.runs.sweep.plan import SweepPlan, read_over, write_over
from mtlviz.runs.sweep.presets import SWEEPS
from mtlviz.runs.sweep.searches import SEARCHES
from mtlviz.settings import Settings, Text, setting
from mtlviz.ui.core.part import Part

_LARGEST = 2**53
_LISTED = Text(
    lambda texts: ";".join(quote(text, safe="=,.* []{}:\"'_-") for text in texts),
    lambda text: tuple(unquote(each) for each in text.split(";") if each),
)


class Shown(Settings):
    """Which sweep is on screen, and how it is looked at."""

    link_prefix: ClassVar[str] = "sweep_"
    sweep: int | None = setting(None, "Sweep", "The sweep that is shown.", low=1, high=_LARGEST)
    chosen: int | None = setting(
        None, "Setting", "The setting that is drawn thick in every picture; click a line or a "
        "point to choose one.", low=0, high=_LARGEST, parameter="setting",
    )  # fmt: skip
    best: int | None = setting(
        None, "Only the best",
        "Draw so many settings, best first; all if empty.", low=1, high=10_000,
    )  # fmt: skip
    rows: str = setting("", "Down", "The setting whose values lie one above the other.")
    columns: str = setting("", "Across", "The setting whose values lie side by side.")
    first: str = setting("", "Across", "The task whose score lies across.", parameter="task_x")
    second: str = setting("", "Up", "The task whose score goes up.", parameter="task_y")


class SweepForm(Settings):
    """What the next sweep is made of."""

    link_prefix: ClassVar[str] = "sweep_new_"
    experiment: str = setting(
        "default", "Run that is changed", "The ready-made run that every setting changes.", "Data",
        choices={name: entry.title for name, entry in PRESETS.items()},
    )  # fmt: skip
    others: tuple[str, ...] = setting(
        (), "Changed in all of them",
        "What else differs from the ready-made run, for all settings alike: "
        "`optimisation.epochs=15`, several with ; between them.", "Data",
        text=_LISTED, typed=_LISTED, max_length=40,
    )  # fmt: skip
    over: tuple[str, ...] = setting(
        ("optimisation.learning_rate=0.003,0.01,0.03", "optimisation.combiner=sum,pcgrad"),
        "Values to try", "Each setting with the values to try.", text=_LISTED, typed=_LISTED,
        max_length=8,
    )  # fmt: skip
    search: Literal[tuple(SEARCHES)] = setting(
        "grid", "Search", "How settings are chosen among all combinations. What learns from scores "
        "needs Optuna, and some thirty settings before it does better than chance.", "Optimisation",
        choices={name: each.title for name, each in SEARCHES.items()},
    )  # fmt: skip
    trials: int = setting(
        20, "How many settings", "At most so many, where not every combination is tried.",
        "Optimisation", low=2, high=10_000, visible=lambda now: now.search != "grid",
    )  # fmt: skip
    together: int = setting(
        4, "Settings at once",
        "So many settings are tried at once; each next one learns from those that are done.",
        "Optimisation", low=1, high=1000,
        visible=lambda now: SEARCHES[now.search].following is not None,
    )  # fmt: skip
    seeds: int = setting(
        3, "Seeds", "Every setting is trained with the same seeds. One makes no winner.",
        "Optimisation", low=1, high=20,
    )  # fmt: skip
    alone: bool = setting(
        False, "Each task alone as well",
        "Trains every task alone, once for all settings that share that, so that transfer shows.",
        "Optimisation",
    )  # fmt: skip
    early: bool = setting(
        False, "Stop early what falls behind",
        "ASHA: at a ninth and a third of the training only the best third of the settings goes on.",
        "Optimisation",
    )  # fmt: skip
    where: Literal["machine", "cluster"] = setting(
        "machine", "Where", "Where its runs are worked on.", linked=False,
        choices={"machine": "this machine", "cluster": "the cluster"},
        visible=lambda now: offered() is not None,
    )  # fmt: skip
    name: str = setting(
        "", "Name", "Under this name the sweep is found again.", max_length=60, linked=False
    )

    @field_validator("experiment")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in PRESETS:
            raise ValueError(f"must be a ready-made run, not {name!r:.40}")
        return name

    @field_validator("over", "others")
    @classmethod
    def _read(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            read_over(texts)
        except ConfigError as error:
            raise ValueError(f"must be PLACE=VALUE: {error}") from None
        return texts

    def base(self) -> RunConfig:
        """The run that every setting changes.

        Raises:
            ConfigError: A change is not allowed.
        """
        changes = read_over(self.others)
        for path, values in changes.items():
            if len(values) != 1:
                raise ConfigError(f"`{path}` is to be changed for all settings: give one value.")
        return preset(self.experiment).with_values({path: v[0] for path, v in changes.items()})

    def plan(self) -> SweepPlan:
        """The sweep.

        Raises:
            ConfigError: If a setting is wrong, or none is to be tried.
        """
        if not self.over:
            raise ConfigError("Choose a setting to try, and values for it, in the side bar.")
        return SweepPlan.checked({
            "name": self.name.strip() or self.experiment, "base": self.base(),
            "over": read_over(self.over), "search": self.search, "seeds": self.seeds,
            "trials": None if self.search == "grid" else self.trials,
            "together": self.together, "alone": self.alone, "early": self.early,
        })  # fmt: skip


def _ready_made(name: str) -> SweepForm:
    """The form of a ready-made sweep."""
    values = SWEEPS[name].values
    return SweepForm(
        experiment=values["base"], over=write_over(values["over"]), seeds=values["seeds"],
        others=write_over({path: (value,) for path, value in values.get("set", {}).items()}),
    )  # fmt: skip


FORMS = {"first": SweepForm(), **{name: _ready_made(name) for name in SWEEPS}}
FORM_TITLES = {
    "first": "Learning rate and combiner, built-in tasks",
    "small-grid": "The report's four settings, built-in tasks",
    "continual-four": "Methods against forgetting, built-in tasks",
    "course-grid": "The report's whole grid: 400 settings on BERT",
    "course-grid-pcgrad": "The same 400 under gradient surgery",
}
SHOWN = Part("sweep.shown", Shown)
FORM = Part("sweep.form", SweepForm, FORMS, preset_parameter="sweep_preset")
PARTS = (SHOWN, FORM)
