"""Models of a text run: tokens, encoders, ways to share them, and heads."""

from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.models.features import cached_features, is_cacheable
from mtlviz.engine.models.model import MultiTaskModel, ParameterCounts, TaskEmbeddings

__all__ = [
    "MultiTaskModel",
    "ParameterCounts",
    "TaskEmbeddings",
    "build",
    "build_tokenizer",
    "cached_features",
    "is_cacheable",
]
