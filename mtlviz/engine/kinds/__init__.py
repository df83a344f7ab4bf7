"""Kinds of task: head, labels, loss, metrics and words. To add one: one file, and one line here."""

from mtlviz.engine.kinds.classification import CLASSIFICATION
from mtlviz.engine.kinds.kind import Floor, TaskKind
from mtlviz.engine.kinds.pair_classification import PAIR_CLASSIFICATION
from mtlviz.engine.kinds.pair_regression import PAIR_REGRESSION
from mtlviz.engine.kinds.span_extraction import SPAN_EXTRACTION
from mtlviz.errors import ConfigError

KINDS: dict[str, TaskKind] = {
    kind.name: kind
    for kind in (CLASSIFICATION, PAIR_CLASSIFICATION, PAIR_REGRESSION, SPAN_EXTRACTION)
}

__all__ = ["KINDS", "Floor", "TaskKind", "kind_of"]


def kind_of(target: str, *, pair: bool) -> TaskKind:
    """The kind of task that a table's columns make.

    Args:
        target: What the label column holds, as a kind's `target`.
        pair: Whether there is a second text.

    Raises:
        ConfigError: There is no such target, or not with so many texts.
    """
    targets = {kind.target: kind for kind in KINDS.values() if kind.read_file is None}
    if target not in targets:
        known = " or ".join(map(repr, targets))
        raise ConfigError(f"`target` must be {known}, got {target!r}.")
    found = [kind for kind in KINDS.values() if (kind.target, kind.pair) == (target, pair)]
    if not found:
        needs = (
            "a single sentence: leave the second text out"
            if pair
            else ("a pair of sentences: name the second text column")
        )
        raise ConfigError(f"A {target} needs {needs}.")
    return found[0]
