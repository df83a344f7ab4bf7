"""Small data sets for the tests of pages."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path


def write_set(folder: Path, train: Sequence[str], dev: Sequence[str]) -> None:
    """A folder of single sentences with labels in turn, as `meta.json` describes it."""
    folder.mkdir()
    meta = {
        "task": "classification",
        "labels": ["no", "yes"],
        "metric": "accuracy",
        "files": {"train": "train.csv", "dev": "dev.csv"},
    }
    (folder / "meta.json").write_text(json.dumps(meta))
    for name, texts in (("train", train), ("dev", dev)):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            rows = [(number, text, number % 2) for number, text in enumerate(texts)]
            csv.writer(file).writerows([("id", "text", "label"), *rows])
