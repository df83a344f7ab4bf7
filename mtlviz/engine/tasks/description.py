"""meta.json: what a folder of examples says about itself."""

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.reading import read_json
from mtlviz.engine.tasks.task import Kind, SplitName
from mtlviz.errors import ConfigError, DataError, unknown_choice

Size = Literal["full", "small"]
SPLITS: tuple[SplitName, ...] = ("train", "dev", "test")
META = "meta.json"
SIMILARITY_RANGE = (0.0, 5.0)
# What some folders call a metric, and what it is called here.
_METRIC_NAMES = {"exact_match": "span_em"}


class Description(BaseModel):
    """The part of a meta.json that decides how its folder is read; other entries are passed over.

    Attributes:
        name: What the folder calls itself; may be empty.
        task: Kind of task.
        labels: Class names in order; empty for scores and spans.
        files: File of each split, by the name of the split.
        small: The same for samples.
        rows: Number of rows of each split; a split without one is not checked.
        rows_small: The same for samples.
        metric: Main score first, separated by commas.
        score_range: Lowest and highest score; 0 to 5 if left out.
        about: One sentence on where the examples come from.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    task: Kind
    labels: tuple[str, ...] = ()
    files: dict[str, str] = {}
    small: dict[str, str] = {}
    rows: dict[str, int] = {}
    rows_small: dict[str, int] = {}
    metric: str = ""
    score_range: tuple[float, float] = SIMILARITY_RANGE
    about: str = ""

    @field_validator("labels", mode="before")
    @classmethod
    def _no_labels(cls, labels: object) -> object:
        return () if labels is None else labels

    @property
    def main_metric(self) -> str:
        """The first metric, as it is called here."""
        first = self.metric.split(",")[0]
        return _METRIC_NAMES.get(first, first)

    def listed(self, size: Size) -> dict[str, str]:
        """The files of this size."""
        return self.files if size == "full" else self.small

    def promised(self, size: Size) -> dict[str, int]:
        """The numbers of rows of this size."""
        return self.rows if size == "full" else self.rows_small


def describes_a_task(place: Path) -> bool:
    """Whether a folder's meta.json names a kind of task that is known here.

    Raises:
        DataError: It cannot be read or is not JSON.
    """
    return _kind(read_json(place / META)) in KINDS


def read_description(place: Path) -> Description:
    """The meta.json of a folder, checked.

    Raises:
        DataError: It cannot be read, describes no task, an entry has the wrong form, or a file
            lies outside the folder.
    """
    if not (place / META).exists():
        raise DataError(
            f"The folder {place.name!r} has no {META}, which says what its files are: write one, "
            "or give one of its tables."
        )
    content = read_json(place / META)
    if _kind(content) not in KINDS:
        raise DataError(
            f"The {META} of {place.name!r} describes {_kind(content)!r}, which is none of the "
            f"kinds of task: {', '.join(KINDS)}."
        )
    try:
        found = Description.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        entry = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"The {META} of {place.name!r} cannot be used: {entry!r} {_lowered(first['msg'])}."
        ) from error
    for file in (*found.files.values(), *found.small.values()):
        if not _inside(file):
            raise DataError(f"The {META} of {place.name!r} lists {file!r}, outside its folder.")
    return found


def split_names(found: Description, place: Path, size: Size, dev: str) -> dict[SplitName, str]:
    """The name in meta.json of each split: the first that begins with train, dev or test.

    Args:
        found: The description.
        place: Its folder, for messages.
        size: Which of its two sizes.
        dev: The development split to take where there are several; the first if empty.

    Raises:
        ConfigError: There is no such development split, or no training split.
        DataError: No files of this size are listed.
    """
    listed = found.listed(size)
    if not listed:
        raise DataError(f"The {META} of {place.name!r} lists no {size} files.")
    names: dict[SplitName, str] = {}
    for split in SPLITS:
        fitting = [key for key in listed if key.startswith(split)]
        if fitting:
            names[split] = fitting[0]
    if dev:
        if dev not in listed:
            raise unknown_choice(f"split of {place.name!r}", dev, listed)
        names["dev"] = dev
    if "train" not in names:
        raise ConfigError(
            f"The folder {place.name!r} has no training split; it has {', '.join(listed)}."
        )
    return names


def _kind(content: Any) -> object:
    given = content.get("task") if isinstance(content, dict) else None
    return given if isinstance(given, str) else None


def _inside(file: str) -> bool:
    """Whether a listed file lies in its folder, on any system."""
    ways = (PurePosixPath(file), PureWindowsPath(file))
    return not any(way.is_absolute() or way.drive or ".." in way.parts for way in ways)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
