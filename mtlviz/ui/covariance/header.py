"""Top of the Covariance lab: which part of it, and the link to it."""

from mtlviz.ui.core.parts_header import parts_header
from mtlviz.ui.covariance.controls import common
from mtlviz.ui.covariance.settings import VIEWS
from mtlviz.ui.state import covariance as chosen

_PARTS = {
    "covariance.data": "What the tasks bring (Data)",
    "covariance.capacity": "What encodes them (Capacity)",
}


def header() -> None:
    """Choose a part of the lab, share it."""
    parts_header(VIEWS, common(chosen.settings(), "view"), _PARTS, "covariance.hide")
