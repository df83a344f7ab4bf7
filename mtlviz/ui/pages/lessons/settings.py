"""Which lesson a visitor takes."""

from mtlviz.ui.core.lesson_progress import PROGRESS

PARTS = (PROGRESS,)
