"""A local folder with a meta.json that describes CSV or SQuAD files."""

from pathlib import Path
from typing import get_args

from mtlviz.engine.kinds import KINDS, TaskKind
from mtlviz.engine.tasks.description import SPLITS, Description, Size, read_description, split_names
from mtlviz.engine.tasks.reading import Table, located, read_table
from mtlviz.engine.tasks.splitting import hold_out
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.errors import DataError, unknown_choice

DEV_SHARE = 0.1


def folder(
    name: str,
    path: str,
    *,
    size: Size = "full",
    dev: str = "",
    dev_share: float = DEV_SHARE,
    metric: str = "",
) -> Task:
    """A folder of CSV or JSON files described by its meta.json.

    meta.json names the kind ("task"), the class names ("labels"), the file of each split ("files",
    and "small" for samples), the number of rows ("rows", "rows_small"), the metric and, for scores
    other than 0 to 5, their range ("score_range"). A split is found by the beginning of its name
    (train, dev, test). A test split without labels is left out.

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
    if size not in get_args(Size):
        raise unknown_choice("size", size, get_args(Size))
    place = located(path)
    found = read_description(place)
    names = split_names(found, place, size, dev)
    splits = {
        split: examples
        for split, key in names.items()
        if (examples := _read_split(place, found, key, size)) is not None
    }
    origin = f"Folder {Path(path).name}, {size} size: " + ", ".join(names[key] for key in splits)
    if "dev" not in splits and "train" in splits:
        splits["train"], splits["dev"] = hold_out(splits["train"], dev_share)
        origin += f"; it has no dev split, so {dev_share:.0%} of train are held out"
    ordered = {split: splits[split] for split in SPLITS if split in splits}
    return Task(
        name=name,
        kind=found.task,
        label_names=found.labels,
        metric=metric or found.main_metric,
        splits=ordered,
        origin=found.about or origin + ".",
        score_range=found.score_range if KINDS[found.task].ranged else None,
    )


def _read_split(place: Path, found: Description, key: str, size: Size) -> Examples | None:
    """One split, or None for a test split without labels."""
    file = place / found.listed(size)[key]
    kind = KINDS[found.task]
    table = (kind.read_file or read_table)(file)
    count = len(table) if isinstance(table, Examples) else len(table.rows)
    promised = found.promised(size).get(key, count)
    if count != promised:
        raise DataError(f"{place.name}/{file.name} has {count} rows, meta.json says {promised}.")
    if isinstance(table, Examples):
        return table
    if key.startswith("test") and not any(table.cells("label")):
        return None
    return _examples(table, kind, found.labels)


def _examples(table: Table, kind: TaskKind, labels: tuple[str, ...]) -> Examples:
    return Examples(
        ids=tuple(table.cells("id")),
        first=table.texts("text_a" if kind.pair else "text"),
        second=table.texts("text_b") if kind.pair else None,
        labels=table.labels("label", kind, kind.written(labels)),
    )
