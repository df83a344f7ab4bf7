"""What a link opens, as plain JSON: the one place that knows how the app keeps its settings."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel

from mtlviz.ui.core import link, session
from mtlviz.ui.core.lesson_progress import PROGRESS
from mtlviz.ui.core.run_choice import CHOICE
from mtlviz.ui.pages import PAGES
from mtlviz.ui.pages.capacity import settings as capacity
from mtlviz.ui.pages.compare.settings import COMPARISON
from mtlviz.ui.pages.conflict import settings as conflict
from mtlviz.ui.pages.continual import settings as continual
from mtlviz.ui.pages.covariance import settings as covariance
from mtlviz.ui.pages.data.settings import SHOWN
from mtlviz.ui.pages.reference.settings import LOOKED_UP
from mtlviz.ui.pages.replication.settings import SHOWN as REPLICATION
from mtlviz.ui.pages.studio.settings import REPEATS, RUN
from mtlviz.ui.pages.sweep import settings as sweep
from mtlviz.ui.pages.toy import settings as toy

RUN_NAMES = ("run", "update", "axis", "plane", "pair", "smoothing")
# The parts of `opened_settings` that belong to each page's own address.
PARTS_OF = {
    "/": ("app",),
    "/toy_lab": ("toy", "toy_preset", "story", "target", "regression", "map"),
    "/conflict_lab": ("arrows", "arrow_preset"),
    "/covariance_lab": ("covariance", "alignment", "reweighting"),
    "/capacity_lab": ("capacity_shown", "capacity_study", "capacity_toy"),
    "/continual_lab": ("continual", "continual_story", "continual_looking"),
    "/lessons": ("lesson",),
    "/studio": ("experiment", "studio", "seeds", "alone"),
    "/run": ("run",),
    "/compare": ("compare",),
    "/sweep": ("sweep", "sweep_form"),
    "/data": ("data",),
    "/replication": ("replication",),
    "/reference": ("reference",),
}


def opened_settings(path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Every part's settings after a link was opened, and the sentences it was answered with.

    Args:
        path: The page's path, such as `/toy_lab`. Today a link opens the settings of every page,
            wherever it leads; at least those of PARTS_OF must be returned.
        query: The link's parameters.
    """
    with (
        patch.object(session, "st", SimpleNamespace(session_state={})),
        patch.object(link, "st", SimpleNamespace(query_params=dict(query))),
    ):
        link.open_link(next(page for page in PAGES if f"/{page.path}" == path or path == "/"))
        return {part: _plain(value) for part, value in _parts().items()}


def _parts() -> dict[str, Any]:
    return {
        "app": {"hidden": sorted(link.hidden()), "lecture": link.lecture()},
        "problems": link.problems(),
        "lesson": PROGRESS.now,
        "toy": toy.TOY.now,
        "toy_preset": toy.TOY.preset,
        "story": "regression" if toy.in_many_dimensions() else toy.TOY.preset,
        "target": toy.target(),
        "regression": toy.REGRESSION.now,
        "map": {name: value for name, value in toy.LOOKING.now if name[:4] == "map_" and value},
        "arrows": _plain(conflict.ARROWS.now) | _plain(conflict.WALK.now),
        "arrow_preset": conflict.ARROWS.preset,
        "covariance": covariance.COVARIANCE.now,
        "alignment": covariance.ALIGN.now,
        "reweighting": covariance.REWEIGH.now,
        "capacity_shown": capacity.SHOWN.now,
        "capacity_study": capacity.FORM.now,
        "capacity_toy": capacity.TOY.now,
        "continual": continual.TOY.now,
        "continual_story": continual.TOY.preset,
        "continual_looking": continual.LOOKING.now,
        "experiment": RUN.preset,
        "studio": RUN.now,
        "seeds": REPEATS.now.seeds,
        "alone": REPEATS.now.alone,
        "run": {name: getattr(CHOICE.now, name) for name in RUN_NAMES},
        "compare": {name: getattr(COMPARISON.now, name) for name in ("runs", "by", "baseline")},
        "sweep": sweep.SHOWN.now,
        "sweep_form": sweep.FORM.now,
        "data": SHOWN.now,
        "replication": REPLICATION.now,
        "reference": LOOKED_UP.now,
    }


def _plain(value: Any) -> Any:
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return json.loads(json.dumps(plain))
