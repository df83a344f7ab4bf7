"""What a visitor has chosen in the Capacity lab."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

from mtlviz.errors import ConfigError
from mtlviz.toy.capacity import CapacityToyConfig
from mtlviz.ui.capacity import settings
from mtlviz.ui.capacity.settings import Shown, StudyForm
from mtlviz.ui.core import session

PARAMETERS = settings.PARAMETERS
HIDEABLE = ("capacity.*",)
Settings = TypeVar("Settings", bound=BaseModel)
_PROBLEM = "capacity.problem"


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    told = []
    for model in settings.PREFIXES:
        found, problems = settings.from_query(model, parameters)
        session.put(_key(model), found)
        told += problems
    return told


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    found: dict[str, str] = {}
    for model in settings.PREFIXES:
        found |= settings.to_query(_of(model))
    return found


def shown() -> Shown:
    """Which part is on screen."""
    return _of(Shown)


def form() -> StudyForm:
    """What the next width study is made of."""
    return _of(StudyForm)


def toy() -> CapacityToyConfig:
    """The toy's settings."""
    return _of(CapacityToyConfig)


def change(model: type[BaseModel], **values: object) -> None:
    """Change settings, or keep the sentence that says why not."""
    try:
        session.put(_key(model), settings.changed(_of(model), **values))
    except ConfigError as error:
        session.put(_PROBLEM, str(error))


def tell(problem: str) -> None:
    """Keep a sentence about what could not be done, to be told once."""
    session.put(_PROBLEM, problem)


def problem() -> str | None:
    """Why the last change could not be made; told once."""
    found = session.take(_PROBLEM)
    return None if found is None else str(found)


def _of(model: type[Settings]) -> Settings:
    found = session.remember(_key(model), model())
    return found if isinstance(found, model) else model()


def _key(model: type[BaseModel]) -> str:
    return f"capacity.{model.__name__}"
