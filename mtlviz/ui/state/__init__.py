"""What a visitor has chosen: one file per page, all on top of `session`."""

from mtlviz.ui.core.link import hidden, is_hidden, lecture, set_lecture, write_link
from mtlviz.ui.core.run_choice import choose_run, chosen_run
from mtlviz.ui.core.session import (
    clicked,
    component_event,
    put,
    remember,
    set_widget,
    take,
    widget,
)
from mtlviz.ui.state.studio import (
    FIRST_RUN,
    open_experiment,
    set_studio,
    studio_config,
    studio_preset,
)

__all__ = [
    "FIRST_RUN",
    "choose_run",
    "chosen_run",
    "clicked",
    "component_event",
    "hidden",
    "is_hidden",
    "lecture",
    "open_experiment",
    "put",
    "remember",
    "set_lecture",
    "set_studio",
    "set_widget",
    "studio_config",
    "studio_preset",
    "take",
    "widget",
    "write_link",
]
