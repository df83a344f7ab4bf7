"""`mtlviz sweep` where it begins one: what it costs, and how it goes on."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mtlviz.access import current
from mtlviz.cli.launcher import add_launcher, launcher, launcher_options
from mtlviz.cli.parser import Parser
from mtlviz.cli.settings import add_flags, given, settings
from mtlviz.cli.sweep import ACTIONS
from mtlviz.cli.sweep_report import cost_line, found_of, state_line
from mtlviz.engine.estimate.duration import measured_speed
from mtlviz.errors import ConfigError
from mtlviz.limits import parse_json, whole_number
from mtlviz.runs.launcher import launcher_of
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.cost import sweep_cost
from mtlviz.runs.sweep.plan import SweepPlan, read_over, read_plan
from mtlviz.runs.sweep.presets import SWEEPS, sweep_preset
from mtlviz.runs.sweep.runs import begin_sweep, check_sweep, facts_once
from mtlviz.runs.sweep.searches import SEARCHES
from mtlviz.runs.sweep.state import sweep_runs, sweep_state
from mtlviz.runs.sweep.steering import Steering
from mtlviz.runs.sweep.stored import stored_sweep

_POLL_SECONDS = 2.0
_SAID_SECONDS = 30.0


def start(arguments: Sequence[str]) -> int:
    """Say what the sweep costs, begin it, and watch it unless told otherwise."""
    flags = _parser().parse_args(arguments)
    launcher_options(flags)
    plan = _plan(flags)
    check_sweep(plan)
    at_once = None if flags.launcher in (None, "local") else 1
    _say(cost_line(plan, sweep_cost(plan, facts_once(), measured_speed(), at_once)))
    if flags.show:
        return 0
    with opened_store(flags.home) as store:
        sweep = begin_sweep(store, plan, launcher(store, flags))
        _say(f"Sweep {sweep.id} is begun: mtlviz sweep show {sweep.id}, stop {sweep.id} …")
        return 0 if flags.detach else _watch(store, sweep.id)


def _watch(store: Store, number: int) -> int:
    """Say how far it is until nothing more is to come; interrupting leaves its runs at work.

    Returns:
        The exit status of the command: 1 where runs failed.
    """
    starter, said, when = launcher_of(store, stored_sweep(store, number).launcher), "", 0.0
    steering = Steering(store, number)
    try:
        while True:
            steering.step(starter)
            starter.poll()
            sweep = stored_sweep(store, number)
            state = sweep_state(sweep, sweep_runs(store, sweep))
            line, now = state_line(state), time.monotonic()
            if line != said and (not state.going or now - when > _SAID_SECONDS):
                _say(line)
                said, when = line, now
            if not state.going:
                break
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        _say(f"\nIts runs go on. Stop them with: mtlviz sweep stop {number}")
        raise
    for line in found_of(store, stored_sweep(store, number)):
        _say(line)
    return 1 if state.failed else 0


def _plan(flags: argparse.Namespace) -> SweepPlan:
    """The plan of a file, of a ready-made sweep, or of the flags, which change the former."""
    if flags.sweep is None:
        if not flags.over:
            raise ConfigError(
                "Say what to try: --over PLACE=VALUE,VALUE, a file, or one of "
                f"{', '.join(SWEEPS)}; see mtlviz sweep --help."
            )
        base = settings(flags)
        plan = SweepPlan(name=base.name[:60], base=base, over=read_over(flags.over))
    else:
        if given(flags):
            raise ConfigError(
                "A file or a ready-made sweep brings its own settings: leave out --preset, --set "
                "and the like, or --over instead of it."
            )
        plan = _named(flags.sweep)
        plan = plan.changed(over=read_over(flags.over)) if flags.over else plan
    plan = plan.changed(**_chosen(flags))
    belongs = {
        "together": ("--search tpe or pareto", plan.way.following is not None),
        "draw": ("a search other than the grid", plan.search != "grid"),
        "reduction": ("--stop-early", plan.early),
    }
    for name, (whose, there) in belongs.items():
        if getattr(flags, name) is not None and not there:
            raise ConfigError(f"--{name} belongs to {whose}, which this sweep has not.")
    return plan


def _named(name: str) -> SweepPlan:
    if name in SWEEPS:
        return sweep_preset(name)
    try:
        return read_plan(parse_json(current().read(Path(name)), f"The sweep {name}"))
    except OSError as error:
        known = ", ".join(SWEEPS)
        raise ConfigError(
            f"Cannot read the sweep {name[:100]!r}: {error.strerror}. Ready-made ones: {known}."
        ) from error


def _chosen(flags: argparse.Namespace) -> dict[str, object]:
    """What the flags say of the sweep itself.

    Raises:
        ConfigError: One of them is no number, or not within the plan's limits.
    """
    found: dict[str, object] = {"name": flags.sweep_name, "search": flags.search}
    for name in ("trials", "seeds", "draw", "together", "reduction"):
        if (text := getattr(flags, name)) is not None:
            limits = SweepPlan.control(name)
            found[name] = whole_number(text, f"--{name}", int(limits.low), int(limits.high))
    found |= {"alone": flags.with_stl or None, "early": flags.stop_early or None}
    return {name: value for name, value in found.items() if value is not None}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _parser() -> Parser:
    """What `mtlviz sweep` understands where it begins one."""
    names = ", ".join(SWEEPS)
    made = Parser(
        prog="mtlviz sweep",
        description="Train every setting with every seed, as runs of the queue, which go on when "
        f"this command ends. Others: mtlviz sweep {' | '.join(ACTIONS)}.",
    )
    made.add_argument("sweep", nargs="?", metavar="SWEEP", help=f"a JSON file, or one of {names}")
    made.add_argument(
        "--over", action="append", default=[], metavar="PLACE=VALUE,VALUE",
        help="a setting and the values to try; may be repeated. data.tasks.*.… is of every task. "
        "For a search other than the grid also a range: PLACE=1e-5..1e-2, or evenly in its "
        "logarithm PLACE=1e-5..1e-2:log",
    )  # fmt: skip
    made.add_argument("--seeds", metavar="N", help="seeds of every setting (3)")
    told = "; ".join(
        f"{name}: {each.title[0].lower()}{each.title[1:]}" for name, each in SEARCHES.items()
    )
    made.add_argument("--search", choices=list(SEARCHES), help=f"how settings are chosen. {told}")
    made.add_argument("--trials", metavar="N", help="settings to try at most, of a search")
    made.add_argument("--draw", metavar="N", help="seed of the search itself (0)")
    made.add_argument("--together", metavar="N", help="settings at once, of tpe and pareto (4)")
    made.add_argument("--stop-early", action="store_true", help="stop what falls behind (ASHA)")
    made.add_argument("--reduction", metavar="N", help="one in so many goes on at a rung (3)")
    made.add_argument("--with-stl", action="store_true", help="train every task alone as well")
    made.add_argument("--sweep-name", metavar="NAME", help="name of the sweep")
    made.add_argument("--show", action="store_true", help="say what it costs, and begin nothing")
    made.add_argument("--detach", action="store_true", help="begin it, and do not watch")
    made.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    add_launcher(made)
    add_flags(made)
    return made
