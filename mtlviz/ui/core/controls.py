"""Widgets made from settings: what a setting is decides which widget it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import streamlit as st

from mtlviz.methods import Option
from mtlviz.settings import GROUPS, Control, ControlKind
from mtlviz.ui.core import lesson_progress, link, session
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.part import Part
from mtlviz.ui.core.words import sentence
from mtlviz.value_text import comma_text, comma_values, short

Look = Literal["", "segmented", "field", "slider", "one"]
_SLIDER_STEPS = 400  # A slider with more of them cannot be set exactly by hand.
_FINE = 12.0  # Widest range whose slider moves in twentieths.


def control(
    part: Part,
    path: str,
    *,
    what: Control | None = None,
    look: Look = "",
    changed: Callable[[], None] | None = None,
    **given: Any,
) -> None:
    """One control, showing the value it has now; below it what was wrong with the last one.

    Args:
        part: The settings it belongs to.
        path: The setting.
        what: Its control, where the settings do not know it, such as an option of a method.
        look: Another widget than the usual one; with "one" a choice is the whole of a list.
        changed: Called after it was changed.
        given: What else the widget takes; `label`, `key`, `value`, `high` and `choices` replace
            the setting's own.
    """
    what = what or part.control(path)
    if is_hidden(part, what) or (what.visible is not None and not what.visible(part.now)):
        return
    key = given.pop("key", part.widget(path))
    value = given.pop("value") if "value" in given else part.now.value_at(path)
    session.set_widget(key, value if look == "one" else _shown(what, value, given))
    common = {
        "label": given.pop("label", _label(what)),
        "key": key,
        "persist_state": "session",  # See `session.set_widget`.
        "help": what.help or None,
        "on_change": _take,
        "args": (part, what, path, key, changed),
    }
    _widget(what, value, look, {**common, **given})
    if what.about is not None and (about := what.about(value)):
        st.caption(about)
    show_problem(part, path)


_OPTION_KINDS: Mapping[str, ControlKind] = {
    "number": "float", "integer": "int", "truth": "bool", "word": "text", "choice": "choice",
}  # fmt: skip


def option_control(part: Part, path: str, option: Option) -> None:
    """The control of one option of a method.

    A value that does not fit is not shown: its group says what is wrong with it.

    Args:
        part: The settings it belongs to.
        path: Where the method's options stand in them.
        option: The option.
    """
    given = part.now.value_at(path).get(option.name, option.default)
    what = Control(
        path=f"{path}.{option.name}",
        title=option.title,
        help=option.help,
        kind=_OPTION_KINDS[option.kind],
        choices={value: str(value) for value in option.choices},
        step=1 if option.kind == "integer" else 0.1,
    )
    value = given if option.fits(given) else option.default
    control(part, what.path, what=what, value=value, look="field")


def controls(  # noqa: PLR0913 (what a page has to say of its controls, by names)
    part: Part,
    opened: str = "Data",
    only: tuple[str, ...] = (),
    highest: Mapping[str, float] | None = None,
    changed: Callable[[], None] | None = None,
    shown: Mapping[str, object] | None = None,
) -> None:
    """All controls of a part in the three groups of the app, less those the link hides.

    Args:
        part: The settings.
        opened: The group that is unfolded at first; all if empty.
        only: The settings to show; all if empty.
        highest: Upper ends that depend on other settings.
        changed: Called after one was changed.
        shown: Values that are in force in place of the settings'.
    """
    now = part.now.controls()
    for group in GROUPS:
        paths = [path for path, what in now.items() if what.group == group
                 and (not only or path in only) and not is_hidden(part, what)
                 and (what.visible is None or what.visible(part.now))]  # fmt: skip
        if paths:
            with st.expander(group_title(group), expanded=group == opened or not opened):
                for path in paths:
                    value = {"value": shown[path]} if shown and path in shown else {}
                    control(part, path, changed=changed, **_ends(highest, path), **value)
    show_problem(part)


def asked_controls(
    part: Part,
    page: str,
    highest: Mapping[str, float] | None = None,
    changed: Callable[[], None] | None = None,
) -> tuple[str, ...]:
    """What a lesson's step wants moved on a page, in sight and in no fold; the settings' paths."""
    prefix, known = part.model.link_prefix, part.now.controls()
    paths = tuple(name.removeprefix(prefix) for name in lesson_progress.asks_for(page)
                  if name.startswith(prefix) and name.removeprefix(prefix) in known)  # fmt: skip
    for path in paths:
        control(part, path, changed=changed, **_ends(highest, path))
    return paths


def _ends(highest: Mapping[str, float] | None, path: str) -> dict[str, float]:
    """A setting's upper end, where that depends on other settings."""
    return {"high": highest[path]} if highest and path in highest else {}


def show_problem(part: Part, path: str | None = None) -> None:
    """What was wrong with the last change, once; with a path, with that of this setting."""
    if problem := part.problem(path):
        st.error(sentence(problem))


def preset(part: Part, titles: Mapping[str, str], help: str, **given: Any) -> None:
    """The choice of what a part starts from; `given` is what else the widget takes."""
    key = part.widget("preset")
    session.set_widget(key, part.preset)
    st.selectbox(
        given.pop("label", "Preset"), list(part.presets), key=key, format_func=_named(titles),
        on_change=session.when_chosen(key, part.open_preset),
        help=help, persist_state="session", **given,
    )  # fmt: skip


