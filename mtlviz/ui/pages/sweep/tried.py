"""The controls of the next sweep: which settings are tried, at which values."""

from __future__ import annotations

from functools import cache, partial

import streamlit as st

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import fields
from mtlviz.errors import MtlvizError
from mtlviz.runs.sweep.plan import MOST_PATHS, read_over, write_over
from mtlviz.settings import Control, control_of
from mtlviz.ui.core import link, session
from mtlviz.ui.core.controls import control, grouped, preset, show_problem
from mtlviz.ui.pages.sweep.settings import FORM, FORM_TITLES

_LEFT_OUT = ("seed", "device", "optimisation.phases")
_EACH = "data.tasks.N."
_RANGE = (
    "; or, for a search that draws settings, a range of numbers: `0.001..0.1`, or `0.001..0.1:log` "
    "evenly in its logarithm"
)
_METHODS = {place.replace("N", "*"): registry for place, registry in METHODS.items()}


@cache
def offered() -> dict[str, dict[str, Control]]:
    """Every setting that can be tried, by group and path; those of all tasks at once with `*`."""
    found: dict[str, dict[str, Control]] = {}
    for place, field in fields():
        path = place.replace(_EACH, "data.tasks.*.")
        what = control_of(path, field)
        observed = place.startswith("probes.") and place != "probes.evaluate_every"
        if what.group and place not in _LEFT_OUT and ".N." not in path and not observed:
            found.setdefault(what.group, {})[path] = what
    return found


def form_controls() -> None:
    """What the next sweep is made of, in the three groups."""
    preset(FORM, FORM_TITLES, "Where the next sweep starts from.", label="Start from")
    grouped(
        {"Data": _data, "Capacity": partial(_tried, "Capacity"), "Optimisation": _optimisation},
        opened="Optimisation",
    )
    show_problem(FORM)


def _data() -> None:
    control(FORM, "experiment")
    control(FORM, "others", placeholder="nothing")
    _tried("Data")


def _optimisation() -> None:
    _tried("Optimisation")
    for path in ("search", "trials", "together", "seeds", "alone", "early"):
        numbers = path in ("trials", "together", "seeds")
        control(FORM, path, **({"look": "field"} if numbers else {}))


def _tried(group: str) -> None:
    """The settings of a group that are tried, and a field for the values of each."""
    known, over = offered()[group], read_over(FORM.now.over)
    chosen = [path for path in over if _group(path) == group]
    key = f"sweep.tried.{group}"
    session.set_widget(key, chosen)
    st.multiselect(
        "Settings to try", list(dict.fromkeys([*known, *chosen])), key=key,
        format_func=lambda path: known[path].title if path in known else path,
        max_selections=MOST_PATHS, on_change=_choose, args=(group, key), persist_state="session",
        help="Each gets a field for its values below.",
    )  # fmt: skip
    for path in chosen:
        _values(path, known.get(path), write_over({path: over[path]})[0].partition("=")[2])


def _group(path: str) -> str:
    return next((name for name, known in offered().items() if path in known),
                path.partition(".")[0].capitalize())  # fmt: skip


def _values(path: str, what: Control | None, text: str) -> None:
    key = f"sweep.values.{path}"
    session.set_widget(key, text)
    allowed = _METHODS[path] if path in _METHODS else what.offered() if what else {}
    among = f" One of: {', '.join(map(str, allowed))}." if allowed else ""
    st.text_input(
        f"{what.title if what else path}: values", key=key, on_change=_change, args=(path, key),
        help=f"Values with commas between them{'' if among else _RANGE}. "
        f"{what.help if what else ''}{among}",
        persist_state="session",
    )  # fmt: skip


def _choose(group: str, key: str) -> None:
    """Keep what stays, drop what was taken away, add what is new with two values of its own."""
    over = read_over(FORM.now.over)
    try:
        base = FORM.now.base()
    except MtlvizError as error:
        FORM.tell(str(error), "others")
        return
    kept = {path: values for path, values in over.items() if _group(path) != group}
    for path in session.widget(key):  # type: ignore[attr-defined]
        now = base.value_at(path.replace(".*.", ".0."))
        kept[path] = over.get(path) or proposed(path, now)
    FORM.change(over=write_over(kept))


def proposed(path: str, now: object) -> tuple[object, ...]:
    """Values to begin with: the one it has, and its neighbours."""
    what = offered()[_group(path)][path]
    names = list(_METHODS.get(path, ()) or what.offered())
    if names:
        return tuple(dict.fromkeys([now if now in names else names[0], *names]))[:2]
    if what.kind == "bool":
        return (False, True)
    if isinstance(now, int | float) and now:
        pair = (now, now * 2) if isinstance(now, int) else (now, round(now * 3, 10))
        return tuple(dict.fromkeys(v if what.high is None else min(v, what.high) for v in pair))
    low = what.low if what.low is not None else 0
    return (low, 1 if what.kind == "int" else 0.1)


def _change(path: str, key: str) -> None:
    text = str(session.widget(key)).strip()
    kept = list(write_over(read_over(FORM.now.over)))  # A link may have spaces in it.
    place = [each.partition("=")[0] for each in kept].index(path)
    kept[place] = f"{path}={text}"
    FORM.change(over=tuple(kept if text else [e for e in kept if e.partition("=")[2]]))
    link.write_link()
