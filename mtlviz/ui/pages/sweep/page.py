"""Sweep: many settings, each with the same seeds."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.sweep.panels import controls, header, looked_at

page.run("sweep", header, controls, body=looked_at)
