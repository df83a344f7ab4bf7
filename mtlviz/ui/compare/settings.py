"""What differs between the groups, and nothing else."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.runs.comparison import Group
from mtlviz.runs.settings import differing, in_words, meaning, shown, values_at
from mtlviz.ui.compare import cached
from mtlviz.ui.compare.scene import Scene


def settings_section(scene: Scene) -> None:
    """Only what differs, in plain words and by key."""
    st.subheader("What differs", anchor="settings")
    labels = tuple(group.label for group in scene.groups)
    runs = tuple((run.id, run.summary.created) for run in scene.runs)
    rows = cached.compared_once(("settings", runs, labels), lambda: _rows(scene))
    if not rows:
        st.markdown("Only the seed: every setting of these runs is the same.")
        return
    st.dataframe(rows, hide_index=True, height="content")


def _rows(scene: Scene) -> list[dict[str, str]]:
    """One row for each setting that differs."""
    return [
        {
            "setting": in_words(place),
            **{group.label: value(group, place) for group in scene.groups},
            "key": place,
            "what it means": meaning(place),
        }
        for place in differing([run.settings for run in scene.runs])
    ]


def value(group: Group, place: str) -> str:
    """A group's value of a setting; all values where its runs differ, a dash without the task."""
    found = dict.fromkeys(map(shown, _settings(group, place)))
    return " | ".join(found) or "–"


def _settings(group: Group, place: str) -> Sequence[object]:
    return values_at([run.settings for run in group.runs], place)
