"""Covariance lab: how alike the tasks' inputs are, and what can be made of it."""

import streamlit as st

from mtlviz.ui.core import page
from mtlviz.ui.core.controls import control, preset, reset, undo
from mtlviz.ui.core.part import Part
from mtlviz.ui.pages.covariance import alignment, reweighting
from mtlviz.ui.pages.covariance.panels import sidebar, view
from mtlviz.ui.pages.covariance.settings import ALIGN, COVARIANCE, REWEIGH


def _header() -> None:
    # What is asked is known before Share tells of it.
    {"alignment": alignment.enter, "reweighting": reweighting.enter}.get(view(), lambda: None)()
    with st.container(horizontal=True, vertical_alignment="center"):
        control(
            COVARIANCE, "view", look="segmented", label_visibility="collapsed",
            changed=COVARIANCE.forget_moves,
        )  # fmt: skip
        part: Part = {"alignment": ALIGN, "reweighting": REWEIGH}.get(view(), COVARIANCE)
        preset(
            part, dict(zip(part.presets, part.presets, strict=True)),
            "What is worth seeing here. Everything stays adjustable.", label="Story",
            label_visibility="collapsed", width=240,
        )  # fmt: skip
        undo(part)
        reset(part, "Back to what the link opened; from there, to the story's own settings.")
        page.share("covariance")
        page.lecture_switch()


page.run("covariance", _header, sidebar, view)
