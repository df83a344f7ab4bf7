"""Conflict lab: gradients as arrows; drag them and see what every method makes of them."""

from mtlviz.ui.core.page import run

run("conflict")
