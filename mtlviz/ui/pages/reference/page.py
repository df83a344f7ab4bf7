"""Reference: every method from the registries, with rule, source, options and cost."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.reference.panels import header, looked_up

page.run("reference", header, prepare=looked_up)
