"""What a visitor has chosen on the Data page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mtlviz.engine.tasks.sheet import Format
from mtlviz.engine.tasks.upload import Wishes
from mtlviz.ui.core import session

PARAMETERS = (
    *("data_task", "data_folder", "data_view", "data_split", "data_label", "data_words"),
    *("data_page", "data_leaks"),
)
HIDEABLE = ("data.*",)
VIEWS = ("browse", "leaks", "add")
SPLITS = ("train", "dev", "test")
_SPLIT, _PAGE = "train", 1


@dataclass(frozen=True)
class Shown:
    """What the Data page shows.

    Attributes:
        view: "browse" one task, look for "leaks" between tasks, or "add" an own one.
        task: Key of the task, such as "data/mr"; empty for the first there is.
        folder: A folder typed in; empty for none.
        split: Which split's examples are listed.
        label: Name of the class listed; empty for all.
        words: Text that the listed examples hold; empty for all.
        page: Page of the list, counted from 1.
        leaks: Keys of the tasks compared; empty for those of the chosen task's group.
    """

    view: str = VIEWS[0]
    task: str = ""
    folder: str = ""
    split: str = _SPLIT
    label: str = ""
    words: str = ""
    page: int = _PAGE
    leaks: tuple[str, ...] = ()


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the task and the page of a link; one sentence for each value that cannot be used.

    Whether there is such a task or label only the page can tell, which looks for it.
    """
    problems = []
    split, page = parameters.get("data_split", _SPLIT), parameters.get("data_page", str(_PAGE))
    if split not in SPLITS:
        problems.append(f"`data_split` must be train, dev or test, got {split!r}.")
        split = _SPLIT
    if not page.isdecimal() or len(page) > 7 or not 1 <= int(page) <= 10**6:
        problems.append(f"`data_page` must be the number of a page, got {page!r}.")
        page = str(_PAGE)
    view = parameters.get("data_view", VIEWS[0])
    if view not in VIEWS:
        problems.append(
            f"`data_view` must be {', '.join(VIEWS[:-1])} or {VIEWS[-1]}, got {view!r}."
        )
        view = VIEWS[0]
    leaks = tuple(filter(None, parameters.get("data_leaks", "").split("|")))
    plain = {
        name: parameters.get(f"data_{name}", "") for name in ("task", "folder", "label", "words")
    }
    session.put("data.shown", Shown(**plain, view=view, split=split, page=int(page), leaks=leaks))
    return problems


def link() -> dict[str, str]:
    """The parameters that open what is on screen; what is as it was at first is left out."""
    now, first = shown(), Shown()
    values = {**vars(now), "leaks": "|".join(now.leaks), "page": str(now.page)}
    return {
        f"data_{name}": value
        for name, value in values.items()
        if value and getattr(now, name) != getattr(first, name)
    }


def shown() -> Shown:
    """What the Data page shows."""
    return session.get("data.shown")


def show_task(key: str) -> None:
    """Show another task, from its first example on."""
    now = shown()
    view = "browse" if now.view == "add" else now.view
    session.put("data.shown", Shown(view, key, now.folder, leaks=now.leaks))


def show_folder(folder: str) -> None:
    """Take the tasks of another folder too; an empty name takes them away."""
    session.put("data.shown", Shown(folder=folder.strip()))


def show_view(view: str) -> None:
    """Browse, look for leaks, or add a task."""
    session.put("data.shown", replace(shown(), view=view))


def list_examples(**changes: str | None) -> None:
    """List the examples of another split, label or text, from the first page on."""
    given = {name: value or "" for name, value in changes.items()}
    session.put("data.shown", replace(shown(), **given, page=_PAGE))


def turn_to(page: int) -> None:
    """Turn to another page of the list."""
    session.put("data.shown", replace(shown(), page=page))


def compare(keys: Sequence[str]) -> None:
    """Look for leaks between these tasks."""
    session.put("data.shown", replace(shown(), leaks=tuple(keys)))


@dataclass(frozen=True)
class Draft:
    """A table that was sent but is no task yet; it stays while other pages are open.

    Attributes:
        file: Its name.
        content: Its bytes.
        form: How its bytes are read.
        wishes: What to make of it; guessed where None.
    """

    file: str
    content: bytes = field(repr=False)
    form: Format = field(default_factory=lambda: Format(encoding="UTF-8"))
    wishes: Wishes | None = None


def draft() -> Draft | None:
    """The table that was sent; None before there is one."""
    return session.remember("data.draft", None)


def set_draft(table: Draft | None) -> None:
    """Keep a table that was sent, or forget it."""
    session.put("data.draft", table)
    if table is None:
        session.put("data.uploads", uploads() + 1)


def uploads() -> int:
    """How many tables are done with: each begins with an empty uploader."""
    return int(str(session.remember("data.uploads", 0)))
