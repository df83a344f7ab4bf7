"""WEIGHTINGS: how much each task's loss counts. One file per method, a new object for each run."""

import json
from typing import Any

from mtlviz.engine.weightings.db_mtl import DualBalancing
from mtlviz.engine.weightings.dwa import DynamicWeightAverage
from mtlviz.engine.weightings.equal import Equal
from mtlviz.engine.weightings.excess import ExcessRisk
from mtlviz.engine.weightings.famo import Famo
from mtlviz.engine.weightings.gradnorm import GradNorm
from mtlviz.engine.weightings.imtl_l import ImpartialLosses
from mtlviz.engine.weightings.manual import Manual
from mtlviz.engine.weightings.rlw import RandomLossWeighting
from mtlviz.engine.weightings.size import Size
from mtlviz.engine.weightings.stch import SmoothTchebycheff
from mtlviz.engine.weightings.svd import Svd, SvdTaskEmbeddings
from mtlviz.engine.weightings.uncertainty import Uncertainty
from mtlviz.engine.weightings.weighting import Weighting
from mtlviz.errors import ConfigError
from mtlviz.methods import Registry

WEIGHTINGS: Registry[type[Weighting]] = Registry("weighting", {
    "equal": Equal,
    "manual": Manual,
    "size": Size,
    "uncertainty": Uncertainty,
    "dwa": DynamicWeightAverage,
    "rlw": RandomLossWeighting,
    "gradnorm": GradNorm,
    "famo": Famo,
    "imtl_l": ImpartialLosses,
    "stch": SmoothTchebycheff,
    "db_mtl": DualBalancing,
    "excess": ExcessRisk,
    "svd": Svd,
    "svd_task_embeddings": SvdTaskEmbeddings,
})  # fmt: skip


def make_weighting(name: str, tasks: int, **options: Any) -> Weighting:
    """The named weighting for one run of this many tasks.

    Raises:
        ConfigError: If the name or an option is unknown, one that is needed is missing, or a value
            is not allowed.
        DataError: If arrays given as options do not fit.
    """
    spec = WEIGHTINGS[name]
    chosen = spec.checked(options)
    if missing := spec.required - set(chosen):
        raise ConfigError(f"The {name} weighting needs {_with_examples(missing, tasks)}.")
    return spec.method(tasks, **chosen)


def _with_examples(missing: set[str], tasks: int) -> str:
    """Options that must be given, and how."""
    if missing == {"values"}:
        example = json.dumps({"values": [1.0] * (tasks - 1) + [0.5]})
        return f"its option `values`, one number per task, such as {example} for {tasks} tasks"
    return ", ".join(sorted(missing))
