"""What the Capacity lab shows: checked objects, which are its forms and its link."""

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mtlviz.errors import ConfigError
from mtlviz.toy.capacity import CapacityToyConfig

View = Literal["capacity", "affinity"]
Measured = Literal["toy", "text"]
Encoder = Literal["mean", "cnn", "lstm", "transformer"]

VIEWS: tuple[View, ...] = get_args(View)
MEASURED: dict[Measured, str] = {"toy": "Toy, at once", "text": "Text, by runs"}
ENCODERS: dict[Encoder, str] = {
    "mean": "Mean of word vectors",
    "cnn": "CNN",
    "lstm": "LSTM",
    "transformer": "Transformer from scratch",
}
MOST_TASKS = 8
MOST_WIDTHS = 8
MOST_WIDTH = 1000
DEFAULT_TASKS = tuple(f"built-in/{name}" for name in ("reviews", "letters", "topics", "similarity"))


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Shown(_Settings):
    """Which part of the lab is on screen, and what it looks at."""

    view: View = "capacity"
    measured: Measured = Field(
        "toy",
        description="A toy is trained while you look. Text models are trained by runs in the "
        "queue: start them, leave, come back.",
    )
    study: int | None = Field(None, ge=1, description="The width study that is shown.")
    run: int | None = Field(
        None, ge=1, description="The run whose affinities are shown, with its other seeds."
    )
    groups: int = Field(
        2, ge=1, le=MOST_TASKS, description="At most so many encoders, one for each group of tasks."
    )


class StudyForm(_Settings):
    """Which runs a width study makes."""

    tasks: tuple[str, ...] = Field(
        DEFAULT_TASKS, min_length=2, max_length=MOST_TASKS, description="Two tasks or more."
    )
    folder: str = Field(
        "", description="A data set with a meta.json, or a folder of such data sets."
    )
    examples: int | None = Field(
        None, ge=20, le=100_000,
        description="Training examples of each task, drawn once for each seed; all if empty.",
    )  # fmt: skip
    encoder: Encoder = Field("mean", description="The module that turns a text into a vector.")
    widths: tuple[int, ...] = Field(
        (4, 10, 30, 100), min_length=1, max_length=MOST_WIDTHS,
        description="Output widths of the encoder to try. The paper searched 5 to 500.",
    )  # fmt: skip
    seeds: int = Field(
        3, ge=1, le=10, description="Paired seeds. One gives no interval, three a wide one."
    )
    epochs: int = Field(20, ge=1, le=200, description="Passes over the largest task's examples.")

    @field_validator("widths")
    @classmethod
    def _rising(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        outside = [width for width in widths if not 1 <= width <= MOST_WIDTH]
        if outside:
            raise ValueError(f"each must be 1 to {MOST_WIDTH}, not {outside[0]}")
        return tuple(sorted(set(widths)))


Settings = TypeVar("Settings", bound=BaseModel)
PREFIXES: dict[type[BaseModel], str] = {
    Shown: "cap_",
    StudyForm: "cap_study_",
    CapacityToyConfig: "cap_toy_",
}
PARAMETERS = tuple(
    f"{prefix}{name}" for model, prefix in PREFIXES.items() for name in model.model_fields
)


def changed(settings: Settings, **values: Any) -> Settings:
    """The same settings with some of them changed.

    Raises:
        ConfigError: A value is not allowed.
    """
    model = type(settings)
    try:
        return model.model_validate({**settings.model_dump(), **values})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = first["loc"][0] if first["loc"] else "setting"
        message = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
        given = first["input"]
        raise ConfigError(
            f"`{PREFIXES[model]}{name}` {message[0].lower()}{message[1:]}, got {given!r:.60}."
        ) from error


def from_query(model: type[Settings], parameters: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings of a link, and one sentence for each value that cannot be used."""
    found, problems = model(), []
    for name in model.model_fields:
        text = parameters.get(f"{PREFIXES[model]}{name}")
        if text is None:
            continue
        is_list = isinstance(getattr(found, name), tuple)
        try:
            given = tuple(filter(None, text.split(","))) if is_list else text
            found = changed(found, **{name: given})
        except ConfigError as error:
            problems.append(str(error))
    return found, problems


def to_query(settings: BaseModel) -> dict[str, str]:
    """The parameters that open these settings; what is as at the start is left out."""
    start = type(settings)()
    return {
        f"{PREFIXES[type(settings)]}{name}": _text(value)
        for name, value in settings
        if value != getattr(start, name)
    }


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
