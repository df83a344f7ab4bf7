"""Which experiments can be run on this machine, and why others cannot."""

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.presets import preset
from mtlviz.engine.tasks.reading import located
from mtlviz.errors import DataError


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
