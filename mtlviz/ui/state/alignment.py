"""What a visitor has chosen in the alignment part of the Covariance lab."""

from collections.abc import Mapping

from mtlviz.toy.alignment_link import from_query, to_query
from mtlviz.toy.alignment_settings import AlignmentConfig
from mtlviz.ui.core import session

PREFIX = "align."
PARAMETERS = tuple(f"{PREFIX}{name}" for name in AlignmentConfig.model_fields)
HIDEABLE = (*PARAMETERS, "alignment", "alignment.*")
_KEY = "alignment.config"


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    config, problems = from_query(AlignmentConfig, parameters, PREFIX)
    session.put(_KEY, config)
    return problems


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    return to_query(alignment(), PREFIX)


def alignment() -> AlignmentConfig:
    """The visitor's settings of the two clouds."""
    found = session.remember(_KEY, AlignmentConfig())
    return found if isinstance(found, AlignmentConfig) else AlignmentConfig()


def set_alignment(config: AlignmentConfig) -> None:
    """Replace the settings of the two clouds."""
    session.put(_KEY, config)
