"""The `mtlviz` command: alone it opens the app; `train` and `data` work without it."""

import os
import sys
from collections.abc import Callable, Sequence

from mtlviz import __version__
from mtlviz.errors import MtlvizError

INTERRUPTED = 130

USAGE = """\
usage: mtlviz [app] [server flags]   open the app in the browser
       mtlviz train --preset NAME    train a run here; the app shows it too (mtlviz train --help)
       mtlviz data list|check|leakage  look at data sets (mtlviz data --help)
       mtlviz runs ...               look at stored runs (mtlviz runs --help)
       mtlviz bench                  measure speed and memory here (mtlviz bench --help)
       mtlviz --version
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 2 for wrong input, 130 when interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given else "app"
    if name in ("-h", "--help"):
        sys.stdout.write(USAGE)
        return 0
    if name == "--version":
        sys.stdout.write(f"mtlviz {__version__}\n")
        return 0
    # Bare flags belong to the app's server.
    command = COMMANDS.get("app" if name.startswith("-") else name)
    if command is None:
        sys.stderr.write(f"Unknown command {name!r}. Known: {', '.join(COMMANDS)}.\n")
        return 2
    try:
        return command(given[1:] if name in COMMANDS else given)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return INTERRUPTED
    except MtlvizError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:
        # The reader of our output has seen enough, as in `mtlviz data list | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def open_app(arguments: Sequence[str]) -> int:
    """Open the app in the browser; the arguments are its server's flags."""
    from mtlviz.ui.launch import open_app as launch

    launch(arguments)
    return 0


def train(arguments: Sequence[str]) -> int:
    """Train a run in this terminal."""
    from mtlviz.cli.train import run

    return run(arguments)


def data(arguments: Sequence[str]) -> int:
    """List and check data sets."""
    from mtlviz.cli.data import run

    return run(arguments)


def runs(arguments: Sequence[str]) -> int:
    """List, show, export and delete stored runs."""
    from mtlviz.cli.runs import run

    return run(arguments)


def bench(arguments: Sequence[str]) -> int:
    """Measure speed and memory on this machine."""
    from mtlviz.cli.bench import run

    return run(arguments)


# Commands import what they need when they are called, so that help is instant.
COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "app": open_app,
    "train": train,
    "data": data,
    "runs": runs,
    "bench": bench,
}
