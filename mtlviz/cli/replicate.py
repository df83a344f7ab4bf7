"""`mtlviz replicate`: make a paper's experiment again, and the data file of its numbers."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.parser import Parser
from mtlviz.counts import counted
from mtlviz.errors import ConfigError
from mtlviz.runs.machine_slots import wait_calmly

if TYPE_CHECKING:
    from mtlviz.replication.result_file import Result
    from mtlviz.runs.store import Store


def run(arguments: Sequence[str]) -> int:
    """Make what the arguments name; see `mtlviz replicate --help`."""
    from mtlviz.replication.catalogue import EXPERIMENTS

    flags = _parser().parse_args(arguments)
    if flags.name is None:
        width = max(map(len, EXPERIMENTS))
        sys.stdout.writelines(
            f"{name:{width}}  {each.title}\n" for name, each in EXPERIMENTS.items()
        )
        return 0
    wait_calmly(os.environ)
    from mtlviz.replication.replication import replicate
    from mtlviz.replication.result_file import to_text
    from mtlviz.runs.opened_store import opened_store

    size = "tiny" if flags.tiny else "quick" if flags.quick else "full"
    with opened_store(flags.home) as store:
        result, found = replicate(flags.name, size, store, flags.checkpoint, _say)
        place = Path(flags.out or f"{result.name}.json")
        place.write_text(to_text(result), encoding="utf-8")
        _say(f"Wrote {place}: {len(result.values)} numbers, {len(result.tables)} tables.")
        if flags.pack:
            _pack(store, found.runs, flags.pack, result)
    return 0


def _pack(store: "Store", runs: Sequence[int], file: str, result: "Result") -> None:
    """The runs as a file that others can open."""
    from mtlviz.replication.replication import ENCODER
    from mtlviz.runs.examples import EXAMPLES
    from mtlviz.runs.recorded_runs import pack_runs

    if not runs:
        raise ConfigError("This experiment stores no runs, so there is nothing to pack.")
    name = result.name.removesuffix("-quick").removesuffix("-tiny")
    title = EXAMPLES[name].title if name in EXAMPLES else result.title
    about = f"{result.title} Made by `{result.command}` on {result.machine}."
    content = pack_runs(store, runs, title[:120], about, ENCODER)
    Path(file).write_bytes(content)
    _say(f"Wrote {file}: {counted(len(runs), 'run')}, {len(content) / 1e6:.1f} MB.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="mtlviz replicate",
        description="Make a paper's experiment again: train what is missing, and write its numbers "
        "with date, machine, versions and settings. Without a name: the list of them.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the experiment")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="small, for two CPU cores")
    sizes.add_argument("--tiny", action="store_true", help="only to see that it works")
    parser.add_argument("--checkpoint", default="", metavar="FOLDER", help="pretrained encoder")
    parser.add_argument("--out", metavar="FILE", help="the data file; NAME.json if left out")
    parser.add_argument("--pack", metavar="FILE", help="write the runs as a pack as well")
    parser.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    return parser
