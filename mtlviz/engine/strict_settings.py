"""Settings of a run: values are taken as they are, or refused."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import ValidationInfo, field_validator

from mtlviz.limits import control_character
from mtlviz.settings import Settings
from mtlviz.value_text import kinds_of


class StrictSettings(Settings):
    """Settings that take no value for one of another kind."""

    @field_validator("name", check_fields=False)
    @classmethod
    def _one_line(cls, name: str) -> str:
        """Names stand in lists, terminals and files: what these would obey is refused."""
        if found := control_character(name):
            raise ValueError(f"must be one line of text, without the character {found}")
        return name

    @field_validator("*", mode="before")
    @classmethod
    def _not_repaired(cls, value: object, field: ValidationInfo) -> object:
        """Refuse what pydantic would take for something else: true for 1, "yes" for true."""
        kinds = _kinds(cls, str(field.field_name))
        if bool in kinds and not isinstance(value, bool):
            raise ValueError("should be true or false")
        if isinstance(value, bool) and {int, float} & kinds:
            raise ValueError("should be a number")
        if isinstance(value, str) and {int, float} & kinds:
            raise ValueError("should be a number, not a text")
        return value


@cache
def _kinds(settings: type[Settings], field: str) -> set[Any]:
    """The alternatives of a field's type: a page that lists a thousand runs asks for each value."""
    return kinds_of(settings.model_fields[field].annotation)
