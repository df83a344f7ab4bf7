"""`mtlviz bench`: what an update costs here, as one table, one JSON file and one page."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mtlviz.bench.machine import gpu, machine, sentence
from mtlviz.bench.report import json_of, markdown_of, text_of
from mtlviz.bench.result import Table
from mtlviz.bench.shape import BERT_BASE, SMALL, Shape
from mtlviz.errors import ConfigError

_PARTS = {
    "steps": "one update by every combiner, and by other libraries where installed",
    "memory": "peak memory of an update",
    "tasks": "cost per task from 2 to 32 tasks",
    "toy": "the toy against a loop of modules",
    "data": "texts to batches",
}
_COUNTS = (2, 3, 8, 16, 32)


def run(arguments: Sequence[str]) -> int:
    """Measure what the arguments name and print it; see `mtlviz bench --help`."""
    flags = _parser().parse_args(arguments)
    _check(flags)
    import torch

    torch.set_num_threads(flags.threads)
    about = machine()
    sys.stdout.write(f"{sentence(about)}; {flags.threads} thread(s), {flags.rounds} rounds\n\n")
    if about["gpu"] is None:
        sys.stdout.write("No CUDA device here: GPU figures are missing, none is estimated.\n\n")
    tables = []
    for table in _tables(flags):
        tables.append(table)
        sys.stdout.write(text_of(table) + "\n\n")
        sys.stdout.flush()
    _write(flags, about, tables)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mtlviz bench",
        description="Measure speed and memory on this machine. Run it with nothing else running.",
        epilog="; ".join(f"{name}: {text}" for name, text in _PARTS.items()),
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)}; all if none"
    )
    parser.add_argument("--small", action="store_true", help="a small encoder: about a minute")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; cuda takes BERT-base's shape")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default: 5)")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write a page of bar charts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write Markdown tables")
    return parser


def _check(flags: argparse.Namespace) -> None:
    unknown = [part for part in flags.parts if part not in _PARTS]
    if unknown:
        raise ConfigError(f"Unknown part {unknown[0]!r}. Known: {', '.join(_PARTS)}.")
    for name in ("rounds", "threads"):
        if getattr(flags, name) < 1:
            raise ConfigError(f"--{name} must be at least 1, got {getattr(flags, name)}.")
    if flags.device not in ("cpu", "cuda"):
        raise ConfigError(f"--device must be cpu or cuda, got {flags.device!r}.")
    if flags.device == "cuda" and gpu() is None:
        raise ConfigError("--device cuda was asked for, but torch sees no CUDA device here.")


def _shape(flags: argparse.Namespace) -> Shape:
    if flags.device == "cuda":
        return replace(SMALL, device="cuda") if flags.small else BERT_BASE
    return SMALL if flags.small else Shape()


def _tables(flags: argparse.Namespace) -> Iterator[Table]:
    from mtlviz.bench.pipeline import pipeline_costs
    from mtlviz.bench.steps import step_costs, step_memory, tasks_costs
    from mtlviz.bench.toy_speed import toy_costs

    shape, rounds = _shape(flags), flags.rounds
    makers: dict[str, Callable[[Callable[[float], None]], Table]] = {
        "steps": lambda told: step_costs(shape, rounds, told),
        "memory": lambda told: step_memory(shape, flags.threads, told),
        "tasks": lambda told: tasks_costs(replace(shape, batch=8), _COUNTS, rounds, told),
        "toy": lambda told: toy_costs(rounds, told),
        "data": lambda told: pipeline_costs(shape, rounds, told),
    }
    for name in flags.parts or _PARTS:
        yield makers[name](_progress(name))


def _progress(name: str) -> Callable[[float], None]:
    """How far a part is, on one line of a terminal that is written over."""
    if not sys.stderr.isatty():
        return lambda share: None

    def told(share: float) -> None:
        sys.stderr.write("\r\033[K" if share >= 1 else f"\r{name}: {share:4.0%}")
        sys.stderr.flush()

    return told


def _write(flags: argparse.Namespace, about: dict[str, object], tables: list[Table]) -> None:
    texts = {flags.json: json_of(about, tables), flags.markdown: markdown_of(about, tables)}
    for path, text in texts.items():
        if path is not None:
            _kept(path, lambda path=path, text=text: path.write_text(text, encoding="utf-8"))
    if flags.page is not None:
        from mtlviz.bench.page import write

        _kept(flags.page, lambda: write(flags.page, about, tables))


def _kept(path: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise ConfigError(f"Cannot write {path}: {error.strerror}.") from error
    sys.stdout.write(f"Wrote {path}.\n")
