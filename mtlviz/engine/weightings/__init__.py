"""WEIGHTINGS: how much each task's loss counts. One file per method, a new object for each run."""

import inspect
import json
from typing import Any

from mtlviz.engine.schedulers import options as options_of
from mtlviz.engine.weightings.dwa import DynamicWeightAverage
from mtlviz.engine.weightings.equal import Equal
from mtlviz.engine.weightings.famo import Famo
from mtlviz.engine.weightings.gradnorm import GradNorm
from mtlviz.engine.weightings.manual import Manual
from mtlviz.engine.weightings.rlw import RandomLossWeighting
from mtlviz.engine.weightings.size import Size
from mtlviz.engine.weightings.svd import Svd, SvdTaskEmbeddings
from mtlviz.engine.weightings.uncertainty import Uncertainty
from mtlviz.engine.weightings.weighting import Weighting
from mtlviz.errors import ConfigError, unknown_choice

WEIGHTINGS: dict[str, type[Weighting]] = {
    "equal": Equal,
    "manual": Manual,
    "size": Size,
    "uncertainty": Uncertainty,
    "dwa": DynamicWeightAverage,
    "rlw": RandomLossWeighting,
    "gradnorm": GradNorm,
    "famo": Famo,
    "svd": Svd,
    "svd_task_embeddings": SvdTaskEmbeddings,
}


def make_weighting(name: str, tasks: int, **options: Any) -> Weighting:
    """The named weighting for one run of this many tasks.

    Raises:
        ConfigError: If the name or an option is unknown, one that is needed is missing, or a value
            is not allowed.
        DataError: If arrays given as options do not fit.
    """
    if name not in WEIGHTINGS:
        raise unknown_choice("weighting", name, WEIGHTINGS)
    known = options_of(WEIGHTINGS[name])
    for option, value in options.items():
        if option not in known:
            allowed = ", ".join(sorted(known)) or "none"
            raise ConfigError(f"The {name} weighting has no option {option!r}. Known: {allowed}.")
        _check_kind(name, option, value, known[option])
    if missing := required(name) - set(options):
        raise ConfigError(f"The {name} weighting needs {_with_examples(missing, tasks)}.")
    return WEIGHTINGS[name](tasks, **options)


def required(name: str) -> set[str]:
    """Options without a default: what the user or the task data must bring."""
    known = options_of(WEIGHTINGS[name])
    return {option for option, default in known.items() if default is inspect.Parameter.empty}


def summary(name: str) -> str:
    """One sentence on a weighting, for a help text: the first line of its docstring."""
    return (WEIGHTINGS[name].__doc__ or "").strip().splitlines()[0]


def _with_examples(missing: set[str], tasks: int) -> str:
    """Options that must be given, and how."""
    if missing == {"values"}:
        example = json.dumps({"values": [1.0] * (tasks - 1) + [0.5]})
        return f"its option `values`, one number per task, such as {example} for {tasks} tasks"
    return ", ".join(sorted(missing))


def _check_kind(name: str, option: str, value: object, default: object) -> None:
    """A number stays a number and a word a word; what a value may be is the method's business."""
    if isinstance(default, str):
        fits, kind = isinstance(value, str), "a word"
    elif isinstance(default, int):
        fits, kind = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    elif isinstance(default, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        kind = "a number"
    else:
        return
    if not fits:
        raise ConfigError(f"`{option}` of the {name} weighting must be {kind}, got {value!r}.")
