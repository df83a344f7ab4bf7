"""What a visitor has chosen on the page of one run."""

from collections.abc import Callable, Mapping

from mtlviz.ui.core import session

AXES = ("update", "epoch", "time")
PLANES = ("most", "parameters", "directions", "pair")
SMOOTHING = (0, 100)
"""Least and greatest reach of the running average, in updates."""
_DEFAULT_SMOOTHING = 10
PARAMETERS = ("run", "run_update", "run_axis", "run_plane", "run_pair", "run_smoothing")
HIDEABLE = ("run.*",)


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take what the link names; one sentence for each value that cannot be used."""
    number, problems = _whole(parameters, "run", "the number of a run")
    session.put("run.chosen", number)
    update, more = _whole(parameters, "run_update", "the number of an update")
    session.put("run.update", update)
    problems += (
        more + _named(parameters, "run_axis", AXES) + _named(parameters, "run_plane", PLANES)
    )
    session.put("run.axis", _known(parameters.get("run_axis"), AXES))
    session.put("run.plane", _known(parameters.get("run_plane"), PLANES))
    return problems + _open_pair(parameters) + _open_smoothing(parameters)


def link() -> dict[str, str]:
    """The parameters that open what is on screen; nothing while the latest run is shown as is."""
    chosen = {"run": chosen_run(), "run_update": chosen_update()}
    parameters = {name: str(value) for name, value in chosen.items() if value is not None}
    if axis() != AXES[0]:
        parameters["run_axis"] = axis()
    if plane() != PLANES[0]:
        parameters["run_plane"] = plane()
    if pair() != (0, 1):
        parameters["run_pair"] = ",".join(str(task + 1) for task in pair())
    if smoothing() != _DEFAULT_SMOOTHING:
        parameters["run_smoothing"] = str(smoothing())
    return parameters


def chosen_run() -> int | None:
    """Number of the run to show; None for the latest."""
    return session.get("run.chosen")


def choose_run(run: int | None) -> None:
    """Show this run, at the update where it opens; None for the latest."""
    session.put("run.chosen", run)
    session.put("run.update", None)


def chosen_update() -> int | None:
    """The update looked at; None for where the run opens, by now."""
    return session.get("run.update")


def choose_update(update: int | None) -> None:
    """Look at this update; None for where the run opens."""
    session.put("run.update", update)


def axis() -> str:
    """What lies across under the curves: one of AXES."""
    return session.get("run.axis")


def set_axis(name: str) -> None:
    """Lay something else across under the curves."""
    session.put("run.axis", name)


def plane() -> str:
    """The plane that gradients are seen in: one of PLANES."""
    return session.get("run.plane")


def set_plane(name: str) -> None:
    """See gradients in another plane."""
    session.put("run.plane", name)


def pair() -> tuple[int, int]:
    """The two tasks that span the plane of a pair, counted from 0."""
    return session.get("run.pair")


def set_pair(tasks: tuple[int, int]) -> None:
    """Let two other tasks span the plane."""
    session.put("run.pair", tasks)


def smoothing() -> int:
    """Reach of the running average, in updates."""
    return session.get("run.smoothing")


def set_smoothing(span: int) -> None:
    """Average over a shorter or longer past."""
    session.put("run.smoothing", span)


def _whole(parameters: Mapping[str, str], name: str, what: str) -> tuple[int | None, list[str]]:
    """A whole number of the link, and a sentence where it is none."""
    asked = parameters.get(name)
    if asked is None:
        return None, []
    # Longer numbers are no run's, and none that a store could look up.
    if asked.isascii() and asked.isdecimal() and len(asked) < 16:
        return int(asked), []
    return None, [f"`{name}` must be {what}, got {asked!r}."]


def _named(parameters: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> list[str]:
    asked = parameters.get(name, allowed[0])
    if asked in allowed:
        return []
    return [f"`{name}` must be one of {', '.join(allowed)}, got {asked!r}."]


def _known(asked: str | None, allowed: tuple[str, ...]) -> str:
    return asked if asked in allowed else allowed[0]


def _open_pair(parameters: Mapping[str, str]) -> list[str]:
    asked = parameters.get("run_pair", "1,2")
    found = _parsed(asked.split(","), lambda text: int(text) - 1)
    good = found is not None and len(found) == 2 and 0 <= found[0] < found[1]
    session.put("run.pair", (found[0], found[1]) if found and good else (0, 1))
    return [] if good else [f"`run_pair` must be two tasks such as 1,3, got {asked!r}."]


def _open_smoothing(parameters: Mapping[str, str]) -> list[str]:
    asked = parameters.get("run_smoothing", str(_DEFAULT_SMOOTHING))
    found = _parsed([asked], int)
    low, high = SMOOTHING
    good = found is not None and low <= found[0] <= high
    session.put("run.smoothing", found[0] if found and good else _DEFAULT_SMOOTHING)
    return [] if good else [f"`run_smoothing` must be from {low} to {high}, got {asked!r}."]


def _parsed(texts: list[str], read: Callable[[str], int]) -> list[int] | None:
    """Each text as a number; None if one is none."""
    if all(text.isascii() and text.isdecimal() and len(text) < 6 for text in texts):
        return [read(text) for text in texts]
    return None
