"""A pair of sentences in, a score out."""

from dataclasses import replace

from mtlviz.engine.kinds.regression import REGRESSION

PAIR_REGRESSION = replace(
    REGRESSION,
    name="pair_regression",
    title="two sentences, a score",
    help="Scores two sentences together, such as how much alike their meanings are.",
    asks="a pair of sentences in, a score from {low:g} to {high:g} out",
    pair=True,
    cosine_is_score=True,
)
