"""ContinualConfig: what a run of several phases does so that earlier tasks are not forgotten."""

from typing import Any

from mtlviz.engine.strict_settings import StrictSettings
from mtlviz.settings import setting


class ContinualConfig(StrictSettings):
    """What becomes of the tasks of earlier phases while later ones train."""

    method: str = setting(
        "sequential", "Against forgetting",
        "What a run of several phases does so that the tasks of earlier ones are not forgotten.",
        "Optimisation",
    )  # fmt: skip
    method_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the method against forgetting."
    )
