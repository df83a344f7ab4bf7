"""Kinds of task: head, labels, loss, metrics and words. To add one: one file, and one line here."""

from mtlviz.engine.kinds.classification import CLASSIFICATION
from mtlviz.engine.kinds.kind import Ceiling, Floor, TaskKind
from mtlviz.engine.kinds.multilabel import MULTILABEL
from mtlviz.engine.kinds.pair_classification import PAIR_CLASSIFICATION
from mtlviz.engine.kinds.pair_regression import PAIR_REGRESSION
from mtlviz.engine.kinds.regression import REGRESSION
from mtlviz.engine.kinds.span_extraction import SPAN_EXTRACTION
from mtlviz.engine.kinds.span_or_none import SPAN_OR_NONE
from mtlviz.errors import ConfigError

KINDS: dict[str, TaskKind] = {
    kind.name: kind
    for kind in (
        CLASSIFICATION,
        PAIR_CLASSIFICATION,
        REGRESSION,
        PAIR_REGRESSION,
        MULTILABEL,
        SPAN_EXTRACTION,
        SPAN_OR_NONE,
    )
}

__all__ = ["KINDS", "Ceiling", "Floor", "TaskKind", "kind_of", "targets"]


def targets(*, pair: bool) -> dict[str, TaskKind]:
    """What the label column of a table can hold, and the kind of task that makes."""
    found = [kind for kind in KINDS.values() if kind.pair == pair and kind.read_file is None]
    return {kind.target: kind for kind in found}


def kind_of(target: str, *, pair: bool) -> TaskKind:
    """The kind of task that a table's columns make.

    Args:
        target: What the label column holds, as a kind's `target`.
        pair: Whether there is a second text.

    Raises:
        ConfigError: There is no such target with so many texts.
    """
    known = targets(pair=pair)
    if target not in known:
        texts = "a pair of sentences" if pair else "a single sentence"
        raise ConfigError(
            f"`target` of {texts} must be {' or '.join(map(repr, known))}, got {target!r}."
        )
    return known[target]
