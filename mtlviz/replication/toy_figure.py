"""Figure 3 of the blog and of the paper: which source helps the target, on toys that play here."""

from collections.abc import Iterator

from mtlviz.engine.measures.transfer import Transfer
from mtlviz.replication.experiment import Experiment, Found, Size, Table, Value
from mtlviz.replication.from_runs import told
from mtlviz.toy.presets import REGRESSION, preset
from mtlviz.toy.program import train
from mtlviz.toy.regression import regression_curves
from mtlviz.toy.summary import summarise

_SEEDS: dict[Size, int] = {"full": 64, "quick": 32, "tiny": 4}
_REPETITIONS: dict[Size, int] = {"full": 30, "quick": 12, "tiny": 6}
_SAMPLES: dict[Size, tuple[int, ...]] = {
    "full": REGRESSION.config.samples, "quick": (20, 100), "tiny": (100,)
}  # fmt: skip
_ARMS = {"with task 2": (0, 1), "with task 3": (0, 2), "with both": (0, 1, 2)}


def _compute(size: Size) -> Found:
    config = preset("clouds").config.changed(seeds=_SEEDS[size])
    transfers = summarise(train(config)).transfers
    found = {name: transfers[arm, 0] for name, arm in _ARMS.items() if (arm, 0) in transfers}
    points = {f"task 1 {name}": _value(each) for name, each in found.items()}
    changes = dict(_regression(size))
    return Found(
        {**points, **changes},
        (
            Table(
                "Points on a plane: task 1 less task 1 alone, in points of held-out accuracy",
                ("trained", "difference (95 % interval)"),
                [[name, told(each)] for name, each in found.items()],
            ),
            Table(
                "Regression: change of the target's error through one source, median (95 %)",
                ("source", "change"),
                [[name.removeprefix("regression/"), _share(each)]
                 for name, each in changes.items()],
            ),
        ),
        ("Neither source prints a recipe for its points or m₁ and noise of its regression: these "
         "are the Toy lab's own, which anyone can move there.",),
        {"toy": config.model_dump(mode="json"),
         "many dimensions": REGRESSION.config.model_dump(mode="json")},
    )  # fmt: skip


def _value(found: Transfer) -> Value:
    return Value(found.mean, found.low, found.high, found.seeds, "points")


def _regression(size: Size) -> Iterator[tuple[str, Value]]:
    """Relative change of the target's error by source and number of its examples."""
    config = REGRESSION.config.changed(seeds=_REPETITIONS[size], samples=_SAMPLES[size])
    for source, curve in regression_curves(config).items():
        for place, count in enumerate(curve.samples):
            numbers = (float(each[place]) for each in (curve.median, curve.low, curve.high))
            value = Value(*numbers, seeds=config.seeds, unit="change of the error")
            yield f"regression/{source} at {count}", value


def _share(value: Value) -> str:
    numbers = [f"{each:+.2f}".replace("-", "−") for each in (value.mean, value.low, value.high)]
    return f"{numbers[0]} ({numbers[1]} to {numbers[2]})"


TOY = Experiment(
    "Tasks 2 and 3 have one model but other points: which helps task 1, which hurts it?",
    "Wu, Zhang and Ré",
    compute=_compute,
)
