"""What a visitor has chosen in the Covariance lab."""

from collections.abc import Mapping

from mtlviz.errors import ConfigError
from mtlviz.ui.core import session
from mtlviz.ui.covariance import settings as covariance_settings
from mtlviz.ui.covariance.settings import CovarianceSettings

PARAMETERS = covariance_settings.PARAMETERS
HIDEABLE = ("covariance.*",)
Example = tuple[int, int]
"""A task's number and the number of one of its examples."""


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    found, problems = covariance_settings.from_query(parameters)
    session.put("covariance.settings", found)
    forget_marks()
    return problems


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    return covariance_settings.to_query(settings())


def settings() -> CovarianceSettings:
    """What the page shows."""
    return session.get("covariance.settings")


def change(**values: object) -> None:
    """Change settings, or keep the sentence that says why not."""
    try:
        session.put("covariance.settings", settings().changed(**values))
    except ConfigError as error:
        session.put("covariance.problem", str(error))


def problem() -> str | None:
    """Why the last change could not be made; told once."""
    found = session.take("covariance.problem")
    return None if found is None else str(found)


def chosen_example() -> Example | None:
    """The example whose neighbours are listed."""
    return session.get("covariance.chosen")


def choose_example(example: Example | None) -> None:
    """List an example's neighbours; None for no example."""
    session.put("covariance.chosen", example)


def search() -> str:
    """The text that examples are searched for."""
    return str(session.get("covariance.search"))


def set_search(text: str) -> None:
    """Search the examples for a text."""
    session.put("covariance.search", text)


def listed() -> tuple[Example, ...]:
    """The examples in the list, in its order, as it was last shown."""
    return session.get("covariance.listed")


def set_listed(examples: tuple[Example, ...]) -> None:
    """Remember which examples the list shows."""
    session.put("covariance.listed", examples)


def forget_marks() -> None:
    """Search and choose nothing: other examples are on screen now."""
    choose_example(None)
    set_search("")
    set_listed(())
