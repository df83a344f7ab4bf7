"""`mtlviz sweep`: try settings over values and seeds; list, show, stop, resume and retry sweeps."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

from mtlviz.cli.launcher import add_launcher, launcher
from mtlviz.cli.parser import SWEEP_NUMBER, Parser
from mtlviz.cli.sweep_list import listing
from mtlviz.counts import counted
from mtlviz.errors import ConfigError
from mtlviz.runs.launcher import Launcher, launcher_of
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.store import Store

Action = Callable[[Store, argparse.Namespace], Iterator[str]]


def run(arguments: Sequence[str]) -> int:
    """Do as the arguments say; see `mtlviz sweep --help`."""
    known = bool(arguments) and arguments[0] in ACTIONS
    if not known:
        from mtlviz.cli.sweep_start import start

        return start(arguments)
    flags = _action_parser().parse_args(arguments)
    with opened_store(flags.home) as store:
        for line in ACTIONS[flags.sweep_command][0](store, flags):
            sys.stdout.write(f"{line}\n")
    return 0


def _list(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    yield from listing(store)


def _show(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.cli.sweep_report import found_of, state_line
    from mtlviz.runs.sweep.state import sweep_runs, sweep_state
    from mtlviz.runs.sweep.stored import stored_sweep

    sweep = stored_sweep(store, flags.sweep)
    state = sweep_state(sweep, sweep_runs(store, sweep))
    if state.word != "finished":
        launcher_of(store, sweep.launcher).poll()
        state = sweep_state(sweep, sweep_runs(store, sweep))
    yield f"Sweep {sweep.id}: {sweep.study.name}"
    yield state_line(state)
    yield from found_of(store, sweep)


def _stop(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.runs.sweep.runs import stop_sweep
    from mtlviz.runs.sweep.state import sweep_runs, sweep_state

    sweep = stop_sweep(store, flags.sweep, _launcher(store, flags))
    if sweep_state(sweep, sweep_runs(store, sweep)).word == "finished":
        yield f"Sweep {flags.sweep} has finished: there is nothing to stop."
    else:
        yield f"Sweep {flags.sweep} is stopping; mtlviz sweep resume {flags.sweep} goes on."


def _resume(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.runs.sweep.runs import resume_sweep
    from mtlviz.runs.sweep.state import sweep_runs, sweep_state
    from mtlviz.runs.sweep.stored import stored_sweep

    count = resume_sweep(store, flags.sweep, _launcher(store, flags))
    sweep = stored_sweep(store, flags.sweep)
    state = sweep_state(sweep, sweep_runs(store, sweep))
    if not count and state.word in ("finished", "failed", "failed in part"):
        again = f"; mtlviz sweep retry {sweep.id} lets what failed begin anew"
        yield f"Sweep {sweep.id} has {state.word}: there is nothing to resume" + (
            f"{again}." if state.failed else "."
        )
        return
    yield f"Sweep {flags.sweep} goes on; {counted(count, 'run')} of it had ended early."


def _retry(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.runs.sweep.runs import retry_sweep

    count = retry_sweep(store, flags.sweep, _launcher(store, flags))
    if not count:
        yield f"Sweep {flags.sweep}: no run has failed, so there is nothing to retry."
        return
    again = "begins" if count == 1 else "begin"
    yield f"Sweep {flags.sweep}: {counted(count, 'failed run')} {again} anew."


def _confirm(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.runs.sweep.runs import confirm_sweep
    from mtlviz.runs.sweep.scores import results_of, sweep_scores
    from mtlviz.runs.sweep.stored import stored_sweep

    sweep = stored_sweep(store, flags.sweep)
    order = sweep_scores(sweep, results_of(store, sweep.numbers())).order[:2].tolist()
    if not order:
        raise ConfigError("No setting has a score at every seed yet: there is none to confirm.")
    found = confirm_sweep(store, sweep.id, order, _launcher(store, flags))
    best = "best setting gets" if len(order) == 1 else f"{len(order)} best settings get"
    yield f"Sweep {sweep.id}: the {best} {len(found.new_seeds)} new seeds."


def _launcher(store: Store, flags: argparse.Namespace) -> Launcher:
    """The launcher that starts the runs of the sweep."""
    from mtlviz.runs.sweep.stored import stored_sweep

    known = stored_sweep(store, flags.sweep).launcher
    return launcher(store, flags, known) if "launcher" in flags else launcher_of(store, known)


ACTIONS: dict[str, tuple[Action, str]] = {
    "list": (_list, "all sweeps, newest first"),
    "show": (_show, "how far a sweep is, and what it found"),
    "stop": (_stop, "begin nothing more, and let what is at work save and end"),
    "resume": (_resume, "go on where it was"),
    "retry": (_retry, "let its failed runs begin anew"),
    "confirm": (_confirm, "train the two best settings with five new seeds"),
}


def _action_parser() -> Parser:
    made = Parser(prog="mtlviz sweep", description="Look at stored sweeps, stop and resume them.")
    actions = made.add_subparsers(dest="sweep_command", required=True)
    for name, (_, text) in ACTIONS.items():
        command = actions.add_parser(name, help=text)
        command.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
        if name != "list":
            command.add_argument(
                "sweep", metavar="SWEEP", type=SWEEP_NUMBER, help="number of a sweep"
            )
        if name in ("resume", "retry", "confirm"):
            add_launcher(command)
    return made
