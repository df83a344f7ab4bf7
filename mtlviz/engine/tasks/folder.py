"""A local folder with a meta.json that describes tables or SQuAD files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_args

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.description import SPLITS, Description, Size, read_description, split_names
from mtlviz.engine.tasks.labels import plain_label, read_labels
from mtlviz.engine.tasks.mapping import Columns
from mtlviz.engine.tasks.reading import located
from mtlviz.engine.tasks.remarks import row_problems
from mtlviz.engine.tasks.sheet import Format, Sheet, check_rows, read_file
from mtlviz.engine.tasks.splitting import hold_out
from mtlviz.engine.tasks.task import Examples, SplitName, Task, Texts
from mtlviz.engine.tasks.upload import labelled, texts_in
from mtlviz.errors import DataError, unknown_choice

DEV_SHARE = 0.1


def folder(  # noqa: PLR0913 (the options of a source are its parameters)
    name: str,
    path: str,
    *,
    size: Size = "full",
    dev: str = "",
    dev_share: float = DEV_SHARE,
    metric: str = "",
) -> Task:
    """A folder of tables or SQuAD files described by its meta.json.

    meta.json names the kind ("task"), the class names ("labels"), the file of each split ("files",
    and "small" for samples), the number of rows ("rows", "rows_small"), the metric and, for scores
    other than 0 to 5, their range ("score_range"). A split is found by the beginning of its name
    (train, dev, test). A table has the columns text, or text_a and text_b, and label: the number of
    a class counted from 0, or its name. A column id is optional. Rows without a label are left out
    and counted; a test split without any is answered by a trained run, and never scored.

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

    Reference:
        Ours: a format of this program.
    """
    if size not in get_args(Size):
        raise unknown_choice("size", size, get_args(Size))
    place = located(path)
    found = read_description(place)
    names = split_names(found, place, size, dev)
    sheets = {split: _read(place, found, key, size) for split, key in names.items()}
    splits, notes = _splits(sheets, found)
    origin = f"Folder {Path(path).name}, {size} size: " + ", ".join(names[key] for key in splits)
    if "dev" not in splits and "train" in splits:
        splits["train"], splits["dev"] = hold_out(splits["train"], dev_share)
        origin += f"; it has no dev split, so {dev_share:.0%} of train are held out"
    return Task(
        name=name,
        kind=found.task,
        label_names=found.labels,
        metric=metric or found.main_metric,
        splits={split: splits[split] for split in SPLITS if split in splits},
        origin=found.about or origin + ".",
        score_range=found.score_range if KINDS[found.task].ranged else None,
        notes=notes,
        unlabelled=_unlabelled(sheets, splits, KINDS[found.task].pair),
    )


def _read(place: Path, found: Description, key: str, size: Size) -> Sheet | Examples:
    """One split's file, with as many rows as meta.json promises."""
    file = place / found.listed(size)[key]
    read = KINDS[found.task].read_file
    table = read(file) if read else check_rows(read_file(file, Format(header=True)))
    count = len(table) if isinstance(table, Examples) else len(table.rows)
    promised = found.promised(size).get(key, count)
    if count != promised:
        raise DataError(f"{place.name}/{file.name} has {count} rows, meta.json says {promised}.")
    return table


def _splits(
    sheets: Mapping[SplitName, Sheet | Examples], found: Description
) -> tuple[dict[SplitName, Examples], tuple[str, ...]]:
    """The examples of each split that has labels, and what to know of them."""
    splits: dict[SplitName, Examples] = {}
    notes: list[str] = []
    written = _written(found, [sheet for sheet in sheets.values() if isinstance(sheet, Sheet)])
    for split, sheet in sheets.items():
        if isinstance(sheet, Examples):
            splits[split] = sheet
        elif split != "test" or "label" in sheet.columns:
            examples, told = _examples(sheet, found, written)
            if len(examples) or split != "test":
                splits[split] = examples
                notes += [f"{sheet.name}: {note}" for note in told]
    return splits, tuple(notes)


def _unlabelled(
    sheets: Mapping[SplitName, Sheet | Examples], splits: Mapping[SplitName, Examples], pair: bool
) -> dict[SplitName, Callable[[], Texts]]:
    """A test file none of whose rows has a label."""
    sheet = sheets.get("test")
    if "test" in splits or not isinstance(sheet, Sheet):
        return {}
    texts = ("text_a", "text_b") if pair else ("text", "")
    ids = "id" if "id" in sheet.columns else ""
    return {"test": lambda: texts_in(sheet, *texts, ids)}


def _written(found: Description, sheets: Sequence[Sheet]) -> Sequence[str]:
    """How labels are written: numbers of classes, or their names where a cell is no such number."""
    numbers = KINDS[found.task].written(found.labels)
    cells = {c for sheet in sheets if "label" in sheet.columns for c in sheet.cells("label")}
    others = {plain_label(cell) for cell in cells} - set(numbers)
    return found.labels if others & {plain_label(name) for name in found.labels} else numbers


def _examples(
    sheet: Sheet, found: Description, written: Sequence[str]
) -> tuple[Examples, tuple[str, ...]]:
    kind = KINDS[found.task]
    columns = Columns(*(("text_a", "text_b") if kind.pair else ("text", "")), "label", kind.target)
    labels = read_labels(sheet.cells("label"), kind, None, written)
    for line, problem in row_problems(sheet, columns, labels, labels.names if kind.parts else None):
        raise DataError(f"{sheet.name}, line {line}: {problem}")
    ids = "id" if "id" in sheet.columns else ""
    return labelled(sheet, columns, labels, ids), (*sheet.notes, *labels.notes)
