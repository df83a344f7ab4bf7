"""Models of a text run: tokens, encoders, ways to share them, and heads."""

from mtlviz.engine.models.build import build
from mtlviz.engine.models.features import cached_features, is_cacheable
from mtlviz.engine.models.model import MultiTaskModel, ParameterCounts, TaskEmbeddings
from mtlviz.engine.models.tokenizers import build_tokenizer, restore_tokenizer

__all__ = [
    "MultiTaskModel",
    "ParameterCounts",
    "TaskEmbeddings",
    "build",
    "build_tokenizer",
    "cached_features",
    "is_cacheable",
    "restore_tokenizer",
]
