"""Top of the conflict lab: preset, number of tasks, methods, share."""

import streamlit as st

from mtlviz.engine.combiners import summary
from mtlviz.errors import MtlvizError
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrows import MOST_ARROWS, OVERLAYS, REACH, Vector, changed
from mtlviz.ui import share, state
from mtlviz.ui.frame import lecture_switch

# What a teacher's link can hide.
PARTS = {
    "verdict": "Who is hurt, in words",
    "numbers": "The numbers beside the arrows",
    "methods": "The choice of methods",
    "lessons": "Orders, variants, theorem",
    "landscape": "The landscapes",
}


def update(**values: object) -> None:
    """Change some settings, or keep the sentence that says why not."""
    try:
        state.set_arrows(changed(state.arrows(), **values))
    except MtlvizError as error:
        state.put("conflict.problem", str(error))


def header() -> None:
    """Choose a preset, go back to it, share; then what the preset says."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.set_widget("conflict.preset", state.arrow_preset())
        st.selectbox(
            "Preset",
            list(ARROW_PRESETS),
            key="conflict.preset",
            format_func=lambda name: ARROW_PRESETS[name].title,
            on_change=lambda: state.open_arrow_preset(str(state.widget("conflict.preset"))),
            help="Arrows that show one thing. Everything stays adjustable.",
            width=320,
        )
        _task_count()
        st.button(
            "Reset",
            key="conflict.reset",
            on_click=lambda: state.open_arrow_preset(state.arrow_preset()),
            help="Back to the preset's own arrows and methods.",
        )
        _share()
        lecture_switch()
    problem = state.take("conflict.problem")
    if problem:
        st.error(str(problem))
    preset = ARROW_PRESETS[state.arrow_preset()]
    if state.arrows().arrows == preset.config.arrows and state.arrows().gram is None:
        st.markdown(preset.story)
    else:
        st.caption(f"Changed from “{preset.title}”. Reset brings it back.")


def shows(part: str) -> bool:
    """Whether a part of the page is on show: a teacher's link may hide it, so a class can guess."""
    return f"conflict.{part}" not in state.hidden()


def _share() -> None:
    with st.popover("Share", help="A link that opens exactly this picture."):
        hidden = st.multiselect(
            "Hide in the link (for a class)",
            list(PARTS),
            key="conflict.share.hide",
            format_func=lambda part: PARTS[part],
            help="Whoever opens the link does not see these parts: let the class guess first.",
        )
        parameters = state.write_link()
        if hidden:
            parameters["hide"] = ",".join(f"conflict.{part}" for part in hidden)
        address = share.link(st.context.url or "", parameters)
        st.code(address, language=None, wrap_lines=True)
        st.caption("Copy it with the button at its right end.")


def _task_count() -> None:
    counts = list(range(2, MOST_ARROWS + 1))
    state.set_widget("conflict.tasks", state.arrows().tasks)
    st.segmented_control(
        "Tasks",
        counts,
        key="conflict.tasks",
        required=True,
        on_change=_set_task_count,
        help="How many gradients there are.",
        disabled=state.arrows().gram is not None,
    )


def _set_task_count() -> None:
    count = int(str(state.widget("conflict.tasks")))
    arrows = list(state.arrows().arrows[:count])
    while len(arrows) < count:
        arrows.append(_turned(arrows[-1]))
    update(arrows=tuple(arrows))


def _turned(arrow: Vector) -> Vector:
    """A further arrow starts at right angles to the last one."""
    turned = (-arrow[1], arrow[0])
    return turned if max(map(abs, turned)) <= REACH else arrow


def methods() -> None:
    """Which updates are drawn, how long, and in which order PCGrad visits."""
    config = state.arrows()
    state.set_widget("conflict.methods", list(config.methods))
    st.multiselect(
        "Methods",
        OVERLAYS,
        key="conflict.methods",
        format_func=lambda name: method_look(name).title,
        on_change=lambda: update(methods=tuple(state.widget("conflict.methods"))),
        help="Whose update is drawn over the gradients. GradVac learns from earlier steps; on a "
        "single step it is PCGrad.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.set_widget("conflict.match", config.match)
        st.toggle(
            "All as long as the sum",
            key="conflict.match",
            on_change=lambda: update(match=bool(state.widget("conflict.match"))),
            help="Methods scale their weights differently, which acts as a hidden learning rate. "
            "Switch this on to compare directions alone.",
        )
        if config.tasks > 2:
            _order_choice()


def _order_choice() -> None:
    config = state.arrows()
    state.set_widget("conflict.order", " ".join(str(task + 1) for task in config.order))
    st.text_input(
        "PCGrad visits in this order",
        key="conflict.order",
        on_change=_set_order,
        help="PCGrad draws an order at random; here it is yours: the tasks' numbers, such as "
        "3 1 2. Every task meets the others in this order.",
        width=220,
    )


def _set_order() -> None:
    text = str(state.widget("conflict.order"))
    digits = [character for character in text if character.isdigit()]
    update(order=tuple(int(digit) - 1 for digit in digits))


def method_help(name: str) -> str:
    """One sentence on a method."""
    return summary(name)
