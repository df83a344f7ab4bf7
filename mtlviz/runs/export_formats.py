"""In which forms a stored run can be written into a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mtlviz.runs.store import Store


@dataclass(frozen=True)
class ExportFormat:
    """One of them.

    Attributes:
        write: Writes a run of a store into a folder and returns that.
        help: What it is, for a person who chooses.
        said: What was written, where {run} is the run's number.
    """

    write: Callable[[Store, int, str | Path], Path]
    help: str
    said: str


# Each imports what it needs when it is asked for: a list of runs must not wait for it.
def _files(store: Store, run: int, folder: str | Path) -> Path:
    from mtlviz.runs.export import export

    return export(store, run, folder)


def _hf(store: Store, run: int, folder: str | Path) -> Path:
    from mtlviz.runs.hf_export import export_hf

    return export_hf(store, run, folder)


def _peft(store: Store, run: int, folder: str | Path) -> Path:
    from mtlviz.runs.peft_export import export_peft

    return export_peft(store, run, folder)


EXPORT_FORMATS = {
    "mtlviz": ExportFormat(
        _files, "CSV, JSON and a Python script that trains it again", "Run {run} is"
    ),
    "hf": ExportFormat(
        _hf,
        "the encoder as transformers' AutoModel opens it, tokenizer, heads, model card",
        "The model of run {run}, with its README.md, is",
    ),
    "peft": ExportFormat(
        _peft,
        "each task's LoRA in a folder of its own, as peft reads it",
        "The LoRA of each task of run {run} is",
    ),
}
