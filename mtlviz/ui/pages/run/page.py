"""Run: one run in full, live while it trains: curves, conflicts, and any update looked at."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.run.panels import body, header, what_runs

page.run("run", header, sidebar=what_runs, body=body)
