"""The Conflict lab's arrows in a lesson's file."""

from mtlviz.toy.arrow_updates import picture
from mtlviz.ui.component.arrows import arrows_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import guess
from mtlviz.ui.pages.conflict import words
from mtlviz.ui.pages.conflict.panels import board
from mtlviz.ui.pages.conflict.settings import ARROWS


def shown() -> Shown:
    """What the page shows of its arrows now."""
    found = picture(ARROWS.now)
    told = () if guess.covers("answer") else (words.verdict(found),)
    return Shown(told, {"board": Piece("arrows", arrows_data(**board(found)))})
