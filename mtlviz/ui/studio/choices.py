"""What the Studio offers: experiments, and methods of every kind with a sentence on each."""

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.presets import preset
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks.reading import located
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.errors import DataError

PLACES = {
    "capacity.encoder": ENCODERS,
    "capacity.sharing": SHARING,
    "optimisation.scheduler": SCHEDULERS,
    "optimisation.weighting": WEIGHTINGS,
    "optimisation.combiner": COMBINERS,
}
"""The methods a choice offers, by the choice's place in the settings."""
METHODS: dict[str, dict[str, str]] = {
    place: {name: spec.help for name, spec in registry.items()}
    for place, registry in PLACES.items()
}
"""One sentence on every method a choice offers, by the choice's place in the settings."""


def missing_data(experiment: str) -> tuple[str, ...]:
    """Names of the data sets that an experiment needs and this machine does not have."""
    missing = []
    for task in preset(experiment).data.tasks:
        try:
            if task.source != "synthetic":
                located(task.path)
        except DataError:
            missing.append(task.path)
    return tuple(missing)


def reason(missing: tuple[str, ...]) -> str:
    """Why an experiment cannot be run here, in one sentence."""
    return f"Needs {', '.join(missing)} in the folder that {DATA_FOLDER} names."
