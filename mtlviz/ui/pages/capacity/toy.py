"""The capacity view of the toy: every width trained while you look."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from mtlviz.engine.measures.widths import Best, Sweep, best
from mtlviz.figures.capacity import Region
from mtlviz.figures.model import ModelParts
from mtlviz.questions import Question
from mtlviz.toy import capacity
from mtlviz.toy.capacity import SCORES, CapacityCurves, CapacityToyConfig
from mtlviz.toy.capacity_regression import DIMENSIONS
from mtlviz.ui.component import chart
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import guess, work
from mtlviz.ui.core.controls import control, reset, undo
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.take_home import take_pictures_home
from mtlviz.ui.core.words import grouped
from mtlviz.ui.pages.capacity import words
from mtlviz.ui.pages.capacity.questions import capacity_question, with_answer
from mtlviz.ui.pages.capacity.settings import SHOWN, STORIES, TOY

# A class asks for the same settings: results of some ten kilobytes each.
_CURVES = Memo(64)
_TRAINING = "capacity.training"
_TRUNK = {
    "regression": f"B: {DIMENSIONS} × {{}}", "linear": "B: 2 × {}",
    "relu": "B: 2 × {}, with thresholds and ReLU",
}  # fmt: skip


def toy() -> None:
    """The picture, the verdict, and what stands behind both."""
    config, question = TOY.now, _question()
    guess.enter(question.name, TOY.began_as_preset)
    _stories()
    if guess.covers("picture"):
        guess.ask(question, note=guess.changed_from(TOY.preset, not TOY.is_preset))
    elif config.quick:
        _shown(_CURVES.once(config, (), lambda: capacity.capacity_curves(config)))
    else:
        parts = partial(capacity.capacity_parts, config)
        work.show((_TRAINING, config), parts, _TRAINING, _trained)
    if not guess.covers("answer"):
        folded("The model: what is shared", "capacity.model", lambda: _model(config))
        _mathematics(config)


def _model(config: CapacityToyConfig) -> None:
    """The shared module at a width, each task's head, and what both count; and so alone."""
    width = min(config.widths, key=lambda each: abs(each - SHOWN.now.width))
    control(SHOWN, "width", choices={each: str(each) for each in config.widths}, value=width,
            look="segmented")  # fmt: skip
    shared, head = config.counts(width)
    tasks = tuple(f"task {task + 1}" for task in range(config.tasks))
    parts = ModelParts(tasks, _TRUNK[config.kind].format(width), shared, (head,) * len(tasks))
    draw_model(parts, "capacity.model")
    st.markdown(
        f"**{grouped(shared + len(tasks) * head)}** parameters together; alone, at the same width, "
        f"{len(tasks)} × ({grouped(shared)} + {head}) = "
        f"**{grouped(len(tasks) * (shared + head))}**."
    )


def _question() -> Question:
    """What is asked of the settings; under another name where nobody may know what they came of."""
    own = capacity_question(TOY.preset, TOY.now)
    return guess.fitting(own, replace(own, name="capacity.any"), not TOY.is_preset)


def _stories() -> None:
    with st.container(horizontal=True):
        for name in STORIES:
            key = f"capacity.story.{name}"
            st.button(name, key=key, on_click=_open_story, args=(name,))
        undo(TOY)
        reset(TOY, "Back to what the link opened; from there, to the story's own settings.")


def _open_story(name: str) -> None:
    kind = TOY.now.kind
    TOY.open_preset(name)
    TOY.change(kind=kind)


def _trained() -> None:
    """The widths that are done."""
    job = work.current(_TRAINING)
    if job is not None and isinstance(job.part, CapacityCurves):
        _shown(job.part)


def _shown(curves: CapacityCurves) -> None:
    sweep = Sweep(curves.widths, curves.together, curves.alone)
    found = best(sweep) if curves.progress == 1 else None
    question = _question()
    again = partial(_open_story, question.again) if question.again else None
    note = guess.changed_from(TOY.preset, not TOY.is_preset)
    guess.ask(with_answer(question, sweep, curves.config.tasks), again, note)
    told = _verdicts(curves, sweep, found)
    if words.VERDICT.shown:
        st.markdown("".join(told[:1]))
    chart(key="capacity.toy", fit=True, **_picture(curves.config, sweep, found))
    if words.VERDICT.shown:
        st.markdown("  \n".join(told[1:]))
    if curves.progress == 1 and not guess.covers("answer"):
        take_pictures_home("capacity", f"Capacity lab: {TOY.preset}", told)


