"""What the conflict lab shows: arrows to drag, whom they hurt, lessons on PCGrad, landscapes."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.combiners.pcgrad import Projection
from mtlviz.errors import MtlvizError
from mtlviz.figures.conflicts import method_look
from mtlviz.figures.model import ModelParts
from mtlviz.questions import Question
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_questions import ANY, ARROW_QUESTIONS, answered_arrows
from mtlviz.toy.arrow_updates import STEP, DrawnArrows, Picture, picture, trace
from mtlviz.toy.arrows import MOST_ARROWS, OVERLAYS, REACH, ArrowsConfig, Vector
from mtlviz.ui import component
from mtlviz.ui.core import guess, lesson_progress, link, session
from mtlviz.ui.core.controls import control, preset, reset, show_problem, undo
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import Panel, draw, lecture_switch, share
from mtlviz.ui.core.take_home import take_pictures_home
from mtlviz.ui.pages.conflict import from_run, gradnorm, landscape, lessons, words
from mtlviz.ui.pages.conflict.settings import ARROWS

_KEY = "conflict.arrows"
_LIVE_NOTE = (
    "Drag a tip, or focus it and use the arrow keys (Shift: larger steps). Shaded: updates that "
    "help every task. The step goes against the update."
)


def _arrows(_: Any) -> None:
    # A fragment: letting go of an arrow runs this again, and not the landscapes below.
    st.fragment(_above)(link.lecture(), _enter())


def _enter() -> guess.Stage:
    return guess.enter(_question().name, ARROWS.began_as_preset)


def _question() -> Question:
    """The preset's question, or one that fits what was made of it."""
    return guess.fitting(ARROW_QUESTIONS[ARROWS.preset], ANY, _changed())


def _changed() -> bool:
    """Whether these are other arrows than the preset's."""
    now = ARROWS.now
    return now.arrows != ARROWS.base.arrows or now.gram is not None


def _above(lecture: bool, stage: guess.Stage) -> None:
    """The arrows and what follows from them."""
    if link.lecture() != lecture or _enter() != stage:
        st.rerun()
    shown = picture(ARROWS.now)
    # What was dragged is answered first, the sentences above it a moment later.
    above, board = st.container(), st.container()
    with board:
        _board(shown)
    with above:
        _header()
        draw((VERDICT,), shown)
    draw((METHODS,), shown)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw((MATCH, ORDER), shown)
    if METHODS.shown and VERDICT.shown and (said := words.scales(shown)):
        st.markdown(said)
    with st.container(horizontal=True):
        draw((RUN,))
    draw((LESSONS, HOME), shown)
    link.write_link()


