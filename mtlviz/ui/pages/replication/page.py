"""Replication: every table of the papers beside ours, number by number, with their errors."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.replication.panels import chosen, header

page.run("replication", header, prepare=chosen)
