"""A local folder with a meta.json that describes CSV or SQuAD files."""

from pathlib import Path
from typing import Any, get_args

from mtlviz.engine.tasks.reading import Table, located, read_json, read_table
from mtlviz.engine.tasks.splitting import hold_out
from mtlviz.engine.tasks.squad import read_squad
from mtlviz.engine.tasks.task import Examples, Kind, SplitName, Task
from mtlviz.errors import ConfigError, DataError, unknown_choice

_METRIC_NAMES = {"exact_match": "span_em"}
_SIZES = {"full": ("files", "rows"), "small": ("small", "rows_small")}
_SPLITS: tuple[SplitName, ...] = ("train", "dev", "test")
_SIMILARITY_RANGE = (0.0, 5.0)


def folder(
    name: str,
    path: str,
    *,
    size: str = "full",
    dev: str = "",
    dev_share: float = 0.1,
    metric: str = "",
) -> Task:
    """A folder of CSV or JSON files described by its meta.json.

    meta.json names the kind ("task"), the class names ("labels"), the file of each split ("files",
    and "small" for samples), the number of rows ("rows", "rows_small") and the metric. A split is
    found by the beginning of its name (train, dev, test). A test split without labels is left out.

    Args:
        name: The task's name.
        path: The folder.
        size: "full", or "small" for the samples.
        dev: Which development split, where there are several; the first if empty.
        dev_share: Share of the training split held out where there is no development split.
        metric: Main score; the first that meta.json names if empty.

    Raises:
        ConfigError: An option is wrong.
        DataError: A file is missing, does not fit meta.json, or has another number of rows.
    """
    if size not in _SIZES:
        raise unknown_choice("size", size, _SIZES)
    place = located(path)
    meta = read_json(place / "meta.json")
    kind = _kind(meta, path)
    names = _split_names(meta, size, dev, path)
    splits = {
        split: examples
        for split, key in names.items()
        if (examples := _read_split(place, meta, key, size, kind)) is not None
    }
    origin = f"Folder {Path(path).name}, {size} size: " + ", ".join(names[key] for key in splits)
    if "dev" not in splits and "train" in splits:
        splits["train"], splits["dev"] = hold_out(splits["train"], dev_share)
        origin += f"; it has no dev split, so {dev_share:.0%} of train are held out"
    first_metric = str(meta.get("metric", "")).split(",")[0]
    return Task(
        name=name,
        kind=kind,
        label_names=tuple(meta.get("labels") or ()),
        metric=metric or _METRIC_NAMES.get(first_metric, first_metric),
        splits=splits,
        origin=origin + ".",
        score_range=_SIMILARITY_RANGE if kind == "pair_regression" else None,
    )


def _kind(meta: Any, path: str) -> Kind:
    given = meta.get("task") if isinstance(meta, dict) else None
    if given not in get_args(Kind):
        raise DataError(
            f"The meta.json of {path!r} describes {given!r}, which is none of the kinds of task: "
            f"{', '.join(get_args(Kind))}."
        )
    return given


def _split_names(meta: dict[str, Any], size: str, dev: str, path: str) -> dict[SplitName, str]:
    """Name in meta.json of each of our splits."""
    listed = meta.get(_SIZES[size][0])
    if not isinstance(listed, dict) or not listed:
        raise DataError(f"The meta.json of {path!r} lists no {size} files.")
    names: dict[SplitName, str] = {}
    for split in _SPLITS:
        fitting = [key for key in listed if key.startswith(split)]
        if fitting:
            names[split] = fitting[0]
    if dev:
        if dev not in listed:
            raise unknown_choice(f"split of {path!r}", dev, listed)
        names["dev"] = dev
    if "train" not in names:
        raise ConfigError(f"The folder {path!r} has no training split; it has {', '.join(listed)}.")
    return names


def _read_split(
    place: Path, meta: dict[str, Any], key: str, size: str, kind: Kind
) -> Examples | None:
    """One split, or None for a test split without labels."""
    files, rows = _SIZES[size]
    file = place / meta[files][key]
    table = read_squad(file) if kind == "span_extraction" else read_table(file)
    count = len(table) if isinstance(table, Examples) else len(table.rows)
    promised = meta.get(rows, {}).get(key, count)
    if count != promised:
        raise DataError(f"{place.name}/{file.name} has {count} rows, meta.json says {promised}.")
    if isinstance(table, Examples):
        return table
    if key.startswith("test") and not any(table.cells("label")):
        return None
    return _examples(table, kind, meta.get("labels") or ())


def _examples(table: Table, kind: Kind, labels: list[str]) -> Examples:
    pair = kind.startswith("pair")
    numbers = {str(number): number for number in range(len(labels))}
    return Examples(
        ids=tuple(table.cells("id")),
        first=table.texts("text_a" if pair else "text"),
        second=table.texts("text_b") if pair else None,
        labels=table.scores("label")
        if kind == "pair_regression"
        else table.classes("label", numbers),
    )
