"""Toy lab: tasks on a plane; move the data and watch transfer change its sign."""

from mtlviz.ui.core.page import run
from mtlviz.ui.pages.toy.header import header, prepare, sidebar

run("toy", header, sidebar, prepare)
