"""Settings of the continual toy: which tasks come when, what is shared, what is done about it."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import field_validator

from mtlviz.engine.continual import CONTINUAL, Recipe, make_recipe
from mtlviz.settings import Settings, setting

Scenario = Literal["sequence", "late", "drift"]
SCENARIOS: Mapping[Scenario, str] = {
    "sequence": "Tasks one after another",
    "late": "A task arrives later",
    "drift": "The data drift",
}
_ABOUT: Mapping[str, str] = {
    "sequence": "Each task has a head of its own; only the newest task's data are at hand.",
    "late": "All tasks but one train together from the start; then the last one arrives.",
    "drift": "One question and one head: which side of one bent boundary? The cloud moves along "
    "it, and only what lies under it now is at hand.",
}
# The toy has no inserts, plans no joint part of a step, and shares too few numbers for OGD: three a
# unit are soon spanned by ten kept slopes, and then it is a frozen layer.
METHODS: tuple[str, ...] = tuple(n for n in CONTINUAL if n not in ("inserts", "retrain", "ogd"))
MOST_IN_FILM = 5


class ContinualToyConfig(Settings):
    """Tasks on the plane, a step for each arrival, and every method trained on the same draws."""

    link_prefix: ClassVar[str] = "con_"
    scenario: Scenario = setting(
        "sequence", "What comes when",
        "Which method is best depends on this more than on anything else: choose it first.",
        "Data", choices=SCENARIOS, about=lambda name: _ABOUT.get(name, ""),
    )  # fmt: skip
    tasks: int = setting(
        3, "Tasks", "Tasks, or places of the cloud where data drift.", "Data", low=2, high=5
    )
    turn: int = setting(
        50, "Turn from task to task",
        "How far each task's boundary is turned against the one before. Where data drift, how "
        "sharply the one boundary bends.", "Data", low=0, high=90, unit="°",
    )  # fmt: skip
    gap: float = setting(
        0.0, "Distance from cloud to cloud",
        "How far apart the clouds of two tasks that follow each other lie.", "Data", low=0, high=3,
        step=0.1,
    )  # fmt: skip
    points: int = setting(
        100, "Training points", "Training points of each task.", "Data", low=20, high=300, step=10
    )
    noise: float = setting(
        0.05, "Label noise", "Share of training labels that are flipped.", "Data", low=0, high=0.5,
        step=0.01,
    )  # fmt: skip
    capacity: int = setting(
        5, "Capacity", "ReLU units of the layer that all tasks share.", "Capacity", low=1, high=12
    )
    memory: int = setting(
        10, "Examples kept of each old task",
        "What replay trains on, and what A-GEM and GEM look at.", "Optimisation", low=1, high=100,
    )  # fmt: skip
    ewc: float = setting(
        100.0, "EWC: strength λ",
        "How hard parameters are pulled back to where old tasks left them; at 0 it is sequential "
        "training.", "Optimisation", low=0, high=100_000,
    )  # fmt: skip
    lwf: float = setting(
        1.0, "LwF: strength λ",
        "How much the old answers on new points count against the new labels.", "Optimisation",
        low=0, high=20, step=0.1,
    )  # fmt: skip
    steps: int = setting(
        70, "Updates until the next task", "Full-batch updates of each step.", "Optimisation",
        low=20, high=300, step=10,
    )  # fmt: skip
    learning_rate: float = setting(
        0.8, "Learning rate", "Plain gradient descent.", "Optimisation", low=0.05, high=2, step=0.05
    )
    film: tuple[str, ...] = setting(
        ("joint", "sequential", "replay", "ewc"), "Methods in the film",
        "Whose boundaries are shown, at most five; all methods are trained and compared. While a "
        "story's question stands, those that it asks about and joint training, until you choose "
        "others.",
        "Optimisation", choices=lambda: {name: CONTINUAL[name].title for name in METHODS},
        min_length=1, max_length=MOST_IN_FILM,
    )  # fmt: skip
    seeds: int = setting(
        10, "Repetitions", "Paired repetitions: the same points and the same start for all "
        "methods.", "Optimisation", low=2, high=32,
    )  # fmt: skip
    seed: int = setting(0, "Seed", "Decides every random draw.", "Optimisation", low=0, high=9999)

    @field_validator("film")
    @classmethod
    def _known(cls, film: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in film if name not in METHODS]
        if unknown:
            raise ValueError(f"each must be one of {', '.join(METHODS)}, not {unknown[0]!r:.40}")
        return tuple(dict.fromkeys(film))

    @property
    def one_head(self) -> bool:
        """Whether all tasks are answered by one head."""
        return self.scenario == "drift"

    @property
    def phases(self) -> tuple[tuple[int, ...], ...]:
        """The tasks that arrive at each step."""
        if self.scenario == "late":
            return (tuple(range(self.tasks - 1)), (self.tasks - 1,))
        return tuple((task,) for task in range(self.tasks))

    @property
    def learned(self) -> tuple[int, ...]:
        """The step in which each task arrives."""
        return tuple(step for step, tasks in enumerate(self.phases) for _ in tasks)

    def recipe(self, name: str) -> Recipe:
        """A method with the options that these settings give it."""
        given = {"memory": self.memory, "strength": self.ewc if name == "ewc" else self.lwf}
        known = {option.name for option in CONTINUAL[name].options}
        return make_recipe(name, **{key: value for key, value in given.items() if key in known})
