"""The gradients of one update: their cosines, and a plane with the update they made."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.counterfactual import Moment
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.measures.gradient_planes import RECORDED, TITLES, Projection, projected
from mtlviz.engine.records import Plane
from mtlviz.errors import DataError
from mtlviz.figures import one_update as figures
from mtlviz.figures.task_map import MANY, task_map
from mtlviz.ui.core.run_choice import RunChoice
from mtlviz.ui.core.words import grouped
from mtlviz.ui.pages.run.task_order import task_order
from mtlviz.ui.pages.run.update import Part, Update, gone

_HOW = {
    "most": "Principal components of the Gram matrix.",
    "parameters": "The plane of two shared parameters, the same through the run; it keeps little "
    "of a gradient, so that angles in it say little about the gradients'.",
    "directions": "Two random directions at right angles, the same through the run; like two "
    "parameters they keep little of a gradient.",
    "pair": "The plane of two tasks keeps both whole.",
}

_LOST = 0.04  # Of the longest arrow: what is shorter cannot be told from a point.


def matrix(update: Update) -> Part:
    """Cosines of the gradients, or why there are none."""
    if update.missing is not None or update.record is None:
        return gone(update.missing or "")
    found = cosines(np.asarray(update.record.gram, dtype=np.float64))
    if len(update.names) > MANY:
        return _many(found, update)
    return {
        "figure": figures.cosine_matrix(found, update.names),
        "alt": f"Cosines between the tasks' gradients at update {grouped(update.number)}.",
        "how_to_read": "Orange: the two tasks pull apart. Blue: together. Blank: no gradient.",
    }


def _many(found: NDArray[np.float64], update: Update) -> Part:
    """Cosines of many tasks: ordered, names at the rows alone, one task lit."""
    names, lit = update.names, update.choice.task
    order = task_order(update.run, len(names))
    apart = int((found[np.triu_indices(len(names), 1)] < 0).sum())
    return {
        "figure": task_map(
            found, names, [order], reach=1.0, lit=None if lit is None else lit - 1,
            revision="cosine matrix",
        ),
        "alt": f"Cosines between the gradients of {len(names)} tasks at update "
        f"{grouped(update.number)}: {apart} of {len(names) * (len(names) - 1) // 2} pairs pull "
        "apart.",
        "how_to_read": "Orange: the two tasks pull apart. Blue: together. Tasks that pull alike "
        "over training stand side by side.",
    }  # fmt: skip


def arrows(update: Update) -> Part:
    """Each task's downhill direction and the update's, with the share that the plane keeps."""
    if update.missing is not None or update.moment is None or update.record is None:
        return gone("")  # The cosines beside it say why.
    return plane(update.moment, update.record.planes, update)


def plane(seen: Moment, planes: dict[str, Plane], update: Update) -> Part:
    """These gradients in the plane that is chosen."""
    name, pair = update.choice.plane, pair_of(seen, update.choice)
    try:
        found = projected(name, seen, planes, pair)
    except DataError as error:
        return gone(f"{error} {_advice(name)}")
    due = [update.names[task] for task in seen.due]
    return {
        "figure": figures.downhill(
            found.arrows, found.update, due, seen.due.tolist(), found.titles
        ),
        "alt": f"Each task's downhill direction and the update's at update {grouped(seen.update)}. "
        f"Plane: {TITLES[name].lower()}.",
        "how_to_read": "Arrows point to where each task's loss falls; grey is the update before "
        f"clipping; one scale. {_HOW[name]}{_instead(update, pair)} {_kept(found, due)}"
        + collapsed(name, found, due),
    }


def pair_of(seen: Moment, choice: RunChoice) -> tuple[int, int]:
    """The two tasks that span the plane, both of them due: those chosen, if they are."""
    pairs = list(combinations(seen.due.tolist(), 2))
    return choice.pair if choice.pair in pairs or not pairs else pairs[0]


def _instead(update: Update, pair: tuple[int, int]) -> str:
    """That the plane is another pair's, where one of those chosen was not due."""
    if update.choice.plane != "pair" or pair == update.choice.pair:
        return ""
    first, second = (update.names[task] for task in pair)
    return f" The chosen two were not both due: this is the plane of {first} and {second}."


def _advice(name: str) -> str:
    if name not in RECORDED:
        return "Choose another plane."
    return "`--set probes.planes_every=1` takes the projections at every update of a new run."


def _kept_of_many(found: Projection) -> str:
    kept = found.share[np.isfinite(found.share)]
    ends = (
        f"{_percent(float(kept.min()))} to {_percent(float(kept.max()))}" if len(kept) else "none"
    )
    return (
        f"The plane keeps {ends} of the tasks' lengths and {_percent(found.update_share)} of the "
        "update's; the longest arrows are named."
    )


def _kept(found: Projection, due: list[str]) -> str:
    """The share of each arrow that the plane shows."""
    if len(due) > MANY:
        return _kept_of_many(found)
    shares = [*zip(due, found.share.tolist(), strict=True), ("update", found.update_share)]
    told = [f"{name} {_percent(share)}" for name, share in shares if np.isfinite(share)]
    return f"Share of each length that the plane keeps: {', '.join(told)}."


def collapsed(name: str, found: Projection, due: list[str]) -> str:
    """Which tasks the plane shows at its origin, beside the others' arrows; and what to do."""
    lengths = np.linalg.norm(found.arrows, axis=1)
    short = lengths < _LOST * lengths.max(initial=0)
    lost = [task for task, is_short in zip(due, short.tolist(), strict=True) if is_short]
    if not lost or len(due) > MANY:
        return ""
    other = "a pair with one of them" if name == "pair" else f"“{TITLES['pair']}”"
    lies = "lies" if len(lost) == 1 else "lie"
    return f" {' and '.join(lost)} {lies} on the origin here: choose {other} above to see more."


def _percent(share: float) -> str:
    """A share with two digits that mean something."""
    if share >= 0.1 or share == 0:
        return f"{share:.0%}"
    return f"{100 * share:.2g} %"
