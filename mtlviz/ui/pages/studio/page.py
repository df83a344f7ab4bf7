"""Studio: choose what to train, start it, watch it; the run goes on without the page."""

from mtlviz.ui.core import page
from mtlviz.ui.pages.studio.controls import studio_controls
from mtlviz.ui.pages.studio.header import header
from mtlviz.ui.pages.studio.panels import body
from mtlviz.ui.pages.studio.planned_runs import forget
from mtlviz.ui.pages.studio.problems import settle

settle()
forget()
page.run("studio", header, sidebar=studio_controls, body=body)
