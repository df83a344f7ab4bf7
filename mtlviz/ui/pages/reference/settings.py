"""What a visitor looks up on the Reference page."""

from typing import ClassVar, Literal

from mtlviz.settings import Settings, setting
from mtlviz.ui.core.part import Part


class LookedUp(Settings):
    """Which list is shown, and which of its entries in full."""

    link_prefix: ClassVar[str] = "ref_"
    list: Literal[
        "combiner", "weighting", "scheduler", "sharing", "encoder", "source",
        "method against forgetting", "kind of task",
    ] = setting(
        "combiner", "List", "What to look up.",
        choices={
            "combiner": "Combiners", "weighting": "Weightings", "scheduler": "Schedulers",
            "sharing": "Sharing", "encoder": "Encoders", "source": "Sources of tasks",
            "method against forgetting": "Against forgetting", "kind of task": "Kinds of task",
        },
    )  # fmt: skip
    method: str = setting("", "In full", "One of the list, read in full.", max_length=60)


LOOKED_UP = Part("reference", LookedUp)
PARTS = (LOOKED_UP,)
