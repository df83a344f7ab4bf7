"""The Capacity lab's toy in a lesson's file."""

from mtlviz.ui.component.take_home import Shown
from mtlviz.ui.pages.capacity import toy
from mtlviz.ui.pages.capacity.panels import view


def shown() -> Shown | None:
    """What the page shows now; nothing for the views of runs, which take long."""
    return toy.shown() if view() == "toy" else None
