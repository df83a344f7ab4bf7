"""What a visitor has chosen on the page of one run."""

from mtlviz.ui.core.run_choice import CHOICE

PARTS = (CHOICE,)
