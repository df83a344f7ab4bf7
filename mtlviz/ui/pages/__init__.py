"""The pages: a folder each, with its settings, its panels and its script; and one line here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.settings import GROUPS

if TYPE_CHECKING:
    from mtlviz.ui.component.take_home import Shown
    from mtlviz.ui.core.page import Panel
    from mtlviz.ui.core.part import Part

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class PageEntry:
    """A page of the app.

    Attributes:
        name: Its folder here.
        path: Its address below the app's.
        title: Its name in the menu.
        help: What it is for.
        listed: Whether the bar at the top names it; else links lead to it.
        top: What its top lets a visitor set beside its presets, where it does nothing more than
            that: a lesson's step, which sets it, takes its room. None where it says more.
    """

    name: str
    path: str
    title: str
    help: str
    listed: bool = True
    top: tuple[str, ...] | None = None

    @property
    def script(self) -> Path:
        """The script that Streamlit runs."""
        return _HERE / self.name / "page.py"

    def parts(self) -> "tuple[Part, ...]":
        """Its settings: `PARTS` of the folder's module `settings`; none without such a module."""
        return _named(f"{__name__}.{self.name}.settings", "PARTS")

    def panels(self) -> "tuple[Panel, ...]":
        """What it shows: `PANELS` of the folder's module `panels`; none without such a module."""
        return _named(f"{__name__}.{self.name}.panels", "PANELS")

    def shown(self) -> "Shown | None":
        """What it shows now, for a file: by `shown` of the folder's module `take_home`."""
        module = f"{__name__}.{self.name}.take_home"
        make = getattr(import_module(module), "shown", None) if find_spec(module) else None
        return None if make is None else make()

    def hideable(self) -> Mapping[str, str]:
        """Names of the panels that a link may hide, and what each is called."""
        return {panel.name: panel.title for panel in _with_parts(self.panels()) if panel.hideable}

    def hide_names(self) -> Iterator[str]:
        """Names of its own that `hide=` may have, older ones among them."""
        for panel in _with_parts(self.panels()):
            yield from (panel.name, *panel.aliases) if panel.hideable else ()
        yield from (f"{self.name}.{each}" for each in (*GROUPS, "share"))


PAGES = (
    PageEntry("start", "start", "Start",
     "The idea in one moving picture, and where to go from it."),
    PageEntry(
        "lessons", "lessons", "Lessons",
        "Ten minutes each: guess, do, see, and why; over the pages of the app.",
    ),
    PageEntry(
        "toy", "toy_lab", "Toy lab",
        "Tasks on a plane: drag the data and see transfer change sign.", top=(),
    ),
    PageEntry(
        "conflict", "conflict_lab", "Conflict lab",
        "Gradients as arrows: drag them and see who is hurt.", top=(),
    ),
    PageEntry(
        "covariance", "covariance_lab", "Covariance lab",
        "Tasks as clouds of points: which spread alike, and what alignment makes of it.",
        top=("cov_view",),
    ),
    PageEntry(
        "capacity", "capacity_lab", "Capacity lab",
        "How wide the shared encoder should be, and which tasks should share it.",
        top=("cap_view",),
    ),
    PageEntry(
        "continual", "continual_lab", "Continual lab",
        "Tasks that come one after another: see forgetting, and what undoes it.", top=(),
    ),
    PageEntry(
        "studio", "studio", "Studio", "Choose tasks and a way of training, start, and watch."
    ),
    PageEntry(
        "run", "run", "Run",
        "One run in full: curves, conflicts, and what each combiner would have done.",
    ),
    PageEntry(
        "compare", "compare", "Compare",
        "Runs side by side over seeds: what helps, what hurts, by how much.",
        top=("runs", "by"),
    ),
    PageEntry(
        "sweep", "sweep", "Sweep",
        "Many settings over values and seeds: what each does, and whether one wins.",
    ),
    PageEntry(
        "data", "data", "Data",
        "What a task holds, which tasks give each other away, and your own.",
    ),
    PageEntry(
        "replication", "replication", "Replication",
        "Every number that the papers print beside ours, and what is wrong with which.",
    ),
    PageEntry(
        "reference", "reference", "Reference",
        "Every method: what it does, whose it is, its options, and what it costs.",
    ),
    PageEntry("words", "words", "Words", "What the words of this app mean.", listed=False),
)  # fmt: skip


def entry(name: str) -> PageEntry:
    """The page of this folder."""
    return next(page for page in PAGES if page.name == name)


def _with_parts(panels: "tuple[Panel, ...]") -> "Iterator[Panel]":
    for panel in panels:
        yield panel
        yield from _with_parts(panel.parts)


@cache
def _named(module: str, what: str) -> tuple:
    if find_spec(module.rpartition(".")[0]) is None or find_spec(module) is None:
        return ()
    return tuple(getattr(import_module(module), what, ()))
