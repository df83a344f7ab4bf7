"""The `mtlviz` command: alone it opens the app; the others work without it."""

import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from mtlviz import __version__
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import brief

INTERRUPTED = 130

_GROUPS = {
    "See": ("app", "class", "lesson"),
    "Train and use": ("train", "sweep", "predict", "evaluate", "export", "mirror", "replicate"),
    "Look": ("runs", "data"),
    "This machine": ("doctor", "bench"),
}
"""The commands as `mtlviz --help` lists them; what is named nowhere comes last."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 2 for wrong input, 130 when interrupted."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # Closed by the shell, as in `mtlviz runs list >&-`.
            setattr(sys, name, io.StringIO())
    try:
        status = _command(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return _said("\nStopped.", INTERRUPTED)
    except MtlvizError as error:
        return _said(str(error), 2)
    except BrokenPipeError:
        # The reader of our output has seen enough, as in `mtlviz data list | head`.
        _silence()
        return 0
    except OSError as error:
        _silence()
        name = f" ({brief(str(error.filename))})" if error.filename is not None else ""
        return _said(f"The system refused this{name}: {error.strerror or error}.", 2)


def _command(given: list[str]) -> int:
    """Run what the first argument names."""
    name = given[0] if given else "app"
    if name in ("-h", "--help"):
        sys.stdout.write(usage())
        return 0
    if name == "--version":
        sys.stdout.write(f"mtlviz {__version__}\n")
        return 0
    # Bare flags belong to the app's server.
    command = COMMANDS.get("app" if name.startswith("-") else name)
    if command is None:
        raise ConfigError(f"Unknown command {brief(name)}. Known: {', '.join(COMMANDS)}.")
    return command(given[1:] if name in COMMANDS else given)


def usage() -> str:
    """What `mtlviz --help` prints: every command with what it does."""
    listed = [name for names in _GROUPS.values() for name in names]
    groups = {**_GROUPS, "Also": tuple(name for name in COMMANDS if name not in listed)}
    lines = [
        "See when multi-task learning helps, and when it hurts.",
        "",
        "  mtlviz             open the app in the browser (--server.port N: another port)",
    ]
    for title, names in groups.items():
        known = [name for name in names if name in COMMANDS]
        lines += ["", title] if known else []
        lines += [f"  mtlviz {name:11} {_first_line(name)}" for name in known]
    lines += ["", "`mtlviz COMMAND --help` tells more of each; `mtlviz --version` the version."]
    return "\n".join(lines) + "\n"


def _first_line(name: str) -> str:
    """What a command does, from its docstring."""
    return (COMMANDS[name].__doc__ or "").partition("\n")[0]


def _said(sentence: str, status: int) -> int:
    """Say how it ended, where somebody still listens."""
    with suppress(OSError):
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()
    return status


def _silence() -> None:
    """Write to nowhere from here on: what is left would be refused once more at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_app(arguments: Sequence[str]) -> int:
    """Open the app; flags of its server can follow."""
    from mtlviz.ui.launch import open_app as launch

    launch(arguments)
    return 0


def class_(arguments: Sequence[str]) -> int:
    """Serve the app to a class on the local network."""
    from mtlviz.cli.classroom import run

    return run(arguments)


def lesson(arguments: Sequence[str]) -> int:
    """List lessons, check one of your own, or write one as a file to take home."""
    from mtlviz.cli.lesson import run

    return run(arguments)


def train(arguments: Sequence[str]) -> int:
    """Train a run in this terminal; the app shows it too."""
    from mtlviz.cli.train import run

    return run(arguments)


def sweep(arguments: Sequence[str]) -> int:
    """Try settings over values and seeds, and look at what was found."""
    from mtlviz.cli.sweep import run

    return run(arguments)


def predict(arguments: Sequence[str]) -> int:
    """Answer a split, a file or a text with a stored run."""
    from mtlviz.cli.predict import run

    return run(arguments)


def evaluate(arguments: Sequence[str]) -> int:
    """Score a stored run on labelled examples."""
    from mtlviz.cli.evaluate import run

    return run(arguments)


def export(arguments: Sequence[str]) -> int:
    """Write a stored run, or its model, into a folder."""
    from mtlviz.cli.export import run

    return run(arguments)


def mirror(arguments: Sequence[str]) -> int:
    """Hand a stored run on to TensorBoard, MLflow, Trackio or W&B."""
    from mtlviz.cli.mirror import run

    return run(arguments)


def data(arguments: Sequence[str]) -> int:
    """List and check data sets."""
    from mtlviz.cli.data import run

    return run(arguments)


def runs(arguments: Sequence[str]) -> int:
    """List, show, pack, open, export and delete stored runs."""
    from mtlviz.cli.runs import run

    return run(arguments)


def bench(arguments: Sequence[str]) -> int:
    """Measure speed and memory on this machine."""
    from mtlviz.cli.bench import run

    return run(arguments)


def replicate(arguments: Sequence[str]) -> int:
    """Make a paper's experiment again, and the file of its numbers."""
    from mtlviz.cli.replicate import run

    return run(arguments)


def doctor(arguments: Sequence[str]) -> int:
    """What this machine can do, and what is missing for more."""
    from mtlviz.cli.doctor import run

    return run(arguments)


# Commands import what they need when they are called, so that help is instant.
COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "app": open_app,
    "class": class_,
    "lesson": lesson,
    "train": train,
    "sweep": sweep,
    "predict": predict,
    "evaluate": evaluate,
    "export": export,
    "mirror": mirror,
    "data": data,
    "runs": runs,
    "bench": bench,
    "doctor": doctor,
    "replicate": replicate,
}
