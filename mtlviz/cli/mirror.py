"""`mtlviz mirror`: a stored run handed on to the tool where a person keeps runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mtlviz.cli.parser import Parser
from mtlviz.errors import unknown_choice
from mtlviz.runs.opened_store import opened_store
from mtlviz.trackers import TRACKERS


def run(arguments: Sequence[str]) -> int:
    """Hand on what the arguments ask; see `mtlviz mirror --help`."""
    from mtlviz.api import load
    from mtlviz.cli.asked_run import run_number
    from mtlviz.trackers.mirror import mirror, tracked_run

    flags = _parser().parse_args(arguments)
    if flags.to not in TRACKERS:
        raise unknown_choice("tracker", flags.to, TRACKERS)
    with opened_store(flags.home) as store:
        number = run_number(store, flags.run)
        tracker = TRACKERS[flags.to](tracked_run(store, number), flags.out)
        rows = mirror(
            store,
            number,
            tracker,
            follow=flags.follow,
            pictures=lambda: load(number, home=store.home).figures(),
        )
    sys.stdout.write(f"Run {number}: {rows:,} rows of numbers are in {flags.out}.\n")
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="mtlviz mirror",
        description="Hand a stored run on to a tracker, beside its training or after it.",
    )
    parser.add_argument("run", metavar="RUN", help="number of a run, or the folder of its --out")
    told = "; ".join(f"{name}: {each.help}" for name, each in TRACKERS.items())
    parser.add_argument("--to", required=True, metavar="NAME", help=told)
    places = "; ".join(f"{name}: {each.place}" for name, each in TRACKERS.items())
    parser.add_argument("--out", required=True, metavar="PLACE", help=places)
    parser.add_argument("--follow", action="store_true", help="go on for as long as the run trains")
    parser.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    return parser
