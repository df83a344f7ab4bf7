"""The regression's settings in a link: `reg.cosine=0.5` and the like, only what differs."""

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from mtlviz.toy.regression import RegressionConfig

PREFIX = "reg."
# The sizes to try are the figure's axis, not a control.
FIELDS: dict[str, FieldInfo] = {
    name: field for name, field in RegressionConfig.model_fields.items() if name != "samples"
}


def to_query(config: RegressionConfig) -> dict[str, str]:
    """The parameters of a link that opens these settings."""
    default = RegressionConfig()
    return {
        f"{PREFIX}{name}": f"{getattr(config, name):g}"
        for name in FIELDS
        if getattr(config, name) != getattr(default, name)
    }


def from_query(query: Mapping[str, str]) -> tuple[RegressionConfig, list[str]]:
    """The settings of a link, and one sentence for each value that could not be used."""
    config, problems = RegressionConfig(), []
    for key, text in query.items():
        name = key.removeprefix(PREFIX)
        if not key.startswith(PREFIX) or name not in FIELDS:
            continue
        try:
            config = RegressionConfig.model_validate({**config.model_dump(), name: text})
        except ValidationError as error:
            problems.append(
                f"{FIELDS[name].title} keeps its default: {error.errors()[0]['msg']}, got {text!r}."
            )
    return config, problems
