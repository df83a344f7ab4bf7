"""`mtlviz export`: a stored run as files for others, or its model for transformers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mtlviz.cli.parser import Parser
from mtlviz.errors import unknown_choice
from mtlviz.runs.export_formats import EXPORT_FORMATS
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.store import Store


def run(arguments: Sequence[str]) -> int:
    """Write what the arguments ask; see `mtlviz export --help`."""
    from mtlviz.cli.asked_run import run_number

    parser = Parser(prog="mtlviz export", description="Write a run, or its model, into a folder.")
    parser.add_argument("run", metavar="RUN", help="number of a run, or the folder of its --out")
    parser.add_argument("--out", metavar="FOLDER", required=True, help="a new or empty folder")
    parser.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    add_format_flag(parser)
    flags = parser.parse_args(arguments)
    with opened_store(flags.home) as store:
        number = run_number(store, flags.run)
        sys.stdout.write(exported(store, number, flags.out, flags) + "\n")
    return 0


def add_format_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says in which form."""
    told = "; ".join(f"{name}: {each.help}" for name, each in EXPORT_FORMATS.items())
    parser.add_argument("--format", default="mtlviz", metavar="NAME", help=told)


def exported(store: Store, run: int, folder: str, flags: argparse.Namespace) -> str:
    """Write a run into a folder, and say so.

    Raises:
        MtlvizError: There is no such format, or the run cannot be written so.
    """
    if flags.format not in EXPORT_FORMATS:
        raise unknown_choice("export format", flags.format, EXPORT_FORMATS)
    chosen = EXPORT_FORMATS[flags.format]
    return f"{chosen.said.format(run=run)} in {chosen.write(store, run, folder)}."
