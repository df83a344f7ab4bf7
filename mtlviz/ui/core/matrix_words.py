"""What a matrix of scores says, in sentences and in a table over seeds."""

import math
from collections.abc import Mapping

from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.measures.transfer import Transfer, signed
from mtlviz.runs.score_matrices import BASELINE, MethodScores, ScoreMatrix

_SAID = {
    "average": "**average** at the end (ACC)",
    "backward": "**backward transfer** (BWT: at the end less when learned; below 0 is forgotten)",
    "forgetting": "**forgetting** (best score before the end less that at the end)",
    "forward": "**forward transfer** (FWT: before a task trains, less the untrained model)",
    "learning": "**when learned**, on average",
}
COLUMNS = {
    "average": "average (ACC)",
    "backward": "backward (BWT)",
    "forward": "forward (FWT)",
    "forgetting": "forgotten",
    "learning": "when learned",
    "gap": "below joint",
}


def numbers_in_words(found: ScoreMatrix) -> list[str]:
    """The numbers of one run, those that mean something."""
    values = {name: float(getattr(found.numbers, name)) for name in _SAID}
    return [
        f"{said}: {_number(name, values[name])}"
        for name, said in _SAID.items()
        if math.isfinite(values[name])
    ]


def _number(name: str, value: float) -> str:
    if name in ("average", "learning"):
        return f"{value:.3f}"
    return f"{signed(100 * value)} points"


def matrix_alt(found: ScoreMatrix) -> str:
    """The matrix for those who do not see it."""
    rows = (
        f"after {phase}: "
        + ", ".join(f"{task} {_cell(score)}" for task, score in zip(found.tasks, row, strict=True))
        for phase, row in zip(found.phases, found.scores, strict=True)
    )
    return f"Score of every task after every phase; {'; '.join(rows)}."


def _cell(score: float) -> str:
    return f"{score:.2f}" if math.isfinite(score) else "not measured"


def method_rows(methods: Mapping[str, MethodScores]) -> list[dict[str, object]]:
    """A row for each method: its numbers in points with their intervals over seeds."""
    shown = [
        name for name in COLUMNS if any(found.mean(name) is not None for found in methods.values())
    ]
    return [
        {
            "against forgetting": CONTINUAL[method].title,
            "seeds": len(found.runs),
            **{COLUMNS[name]: _over_seeds(found.mean(name)) for name in shown},
            "average against sequential": _difference(method, found.against["average"]),
        }
        for method, found in methods.items()
    ]


def _over_seeds(found: Transfer | None) -> str:
    if found is None:
        return "–"
    half = (found.high - found.low) / 2
    mean = f"{found.mean:.1f}".replace("-", "−")
    return mean + (f" ± {half:.1f}" if math.isfinite(half) else "")


def _difference(method: str, found: Transfer | None) -> str:
    if found is None or method == BASELINE:
        return "–"
    if not math.isfinite(found.low):
        return signed(found.mean)
    return f"{signed(found.mean)} ({signed(found.low)} to {signed(found.high)})"
