"""Which experiments can be run on this machine, and why others cannot."""

from importlib.util import find_spec

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.presets import preset
from mtlviz.engine.tasks.reading import located
from mtlviz.errors import DataError

_PACKAGE = "datasets"


def missing_data(experiment: str) -> tuple[str, ...]:
    """Names of the data sets that an experiment needs and this machine does not have.

    What the hub has can be had wherever the package is that fetches it.
    """
    missing = []
    for task in preset(experiment).data.tasks:
        if task.source == "hub":
            missing += [_PACKAGE] if find_spec("datasets") is None else []
            continue
        try:
            if task.source != "synthetic":
                located(task.path)
        except DataError:
            missing.append(task.path)
    return tuple(dict.fromkeys(missing))


def reason(missing: tuple[str, ...]) -> str:
    """Why an experiment cannot be run here, in one sentence."""
    if _PACKAGE in missing:
        return "Needs the package 'datasets' (pip install 'mtlviz[hub]'), and a network once."
    return f"Needs {', '.join(missing)} in the folder that {DATA_FOLDER} names."
