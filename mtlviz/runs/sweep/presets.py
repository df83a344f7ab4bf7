"""Ready-made sweeps: the course report's grid, and a small one of the same settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtlviz.errors import unknown_choice
from mtlviz.runs.sweep.plan import SweepPlan, read_plan

_DROPOUT = "data.tasks.*.head.dropout"


@dataclass(frozen=True)
class SweepPreset:
    """A ready-made sweep.

    Attributes:
        title: One sentence for a person who chooses.
        values: The plan, as a file has it.
    """

    title: str
    values: Mapping[str, Any]

    def plan(self) -> SweepPlan:
        """The plan."""
        return read_plan(dict(self.values))


def _course(base: str) -> dict[str, Any]:
    """Iyer's grid of 5 x 4 x 4 x 5, section 4.3, after Turc et al. (2019)."""
    return {
        "name": f"course grid {base.removeprefix('cs224n-')}",
        "base": base,
        "over": {
            "data.batch_size": (8, 16, 32, 64, 128),
            _DROPOUT: (0.1, 0.3, 0.5, 0.7),
            "optimisation.learning_rate": (3e-4, 1e-4, 5e-5, 3e-5),
            "optimisation.weight_decay": (0.0, 1e-5, 1e-4, 1e-3, 1e-2),
        },
        "seeds": 1,
    }


SWEEPS: dict[str, SweepPreset] = {
    "small-grid": SweepPreset(
        "The course report's four settings on built-in tasks: 16 of them with two seeds, under ten "
        "minutes on two cores.",
        {
            "name": "small grid",
            "base": "default",
            "set": {"optimisation.epochs": 15, "probes.gram_every": 0, "probes.planes_every": 0},
            "over": {
                "data.batch_size": (32, 128),
                _DROPOUT: (0.1, 0.5),
                "optimisation.learning_rate": (3e-3, 3e-2),
                "optimisation.weight_decay": (0.0, 1e-2),
            },
            "seeds": 2,
        },
    ),
    "continual-four": SweepPreset(
        "Four built-in tasks one after another: five methods against forgetting, and all together, "
        "with three seeds each; minutes on two cores.",
        {
            "name": "continual four",
            "base": "continual-sequence",
            "set": {"probes.gram_every": 0, "probes.planes_every": 0},
            "over": {"continual.method": ("sequential", "replay", "ewc", "lwf", "agem", "joint")},
            "seeds": 3,
        },
    ),
    "course-grid": SweepPreset(
        "The course report's whole grid on BERT: 400 settings of the classic approach (Iyer, "
        "section 4.3); weeks without a GPU.",
        _course("cs224n-classic"),
    ),
    "course-grid-pcgrad": SweepPreset(
        "The same grid under gradient surgery.", _course("cs224n-pcgrad")
    ),
}


def sweep_preset(name: str) -> SweepPlan:
    """The plan of a ready-made sweep.

    Raises:
        ConfigError: If there is none of that name.
    """
    if name not in SWEEPS:
        raise unknown_choice("sweep", name, SWEEPS)
    return SWEEPS[name].plan()
