"""Top of the Capacity lab: which part of it, and the link to it."""

from mtlviz.ui.capacity.settings import VIEWS
from mtlviz.ui.capacity.widgets import common
from mtlviz.ui.core.parts_header import parts_header
from mtlviz.ui.state import capacity as chosen

_PARTS = {
    "capacity.data": "What the tasks bring (Data)",
    "capacity.capacity": "What they share (Capacity)",
    "capacity.optimisation": "How it is trained (Optimisation)",
    "capacity.verdict": "The verdict",
    "capacity.paper": "The paper's table",
}


def header() -> None:
    """Choose a part of the lab, share it."""
    parts_header(VIEWS, common(chosen.shown(), "view"), _PARTS, "capacity.hide")
