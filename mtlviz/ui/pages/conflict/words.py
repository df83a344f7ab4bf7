"""The page's sentences: who conflicts, whom a method hurts, how long updates are, the theorem."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.measures.conflict import (
    conflicts,
    cosines,
    curvature_bound,
    magnitude_similarity,
)
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_updates import Picture, combination, effect, relative_length
from mtlviz.ui.core.words import listed, plural

Array = NDArray[np.float64]
# Lengths that differ by less are called equal.
_ALIKE = 1.05


def verdict(shown: Picture) -> str:
    """Whom the plain sum hurts, and which of the chosen methods hurt nobody."""
    config, gram = shown.config, shown.scene.gram
    plain = effect(config, gram, combination("sum", gram, config.order))
    pairs = _conflicting(gram)
    first = f"{pairs} " + (
        f"The plain sum **hurts {_tasks(plain.hurt)}** "
        f"({', '.join(f'{plain.changes[task]:+.2g}' for task in plain.hurt)} for a step of 0.1)."
        if plain.hurt
        else "The plain sum hurts nobody."
    )
    harmless, harmful = [], []
    for name, result in shown.results.items():
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
        harmful.insert(0, f"{listed(harmless)} hurt{'s' if len(harmless) == 1 else ''} nobody")
    return f"{first} {'; '.join(harmful)}." if harmful else first


def _conflicting(gram: Array) -> str:
    pairs = np.argwhere(np.triu(conflicts(gram), 1)).tolist()
    if not pairs:
        return "No two tasks conflict."
    cosine = cosines(gram)
    named = [f"{i + 1} and {j + 1} (cosine {cosine[i, j]:.2f})".replace("-", "−") for i, j in pairs]
    return f"In conflict: tasks {listed(named)}."


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
    return f"{plural(len(names), 'task')} {listed(names)}"


def scales(shown: Picture) -> str:
    """How far the chosen updates differ in length, and what that means; empty for one."""
    if shown.config.match:
        return "All updates are drawn as long as the plain sum: only their **directions** differ."
    lengths = {name: relative_length(shown.scene.gram, result.weights)
               for name, result in shown.results.items()}  # fmt: skip
    known = {name: length for name, length in lengths.items() if 0 < length < np.inf}
    if len(known) < 2:
        return ""
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    ratio = known[high] / known[low]
    if ratio < _ALIKE:
        return "The chosen updates are about equally long: no hidden learning rate here."
    return (
        f"**A hidden learning rate**: the chosen updates are between **{known[low]:.2g}** "
        f"({method_look(low).title}) and **{known[high]:.2g}** ({method_look(high).title}) times "
        f"as long as the plain sum's. Under plain gradient descent that alone is a learning rate "
        f"**{ratio:.2g} times** as high; Adam hides most of it. Tune the rate for each method, or "
        "draw all as long as the sum."
    )


@cache
def adds_up(name: str) -> str:
    """What a method's weights add up to on three equally long gradients at right angles."""
    if "current" in make_combiner(name).wants:
        return "Here the last task is the new one, and the others are its memory, never trained on."
    total = float(combination(name, np.eye(3), (0, 1, 2)).weights.sum())
    if abs(total - 3) < 1e-6:
        return "Scaled like a sum: weights add up to K where nothing conflicts."
    if abs(total - 1) < 1e-6:
        return "Scaled like a mean: weights add up to 1 where nothing conflicts."
    return f"Its own scale: three equal tasks at right angles get {total:.2g} (sum 3, mean 1)."
