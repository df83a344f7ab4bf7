"""Continual lab: tasks that come one after another; see forgetting, and what undoes it."""

from mtlviz.ui.core.page import run
from mtlviz.ui.pages.continual.header import header, prepare, sidebar

run("continual", header, sidebar, prepare)
