"""The Covariance lab's toys in a lesson's file."""

from mtlviz.ui.component.take_home import Shown
from mtlviz.ui.pages.covariance import alignment, reweighting
from mtlviz.ui.pages.covariance.settings import COVARIANCE

_VIEWS = {"alignment": alignment.shown, "reweighting": reweighting.shown}


def shown() -> Shown | None:
    """What the page shows now; nothing for the view of real tasks, which takes long."""
    make = _VIEWS.get(COVARIANCE.now.view)
    return None if make is None else make()
