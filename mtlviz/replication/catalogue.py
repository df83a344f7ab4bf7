"""EXPERIMENTS: what `mtlviz replicate` can make again, by name."""

from mtlviz.errors import unknown_choice
from mtlviz.replication.arithmetic import ARITHMETIC
from mtlviz.replication.built_in import BUILT_IN
from mtlviz.replication.continual import FOUR, POLARITY
from mtlviz.replication.counts import COUNTS
from mtlviz.replication.course import COURSE
from mtlviz.replication.experiment import Experiment
from mtlviz.replication.families import FAMILIES
from mtlviz.replication.groups import GROUPS
from mtlviz.replication.halves import HALVES
from mtlviz.replication.heads import HEADS
from mtlviz.replication.scripted import SCRIPTED
from mtlviz.replication.sentences import SENTENCES
from mtlviz.replication.sharing import SHARING
from mtlviz.replication.toy_figure import TOY

EXPERIMENTS: dict[str, Experiment] = {
    "toy": TOY,
    "arithmetic": ARITHMETIC,
    "counts": COUNTS,
    "built-in": BUILT_IN,
    "families": FAMILIES,
    "groups": GROUPS,
    "course": COURSE,
    "heads": HEADS,
    "halves": HALVES,
    "sentences": SENTENCES,
    "sharing": SHARING,
    "continual-four": FOUR,
    "continual-polarity": POLARITY,
    **SCRIPTED,
}
"""By the name that the shell and the data files have for it."""


def experiment(name: str) -> Experiment:
    """The experiment of this name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in EXPERIMENTS:
        raise unknown_choice("experiment", name, EXPERIMENTS)
    return EXPERIMENTS[name]
