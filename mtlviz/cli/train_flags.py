"""The flags of `mtlviz train`."""

import argparse

from mtlviz.cli.parser import Parser
from mtlviz.cli.settings import add_flags
from mtlviz.cli.times import seconds


def parser() -> argparse.ArgumentParser:
    """What `mtlviz train` understands."""
    made = Parser(
        prog="mtlviz train",
        description="Train a multi-task run in this terminal. It is stored like the app's own: "
        "watch or stop it there, go on with it from either.",
    )
    add_flags(made)
    made.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    made.add_argument(
        "--out", metavar="FOLDER", help="write settings, records, scores and checkpoint there too"
    )
    made.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="RUN",
        help="go on with a stored run: its number, or the folder of its --out",
    )
    made.add_argument(
        "--save-every", type=seconds, default=30.0, metavar="SECONDS", help="between checkpoints"
    )
    made.add_argument("--with-stl", action="store_true", help="train every task alone as well")
    made.add_argument("--threads", type=int, metavar="N", help="CPU threads to compute with")
    made.add_argument("--show", action="store_true", help="print the settings and do not train")
    made.add_argument("--list-presets", action="store_true", help="print the ready-made runs")
    made.add_argument("--list-settings", action="store_true", help="print every setting")
    return made
