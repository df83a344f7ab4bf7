"""Compare: runs side by side over seeds; what helps, what hurts, by how much, and how sure."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.compare.panels import comparison, header

page.run("compare", header, body=comparison)