def undo(part: Part) -> None:
    """A button that takes back what was dragged, painted or set last."""
    st.button(
        "Undo", key=part.widget("undo"), on_click=part.undo, disabled=not part.can_undo,
        shortcut="Ctrl+Z", help="Takes back what you dragged, painted or set last.",
    )  # fmt: skip


def reset(part: Part, help: str) -> None:
    """A button that goes back to what the opening link set; from there, to the preset's own."""
    st.button("Reset", key=part.widget("reset"), on_click=part.reset, help=help)


def _label(what: Control) -> str:
    """The title with its unit, where the title does not say it."""
    says_it = not what.unit or what.unit.lower() in what.title.lower()
    return what.title if says_it else f"{what.title} ({what.unit})"


def group_title(group: str) -> str:
    """The title of a group's fold: its name and what it is about."""
    return f"**{group}** · {GROUPS[group]}"


def grouped(groups: dict[str, Callable[[], None]], opened: str = "") -> None:
    """Folds of controls that a page draws itself, less the groups the link hides."""
    for group, what in groups.items():
        if not link.is_hidden_group(group):
            folded(group_title(group), f"group.{group}", what, group == opened or not opened)


def is_hidden(part: Part, what: Control) -> bool:
    """Whether the link hides a control, by its name or with its group."""
    prefix = part.model.link_prefix
    names = {part.widget(what.path), prefix and prefix + what.path}
    # What Share does not list by its plain name may be called like something of another page.
    if what.group:
        names |= {what.path, prefix + what.path}
    return link.is_hidden(*names) or link.is_hidden_group(what.group)


def _shown(what: Control, value: Any, given: dict[str, Any]) -> Any:
    """What the widget of a value holds."""
    if what.typed is not None:
        return what.typed.write(value)
    if what.kind != "list":
        return value
    offered = given.get("choices") or what.offered()
    return [each for each in value if each in offered] if offered else comma_text(value)


def _widget(what: Control, value: Any, look: str, common: dict[str, Any]) -> None:
    choices = common.pop("choices", None) or what.offered()
    high = common.pop("high", what.high)
    if what.typed is not None:
        st.text_input(**common)
    elif what.kind == "list" and choices and look != "one":
        st.multiselect(options=list(choices), format_func=_named(choices), **common)
    elif choices:
        kept = choices if value in choices else {**choices, value: str(value)}
        _choice(kept, look, common)
    elif what.kind == "bool":
        st.toggle(**common)
    elif what.kind in ("int", "float"):
        _number(what, value, high, look, common)
    else:
        st.text_input(**common)


def _choice(choices: Any, look: str, common: dict[str, Any]) -> None:
    if look == "segmented":
        st.segmented_control(
            options=list(choices), format_func=_named(choices), required=True, **common
        )
    else:
        st.selectbox(options=list(choices), format_func=_named(choices), **common)


def _named(choices: Any) -> Callable[[Any], str]:
    return lambda value: str(choices.get(value, value))


def _number(what: Control, value: Any, high: float | None, look: str, common: dict) -> None:
    """A slider where every value can be reached; else a field, whose ends the settings judge."""
    number = int if what.kind == "int" else float
    step = what.step or _step(what, value)
    if look != "field" and (look == "slider" or _fits_a_slider(what, step)):
        if high is not None and what.low is not None and high <= what.low:
            st.caption(f"{common['label']}: {value}, the only choice.")
            return
        ends = {"min_value": number(what.low), "max_value": number(high)}  # type: ignore[arg-type]
        st.slider(step=number(step), format="%g", **ends, **common)
        return
    given = {} if what.kind == "int" else {"format": "%g"}
    placeholder = common.pop("placeholder", "none" if what.optional else None)
    # Emptied it would take the least number allowed: it has no default of its own.
    st.number_input(value=None, step=number(step), placeholder=placeholder, **given, **common)


def _fits_a_slider(what: Control, step: float) -> bool:
    if what.low is None or what.high is None or what.optional:
        return False
    return (what.high - what.low) / step <= _SLIDER_STEPS


def _step(what: Control, value: Any) -> float:
    """One for whole numbers; else a twentieth, or a tenth of the number's own size."""
    if what.kind == "int":
        return 1
    if what.low is not None and what.high is not None:
        return 0.05 if what.high - what.low <= _FINE else 1.0
    size = float(value) if isinstance(value, int | float) else 0.0
    return float(f"{size:.0e}") / 10 if size > 0 else 0.1


def _take(
    part: Part, what: Control, path: str, key: str, changed: Callable[[], None] | None
) -> None:
    """Take over what a widget shows now."""
    value = session.widget(key)
    if session.sent_late(key) or (value is None and not what.optional):
        return  # An emptied field keeps the number it had.
    if what.typed is not None:
        try:
            value = what.typed.read(str(value))
        except ValueError as error:
            part.tell(f"`{path}` {what.typed.form or error}, got {short(value)}.", path)
            return
    elif what.kind == "list":
        value = comma_values(value) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
    done = part.change_at(path, value)
    if done and changed is not None:
        changed()
