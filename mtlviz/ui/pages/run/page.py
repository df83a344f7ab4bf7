"""Run: one run in full, live while it trains: curves, conflicts, and any update looked at."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.run.panels import header, run_in_view, what_runs

page.run("run", header, sidebar=what_runs, prepare=run_in_view)
