"""Where every run ended: at the best mean, on the Pareto set, or short of it."""

from dataclasses import dataclass

import numpy as np

from mtlviz.figures.conflicts import method_look
from mtlviz.toy.landscapes.functions import LANDSCAPES, Landscape
from mtlviz.toy.landscapes.paths import Paths

# Two units of distance on pictures that are 10 to 22 wide: nearer is "there".
_NEAR = 0.3


@dataclass(frozen=True)
class Ending:
    """How one run ended: `best`, `front`, `short` or `lost`, in words."""

    kind: str
    text: str


def ending(landscape: Landscape, point: np.ndarray, losses: np.ndarray) -> Ending:
    """Judge one end point, shape (2,), by its distance to the best mean and to the Pareto set."""
    if not np.isfinite(point).all():
        return Ending("lost", "✕ diverged")
    place = f"({_rounded(point[0])}, {_rounded(point[1])})"
    best = np.linalg.norm(point - np.array(landscape.optima["mean"]))
    if best < _NEAR:
        return Ending("best", f"● best mean {place}")
    if np.linalg.norm(landscape.pareto_set() - point, axis=1).min() < _NEAR:
        return Ending("front", f"◐ Pareto set {place}")
    mean = f"{losses.mean():.3g}".replace("-", "−")
    return Ending("short", f"○ short of it {place}, mean loss {mean}")


def _rounded(value: float) -> str:
    """Two decimals, a proper minus, and no minus zero."""
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")


def endings(paths: Paths) -> list[list[Ending]]:
    """One row per method, one ending per start."""
    landscape = LANDSCAPES[paths.landscape]
    return [
        [
            ending(landscape, points[-1], losses[-1])
            for points, losses in zip(of_method, its_losses, strict=True)
        ]
        for of_method, its_losses in zip(paths.points, paths.losses, strict=True)
    ]


def table(paths: Paths) -> str:
    """The endings as a Markdown table: a row per method, a column per start."""
    starts = [f"from ({x:g}, {y:g})".replace("-", "−") for x, y in paths.starts]
    lines = [f"| | {' | '.join(starts)} |", f"|---|{'---|' * len(starts)}"]
    for method, row in zip(paths.methods, endings(paths), strict=True):
        cells = " | ".join(found.text for found in row)
        lines.append(f"| **{method_look(method.name).title}** | {cells} |")
    return "\n".join(lines)


def verdict(paths: Paths) -> str:
    """One sentence: who reached the best mean from every start, and who got stuck."""
    found = dict(zip([method.name for method in paths.methods], endings(paths), strict=True))
    starts = len(paths.starts)
    parts = []
    for name, row in found.items():
        title, kinds = method_look(name).title, [each.kind for each in row]
        if kinds.count("best") == starts:
            parts.append(f"**{title}** reaches the best mean from {_all(starts)}")
        elif "short" in kinds or "lost" in kinds:
            missed = starts - kinds.count("best") - kinds.count("front")
            parts.append(f"**{title}** does not arrive from {missed} of {starts}")
        else:
            parts.append(f"**{title}** reaches the Pareto set from {_all(starts)}")
    return "; ".join(parts) + "."


def _all(starts: int) -> str:
    return "its start" if starts == 1 else f"all {starts} starts"
