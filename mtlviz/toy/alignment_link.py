"""Settings made of plain numbers in a link: `align.turn=-30` and the like, only what differs."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Settings = TypeVar("Settings", bound=BaseModel)


def to_query(config: BaseModel, prefix: str) -> dict[str, str]:
    """The parameters of a link that opens these settings."""
    default = type(config)()
    return {
        f"{prefix}{name}": f"{getattr(config, name):g}"
        for name in type(config).model_fields
        if getattr(config, name) != getattr(default, name)
    }


def from_query(
    model: type[Settings], query: Mapping[str, str], prefix: str
) -> tuple[Settings, list[str]]:
    """The settings of a link, and one sentence for each value that could not be used."""
    config, problems = model(), []
    for key, text in query.items():
        name = key.removeprefix(prefix)
        if not key.startswith(prefix) or name not in model.model_fields:
            continue
        try:
            config = model.model_validate({**config.model_dump(), name: text})
        except ValidationError as error:
            title, message = model.model_fields[name].title, error.errors()[0]["msg"]
            problems.append(f"{title} keeps its default: {message}, got {text!r}.")
    return config, problems
