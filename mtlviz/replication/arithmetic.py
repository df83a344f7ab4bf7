"""What the printed numbers say of each other: means of rows, sums of columns, counts."""

from mtlviz.replication.experiment import Experiment, Found, Size, Value

_DEV = {"Random guess": (0.2, 0.5, 0.0), "Base minBERT": (0.515, 0.5, 0.0)}
_TRAIN = {
    "Random guess": (0.2, 0.5, 0.0),
    "Base minBERT": (0.9, 0.5, 0.0),
    "Classic": (0.752, 0.947, 0.879),
    "Gradient surgery": (0.762, 0.956, 0.886),
    "Round robin": (0.764, 0.942, 0.887),
}
_TEST = (0.533, 0.751, 0.626)
_ALONE = (82.3, 76.4, 73.2, 91.5, 86.7, 85.7)
_TOGETHER = (90.8, 96.0, 78.7, 89.5, 87.0, 78.7)
_CAPACITIES = (200, 200, 5, 200, 500, 100)
_MINILM, _HEAD, _TASKS = 22_713_216, 384 * 2 + 2, 4
"""Parameters of all-MiniLM-L6-v2, and of a head for two classes."""


def _mean(values: tuple[float, ...]) -> Value:
    return Value(round(sum(values) / len(values), 4), unit="mean of the printed")


def _compute(size: Size) -> Found:
    shared = _TASKS * (_MINILM + _HEAD) / (_MINILM + _TASKS * _HEAD)
    return Found(
        {
            **{f"dev/{row}": _mean(values) for row, values in _DEV.items()},
            **{f"train/{row}": _mean(values) for row, values in _TRAIN.items()},
            "test": _mean(_TEST),
            "figure 6/capacities": Value(sum(_CAPACITIES), unit="sum of the printed"),
            "figure 6/alone": _mean(_ALONE),
            "figure 6/together": _mean(_TOGETHER),
            "memory/4 tasks on MiniLM": Value(round(shared, 3), unit="times smaller"),
        },
        notes=("Counted from the printed numbers and from the sizes of models; no chance in it.",),
    )


ARITHMETIC = Experiment("Do the printed numbers agree with each other?", "", compute=_compute)