def _header() -> None:
    """Choose a preset, go back to it, share; then what the preset says."""
    if not lesson_progress.needs_room("conflict"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            draw((PRESET, TASKS, SHARE))
            lecture_switch()
    show_problem(ARROWS, "arrows")
    show_problem(ARROWS, "gram")
    if not PRESET.shown:
        return
    now, question = ARROWS.now, _question()
    note = guess.changed_from(ARROW_PRESETS[ARROWS.preset].title, _changed())
    again = partial(ARROWS.open_preset, question.again) if question.again else None
    guess.ask(answered_arrows(question, now), again, note)


def _preset(_: Any) -> None:
    titles = {name: each.title for name, each in ARROW_PRESETS.items()}
    preset(ARROWS, titles, "Arrows that show one thing. Everything stays adjustable.", width=260)


def _share(_: Any) -> None:
    undo(ARROWS)
    reset(ARROWS, "Back to the arrows and methods of the opening link; from there, to the "
          "preset's own.")  # fmt: skip
    share("conflict")


def _task_count(_: Any) -> None:
    session.set_widget("conflict.tasks", ARROWS.now.tasks)
    st.segmented_control(
        "Tasks",
        list(range(2, MOST_ARROWS + 1)),
        key="conflict.tasks",
        persist_state="session",
        required=True,
        on_change=_set_task_count,
        help="How many gradients there are.",
        disabled=ARROWS.now.gram is not None,
    )


def _set_task_count() -> None:
    count = int(str(session.widget("conflict.tasks")))
    arrows = list(ARROWS.now.arrows[:count])
    while len(arrows) < count:
        arrows.append(_turned(arrows[-1]))
    ARROWS.change(arrows=tuple(arrows))


def _turned(arrow: Vector) -> Vector:
    """A further arrow starts at right angles to the last one."""
    turned = (-arrow[1], arrow[0])
    return turned if max(map(abs, turned)) <= REACH else arrow


def _board(shown: Picture) -> None:
    """The arrows, the table and PCGrad in slow motion."""
    component.arrows(**board(shown), key=_KEY, on_edit=_take_edit)


def board(shown: Picture) -> dict[str, Any]:
    """What the browser needs of the arrows, the table and PCGrad in slow motion."""
    config, scene = shown.config, shown.scene
    waits = guess.covers("picture")
    payload = {
        "arrows": scene.coordinates.tolist(),
        "gram": scene.gram.tolist(),
        "methods": [
            {
                "name": name,
                **vars(method_look(name)),
                "help": method_help(name),
                "weights": result.weights.tolist(),
            }
            for name, result in ({} if waits else shown.results).items()
        ],
        "bare": waits,
        "match": config.match,
        "order": list(config.order),
        "trace": [] if waits else [_visit(visit) for visit in trace(config, scene.gram)],
        "step": STEP,
        "reach": REACH,
        "numbers": NUMBERS.shown,
        "slow": SLOW.shown,
        "editable": config.gram is None and not waits,
        "note": "" if waits else _LIVE_NOTE if config.gram is None else _plane_note(scene),
    }
    return {"payload": payload, "alt": _text(config, waits), "cursor_group": "conflict.slow"}


def _visit(visit: Projection) -> dict[str, float]:
    return {"task": visit.task, "other": visit.other, "inner": visit.inner_product,
            "removed": visit.removed}  # fmt: skip


def _text(config: ArrowsConfig, waits: bool) -> str:
    if waits:
        return f"Gradients of {config.tasks} tasks as arrows from one point."
    drawn = ", ".join(method_look(name).title for name in config.methods) or "no method"
    return (
        f"Gradients of {config.tasks} tasks as arrows from one point, with the updates of: {drawn}."
    )


def _plane_note(scene: DrawnArrows) -> str:
    shares = ", ".join(f"task {task + 1}: {share:.0%}" for task, share in enumerate(scene.share))
    return (
        f"{from_run.source() or 'Loaded gradients.'} Drawn in the plane that shows most of them "
        f"(share of each length: {shares})."
    )


def _take_edit() -> None:
    edit = session.edit(_KEY)
    if edit is not None:
        try:
            ARROWS.move(ARROWS.now.changed(arrows=tuple(map(tuple, edit["arrows"]))))
        except MtlvizError as error:
            ARROWS.tell(str(error), "arrows")


def _methods(shown: Picture) -> None:
    control(ARROWS, "methods", choices={name: method_look(name).title for name in OVERLAYS})
    if names := shown.config.methods:
        with st.expander("What the chosen methods do"):
            st.markdown("\n".join(f"- **{method_look(name).title}**: {method_help(name)}"
                                  for name in names))  # fmt: skip


def method_help(name: str) -> str:
    """What a method does, and whether its weights add up like a sum's or like a mean's."""
    return f"{COMBINERS[name].help} {words.adds_up(name)}"


def _take_home(shown: Picture) -> None:
    """The arrows, and what else the page shows of them, in one file."""
    title = f"Conflict lab: {ARROW_PRESETS[ARROWS.preset].title}"
    take_pictures_home("conflict", title, [words.verdict(shown)])


def _order(shown: Picture) -> None:
    if shown.config.tasks > 2:
        control(ARROWS, "order", width=220)


def _model(_: Any) -> None:
    """Whose gradients the arrows are: of the two shared numbers that the picture has axes for."""
    tasks = tuple(f"task {task + 1}" for task in range(ARROWS.now.tasks))
    draw_model(ModelParts(tasks, "the two axes", shared=2), "conflict.model")


PRESET = Panel("conflict.preset", "Preset and its story", _preset, "Data")
TASKS = Panel("conflict.tasks", "Number of tasks", _task_count, "Data")
SHARE = Panel("conflict.share", "Share and Reset", _share)
VERDICT = Panel("conflict.verdict", "Who is hurt, in words",
                lambda shown: st.markdown(words.verdict(shown)), reveals="answer")  # fmt: skip
NUMBERS = Panel("conflict.numbers", "The numbers beside the arrows", reveals="answer")
SLOW = Panel("conflict.slow", "PCGrad in slow motion", reveals="answer")
METHODS = Panel(
    "conflict.methods", "The choice of methods", _methods, "Optimisation", reveals="picture"
)
MATCH = Panel("conflict.match", "All as long as the sum",
              lambda _: control(ARROWS, "match"), "Optimisation", reveals="picture")  # fmt: skip
ORDER = Panel(
    "conflict.order", "The order PCGrad visits in", _order, "Optimisation", reveals="picture"
)
RUN = Panel("conflict.run", "Gradients from a run", from_run.loader, "Data", reveals="picture")
MODEL = Panel("conflict.model", "The model", _model, folded="The model: whose gradients these are")
LESSONS = Panel("conflict.lessons", "All lessons on PCGrad below the arrows",
                lessons.section, parts=lessons.PANELS, reveals="answer")  # fmt: skip
HOME = Panel("conflict.take_home", "Take it home", _take_home, reveals="answer")
PANELS = (
    Panel(
        "conflict.arrows", "The arrows", _arrows, hideable=False,
        parts=(
            *(PRESET, TASKS, SHARE, VERDICT, NUMBERS, SLOW, METHODS, MATCH, ORDER, RUN, LESSONS),
            HOME,
        ),
    ),
    MODEL,
    replace(landscape.PANEL, reveals="answer"),
    replace(gradnorm.PANEL, reveals="answer"),
)  # fmt: skip
