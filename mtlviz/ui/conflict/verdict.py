"""The page's sentences: who conflicts, who is hurt by which method, what PCGrad's theorem asks."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Combination
from mtlviz.engine.measures.conflict import (
    conflicts,
    cosines,
    curvature_bound,
    magnitude_similarity,
)
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_updates import combination, effect
from mtlviz.toy.arrows import ArrowsConfig

Array = NDArray[np.float64]


def verdict(config: ArrowsConfig, gram: Array, results: Mapping[str, Combination]) -> str:
    """Whom the plain sum hurts, and which of the chosen methods hurt nobody."""
    plain = effect(config, gram, combination("sum", gram, config.order))
    pairs = _conflicting(gram)
    first = f"{pairs} " + (
        f"The plain sum **hurts {_tasks(plain.hurt)}** "
        f"({', '.join(f'{plain.changes[task]:+.2g}' for task in plain.hurt)} for a step of 0.1)."
        if plain.hurt
        else "The plain sum hurts nobody."
    )
    harmless, harmful = [], []
    for name, result in results.items():
        if name == "sum":
            continue
        found = effect(config, gram, result)
        title = method_look(name).title
        if not found.changes.any():
            harmful.append(f"{title} stands still")
        elif found.hurt:
            harmful.append(f"{title} hurts {_tasks(found.hurt)}")
        else:
            harmless.append(title)
    if harmless:
        harmful.insert(0, f"{_listed(harmless)} hurt{'s' if len(harmless) == 1 else ''} nobody")
    return f"{first} {'; '.join(harmful)}." if harmful else first


def _conflicting(gram: Array) -> str:
    pairs = np.argwhere(np.triu(conflicts(gram), 1)).tolist()
    if not pairs:
        return "No two tasks conflict."
    cosine = cosines(gram)
    named = [f"{i + 1} and {j + 1} (cosine {cosine[i, j]:.2f})".replace("-", "−") for i, j in pairs]
    return f"In conflict: tasks {_listed(named)}."


def theorem(gram: Array) -> list[str]:
    """What PCGrad's Theorem 2 asks of each pair, as far as gradients alone can tell."""
    cosine, alike = cosines(gram), magnitude_similarity(gram)
    bound = curvature_bound(gram)
    found = []
    for i in range(len(gram)):
        for j in range(i + 1, len(gram)):
            pair = f"Tasks {i + 1} and {j + 1}: "
            if not np.isfinite(cosine[i, j]):
                found.append(pair + "a zero gradient has no direction.")
            else:
                found.append(pair + _conditions(cosine[i, j], alike[i, j], bound[i, j]))
    return found


def _conditions(cosine: float, alike: float, bound: float) -> str:
    angle = cosine <= -alike
    first = (
        f"condition (a) {'holds' if angle else 'fails'}: cosine {cosine:.2f} is "
        f"{'at most' if angle else 'above'} −Φ = −{alike:.2f}."
    ).replace("cosine -", "cosine −")
    if not angle:
        return first + " The theorem promises nothing here."
    if not bound <= 1:
        return first + " But ξ is above 1, which no loss can meet: the theorem promises nothing."
    return (
        first + f" PCGrad's step then beats the plain one if (b) the loss bends along the step by "
        f"at least ξ = {bound:.0%} of its greatest curvature, and (c) the step is long enough."
    )


def _tasks(tasks: Sequence[int]) -> str:
    names = [str(task + 1) for task in tasks]
    return f"task{'s' if len(names) > 1 else ''} {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
