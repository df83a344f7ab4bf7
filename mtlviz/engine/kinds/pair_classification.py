"""A pair of sentences in, one of several classes out."""

from dataclasses import replace

from mtlviz.engine.kinds.classification import CLASSIFICATION

PAIR_CLASSIFICATION = replace(
    CLASSIFICATION,
    name="pair_classification",
    title="two sentences, a class",
    help="Says how two sentences relate, such as whether they mean the same.",
    asks="a pair of sentences in, one of {classes} classes out",
    pair=True,
)
