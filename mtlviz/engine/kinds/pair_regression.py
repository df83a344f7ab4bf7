"""A pair of sentences in, a score out."""

from dataclasses import replace

from mtlviz.engine.kinds.regression import REGRESSION, looks_like

# More whole numbers than a Likert scale has: how much alike two texts are.
_MOST_NUMBERED_CLASSES = 10

PAIR_REGRESSION = replace(
    REGRESSION,
    name="pair_regression",
    title="two sentences, a score",
    help="Scores two sentences together, such as how much alike their meanings are.",
    asks="a pair of sentences in, a score from {low:g} to {high:g} out",
    pair=True,
    looks_like=lambda cells: looks_like(cells, _MOST_NUMBERED_CLASSES),
    cosine_is_score=True,
)