def _picture(config: CapacityToyConfig, sweep: Sweep, found: Best | None) -> dict[str, Any]:
    """What the curves over the width are drawn from."""
    return {
        "figure": words.picture(
            sweep, found, _region(config, found), y_title=SCORES[config.kind],
            revision=f"capacity.toy.{config.kind}.{config.tasks}",
        ),
        "alt": f"Mean score of {config.tasks} tasks over the width of the encoder, together and "
        "alone, and the difference at each width.",
        "how_to_read": words.how_to_read("paired repetitions"),
        "height": 460,
        "filename": f"capacity-{config.kind}",
    }  # fmt: skip


def shown() -> Shown:
    """What this view shows now, every width trained."""
    if guess.covers("picture"):
        return Shown()
    config = TOY.now
    curves = _CURVES.once(config, (), lambda: capacity.capacity_curves(config))
    sweep = Sweep(curves.widths, curves.together, curves.alone)
    found = best(sweep)
    told = () if guess.covers("answer") else _verdicts(curves, sweep, found)
    return Shown(told, {"toy": Piece("chart", chart_data(**_picture(config, sweep, found)))})


def _verdicts(curves: CapacityCurves, sweep: Sweep, found: Best | None) -> list[str]:
    told = [
        words.best_verdict(found) if found else "",
        words.width_verdict(sweep),
        words.how_chosen(found),
    ]
    config = curves.config
    if config.kind == "regression" and curves.progress == 1:
        told.append(
            f"From width {config.tasks}, the number of tasks, **nothing transfers**: every task "
            "finds its own solution in the shared matrix (Proposition 1)."
        )
    return [*filter(None, told)]


def _region(config: CapacityToyConfig, found: Best | None) -> Region | None:
    """The widths at which the tasks need not share."""
    if config.independent is not None:
        if config.kind == "regression":
            return Region(
                config.tasks,
                "as many as tasks:<br>nothing transfers",
                "fewer: share<br>or give way",
            )
        return Region(config.independent, "room for<br>every line", "one<br>direction")
    if found is None:
        return None
    return Region(found.summed, "as wide as all<br>alone in sum")


def _mathematics(config: CapacityToyConfig) -> None:
    with st.expander("What is computed, and where it comes from"):
        st.markdown(_TEXT[config.kind])
        st.caption(
            "Source: Wu, Zhang & Ré (ICLR 2020), equation 3, Proposition 1 and the capacity "
            "search of Figure 6. Dimension, sizes and families of tasks are ours. With eight "
            "repetitions or more, every second one chooses the best widths and the others score "
            "them; of widths within 0.25 points of the best the smallest is taken."
        )


_TEXT = {
    "regression": r"""
Each of the $k$ tasks has inputs $X_i$ (standard normal, 10 dimensions) and labels
$y_i = X_i\theta_i + \varepsilon_i$. The shared matrix $B$ has $r$ columns, every task a head $A_i$:

$$\min_{B,\,A_1 \dots A_k}\ \sum_i \lVert X_i B A_i - y_i \rVert^2 .$$

If $r \ge k$, the columns of $B$ can hold every task's own least squares solution, so the optimum is
that of training alone, to the last digit: *no transfer at all*. Below, $B$ keeps fewer directions
than there are tasks. Tasks that ask alike things pool their examples there; tasks that do not must
give way: destructive interference. Solved by taking turns between $B$ and the heads from several
starts, as there can be local optima below $k$.""",
    "linear": r"""
Points on a plane, two classes, $\text{logit}_i = (x B) A_i + c_i$ with $B$ of $r$ columns, trained
by 150 steps of gradient descent on the sum of the losses. Because the plane has two directions,
$r = 2$ holds any line of any task. Gradient descent stops early, so a small transfer remains where
the optimum has none.""",
    "relu": r"""
The same with $\text{logit}_i = \max(0, x B + b) A_i + c_i$. Proposition 1 is about linear modules.
Here the rule of thumb is used: with as many outputs as all tasks need alone in sum, a shared
module can hold their own modules side by side. It *can*; gradient descent may still find something
else.""",
}
