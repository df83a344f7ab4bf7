"""PARTS: what belongs to one update, made for the page and for a browser that asks."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from mtlviz.errors import ConfigError
from mtlviz.limits import brief, whole_number
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.feed import CursorFeed
from mtlviz.ui.core import browser_cursor, run_records, run_view, session
from mtlviz.ui.core.live import packed_answer
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.run_choice import CHOICE, RunChoice
from mtlviz.ui.pages.run.combiners_table import combiners
from mtlviz.ui.pages.run.conflicts import conflicts
from mtlviz.ui.pages.run.directions import arrows, matrix
from mtlviz.ui.pages.run.examples import examples
from mtlviz.ui.pages.run.update import Part, Update
from mtlviz.ui.pages.run.worked_example import verdict, worked_arrows, worked_combiners

PARTS: Mapping[str, Callable[[Update], Part]] = {
    "conflicts": conflicts,
    "matrix": matrix,
    "arrows": arrows,
    "combiners": combiners,
    "examples": examples,
    "worked": verdict,
    "worked.arrows": worked_arrows,
    "worked.combiners": worked_combiners,
}
_LOOKED_AT = ("run_plane", "run_pair", "run_same_length", "run_task")
_OF_THE_RUN = frozenset({"conflicts", "worked", "worked.arrows", "worked.combiners"})
"""Parts that change with every further update of a run."""
_SETTLED = 200  # Updates after which nothing of an update is still to come.
_ANSWERS, _PARTS = Memo(512), Memo(2048)


def place(run: RunSummary, update: int) -> CursorFeed:
    """Where the browser of this visitor finds the parts of another update."""
    chosen = {name: text for name, text in CHOICE.now.query().items() if name in _LOOKED_AT}
    query = urlencode({**chosen, "visitor": session.visitor()})
    return CursorFeed(f"mtlviz/update/{run.id}?{query}", run_view.cursor_of(run), update)


def answer(run: str, asked: Mapping[str, str]) -> bytes:
    """The parts that a browser asks for, as gzipped JSON; notes where this visitor is.

    The JSON has the number of the `update`, at most the last one, and `parts` by name.

    Args:
        run: Number of the run.
        asked: The `update`, `names` of parts with commas between them, how it is looked at,
            `newest` where the cursor goes along with a run, and the `visitor`.

    Raises:
        ConfigError: If one of these is not allowed.
        NoRun: If there is no such run.
        StoreError: If the store cannot be used.
    """
    number = whole_number(asked.get("update", ""), "`update`")
    names = _checked(asked.get("names", ""))
    choice = _choice(asked)
    found = run_records.store().run(whole_number(run, "The number of a run", 1))
    if not found.updates:
        raise ConfigError("This run has no update yet.")
    number = min(number, found.updates - 1)
    looked_at = None if asked.get("newest") == "1" else number
    browser_cursor.note(asked.get("visitor", ""), browser_cursor.Place(found.id, looked_at))
    key = (*run_records.name_of(found), number, *names, choice.key_without())
    version = (found.edition, found.updates, found.status)
    return _ANSWERS.once(key, version, lambda: _made(Update(found, number, choice), names))


def _made(update: Update, names: Sequence[str]) -> bytes:
    parts = {name: _part(update, name) for name in names}
    return packed_answer({"update": update.number, "parts": parts})


def _part(update: Update, name: str) -> Part:
    """One part, made anew only while more of it may come: a class looks at the same ones."""
    run, number = update.run, update.number
    reach = run.updates if name in _OF_THE_RUN else min(run.updates, number + _SETTLED)
    key = (*run_records.name_of(run), number, name, update.choice.key_without())
    version = (run.edition, reach, run.status)
    return _PARTS.once(key, version, lambda: PARTS[name](update))


def _checked(names: str) -> tuple[str, ...]:
    found = tuple(filter(None, names.split(",", len(PARTS))))
    for name in found:
        if name not in PARTS:
            known = ", ".join(PARTS)
            raise ConfigError(f"`names` must be some of {known}, got {brief(name)}.")
    return tuple(dict.fromkeys(found))


def _choice(asked: Mapping[str, str]) -> RunChoice:
    given = {name: asked[name] for name in _LOOKED_AT if name in asked}
    choice, problems = RunChoice.read(given)
    if problems:
        raise ConfigError(problems[0])
    return choice
