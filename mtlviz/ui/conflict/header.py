"""Top of the conflict lab: preset, number of tasks, share; and what a link hides."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrows import MOST_ARROWS, REACH, Vector, changed
from mtlviz.ui import share, state
from mtlviz.ui.core.page import lecture_switch
from mtlviz.ui.state import conflict


def update(**values: object) -> None:
    """Change some settings, or keep the sentence that says why not."""
    try:
        state.set_arrows(changed(state.arrows(), **values))
    except MtlvizError as error:
        state.put("conflict.problem", str(error))


def header() -> None:
    """Choose a preset, go back to it, share; then what the preset says."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if shows("preset"):
            _preset()
        if shows("tasks"):
            _task_count()
        if shows("share"):
            _reset()
            _share()
        lecture_switch()
    problem = state.take("conflict.problem")
    if problem:
        st.error(str(problem))
    preset = ARROW_PRESETS[state.arrow_preset()]
    if not shows("preset"):
        return
    if state.arrows().arrows == preset.config.arrows and state.arrows().gram is None:
        st.markdown(preset.story)
    else:
        st.caption(f"Changed from “{preset.title}”. Reset brings it back.")


def shows(part: str) -> bool:
    """Whether a part of the page is on show: a teacher's link may hide it, so a class can guess."""
    groups = (group for group, parts in conflict.GROUPS.items() if part in parts)
    return not state.is_hidden(f"conflict.{part}", *groups)


def _preset() -> None:
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


def _reset() -> None:
    st.button(
        "Reset",
        key="conflict.reset",
        on_click=conflict.reset_arrows,
        help="Back to the arrows and methods of the opening link; from there, to the preset's own.",
    )


def _share() -> None:
    parts = {f"conflict.{part}": title for part, title in conflict.PARTS.items()}
    share.share_button(state.write_link(), parts=parts, key="conflict.share.hide")


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
