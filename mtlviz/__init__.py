"""See when multi-task learning helps, and when it hurts.

    import mtlviz
    run = mtlviz.train("default")      # or mtlviz.load(3)
    run.scores, run.predict("reviews", ["A fine film."]).values, run.figures()

`mtlviz.api` documents what programs can rely on. It is loaded when it is first used: importing
mtlviz alone takes no time.

Imports point one way: `ui -> figures, runs, toy -> engine`; `errors` is for all. Only `ui` imports
streamlit and plotly, and `figures` makes plain dictionaries of plain data: it never imports torch.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtlviz.api import Comparison, Run, Score, compare, load, records, train
    from mtlviz.engine.records import EvalRecord, Record, StepRecord, to_json
    from mtlviz.errors import MtlvizError

__version__ = "0.2.0"
__all__ = [
    "Comparison",
    "EvalRecord",
    "MtlvizError",
    "Record",
    "Run",
    "Score",
    "StepRecord",
    "__version__",
    "compare",
    "load",
    "records",
    "to_json",
    "train",
]
_RECORDS = ("EvalRecord", "Record", "StepRecord", "to_json")


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'mtlviz' has no attribute {name!r}")
    if name == "MtlvizError":
        from mtlviz import errors as place
    elif name in _RECORDS:
        from mtlviz.engine import records as place
    else:
        from mtlviz import api as place
    return getattr(place, name)


def __dir__() -> list[str]:
    return sorted(__all__)
