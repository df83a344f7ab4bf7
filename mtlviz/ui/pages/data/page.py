"""Data: what a task holds, which tasks give each other away, and tasks of one's own."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.data.panels import body

page.run("data", body=body)
