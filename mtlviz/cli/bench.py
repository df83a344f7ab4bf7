"""`mtlviz bench`: what mtlviz costs here, as tables, one JSON file and one page."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mtlviz.bench.parts import PARTS, Order, check_parts, described
from mtlviz.bench.report import KINDS, gpu, machine, sentence, text_of, write
from mtlviz.bench.result import Table
from mtlviz.bench.shape import BERT_BASE, SMALL, Shape
from mtlviz.cli.parser import Parser
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.runs.machine_slots import wait_calmly

_AT_LEAST_ONE = ("rounds", "threads", "students", "seconds")
_CHOICES = {"course": ("quick", "full"), "precision": ("float32", "bfloat16")}


def run(arguments: Sequence[str]) -> int:
    """Measure what the arguments name and print it; see `mtlviz bench --help`."""
    flags = _parser().parse_args(arguments)
    _check(flags)
    wait_calmly(os.environ)  # As trainings do.
    import torch

    torch.set_num_threads(flags.threads)
    about = machine(threads=flags.threads, rounds=flags.rounds)
    sys.stdout.write(f"{sentence(about)}\n\n")
    if about["gpu"] is None:
        sys.stdout.write("No CUDA device here: GPU figures are missing, none is estimated.\n\n")
    tables: list[Table] = []
    try:
        for name in _chosen(flags):
            for table in PARTS[name].measure(_order(flags), _progress(name)):
                tables.append(table)
                sys.stdout.write(text_of(table) + "\n\n")
                sys.stdout.flush()
    finally:
        # What was measured before an interruption is kept.
        if tables:
            for path in write({kind: getattr(flags, kind) for kind in KINDS}, about, tables):
                sys.stdout.write(f"Wrote {path}.\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="mtlviz bench",
        description="Measure speed and memory on this machine. Run it with nothing else running.",
        epilog=described(),
    )
    late = [name for name, part in PARTS.items() if part.named_only]
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"{', '.join(PARTS)}; if none is named, all but {', '.join(late)}",
    )
    parser.add_argument("--all", action="store_true", help="every part, also those that take long")
    parser.add_argument("--small", action="store_true", help="a small encoder: about a minute")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; cuda takes BERT-base's shape")
    parser.add_argument(
        "--precision", help="float32 or bfloat16 (default: float32 on the CPU, bfloat16 on CUDA)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default: 5)")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: 1)")
    _add_flags_of_parts(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write a page of bar charts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write Markdown tables")
    return parser


def _add_flags_of_parts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint",
        default="",
        metavar="PLACE",
        help="pretrained encoder of s1: a local folder or a hub name; random weights without it",
    )
    parser.add_argument(
        "--course",
        metavar="FORM",
        help="presets of s1: quick (on the CPU the default) or full (with --device cuda)",
    )
    parser.add_argument("--students", type=int, default=30, help="size of the class (default: 30)")
    parser.add_argument(
        "--seconds", type=float, default=10, help="of each thing that it does (default: 10)"
    )


def _check(flags: argparse.Namespace) -> None:
    check_parts([*flags.parts, *_chosen(flags)])
    for name in _AT_LEAST_ONE:
        # Not a number is not below 1 either.
        if not getattr(flags, name) >= 1:
            raise ConfigError(f"--{name} must be at least 1, got {getattr(flags, name)}.")
    for name, known in _CHOICES.items():
        if getattr(flags, name) not in (None, *known):
            raise unknown_choice(f"--{name}", getattr(flags, name), known)
    _check_device(flags.device)
    for path in filter(None, (getattr(flags, name) for name in KINDS)):
        if not path.parent.is_dir():
            raise ConfigError(f"Cannot write {path}: there is no folder {path.parent}.")


def _check_device(device: str) -> None:
    if device not in ("cpu", "cuda"):
        raise ConfigError(f"--device must be cpu or cuda, got {device!r}.")
    if device == "cuda" and gpu() is None:
        raise ConfigError("--device cuda was asked for, but torch sees no CUDA device here.")


def _chosen(flags: argparse.Namespace) -> list[str]:
    """Names of the parts to measure."""
    if flags.all:
        return list(PARTS)
    return flags.parts or [name for name, part in PARTS.items() if not part.named_only]


def _order(flags: argparse.Namespace) -> Order:
    cuda = flags.device == "cuda"
    shape = SMALL if flags.small else BERT_BASE if cuda else Shape()
    precision = flags.precision or (BERT_BASE.precision if cuda else "float32")
    return Order(
        shape=replace(shape, device=flags.device, precision=precision),
        rounds=flags.rounds,
        threads=flags.threads,
        checkpoint=flags.checkpoint,
        quick=not cuda if flags.course is None else flags.course == "quick",
        students=flags.students,
        seconds=flags.seconds,
    )


def _progress(name: str) -> Callable[[float], None]:
    """How far a part is: on one line of a terminal that is written over; elsewhere by tenths."""
    terminal, tenths = sys.stderr.isatty(), [-1]

    def told(share: float) -> None:
        if terminal:
            sys.stderr.write("\r\033[K" if share >= 1 else f"\r{name}: {share:4.0%}")
        elif int(10 * share) > tenths[-1]:
            tenths.append(int(10 * share))
            sys.stderr.write(f"{name}: {share:4.0%}\n")
        sys.stderr.flush()

    return told
