"""What people call a run and note on it; neither changes what was trained."""

from mtlviz.errors import ConfigError
from mtlviz.limits import control_character
from mtlviz.runs.failures import NoRun
from mtlviz.runs.store import Store

LONGEST_NAME, LONGEST_NOTE = 120, 2000


def rename(store: Store, run: int, name: str) -> None:
    """Call a run by another name, in lists, figures and exports.

    Raises:
        ConfigError: If the name is empty, too long, or holds what a terminal would obey, or the
            run is a recorded one.
        StoreError: If there is no such run.
    """
    if store.run(run).recorded is not None:
        raise ConfigError(
            f"Run {run} is a recorded one, whose name is part of its record; keep a note on it."
        )
    name = name.strip()
    _check(name, "A run's name", LONGEST_NAME, least=1)
    change = "name = ?, config = json_set(config, '$.name', ?)"
    _write(store, run, change, name, name)


def note(store: Store, run: int, text: str) -> None:
    """Keep a note on a run; an empty one takes the old note away.

    Raises:
        ConfigError: If the note is too long, or holds what a terminal would obey.
        StoreError: If there is no such run.
    """
    text = text.strip().replace("\r\n", "\n")
    _check(text, "A run's note", LONGEST_NOTE, allowed="\n\t")
    _write(store, run, "note = ?", text or None)


def _check(text: str, what: str, most: int, least: int = 0, allowed: str = "") -> None:
    if not least <= len(text) <= most:
        raise ConfigError(f"{what} has {least} to {most:,} characters, got {len(text):,}.")
    if found := control_character(text, allowed):
        raise ConfigError(f"{what} is plain text, without the character {found}.")


def _write(store: Store, run: int, change: str, *values: object) -> None:
    with store.connections.writing() as connection:
        query = f"UPDATE runs SET {change} WHERE id = ?"
        if not connection.execute(query, (*values, run)).rowcount:
            raise NoRun(run)
