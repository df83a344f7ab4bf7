"""The embedding layer of encoders that start from word vectors."""

from __future__ import annotations

from torch import Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.tokens import Tokens


class WordEncoder(Encoder):
    """An encoder whose embedding layer is a table of word vectors.

    Args:
        vectors: The table (V, d).
        train_vectors: Whether training changes it.
        output_width: Width of an encoded text.
    """

    def __init__(self, vectors: Tensor, train_vectors: bool, output_width: int) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors.clone(), freeze=not train_vectors)
        self.embedding_width = vectors.shape[1]
        self.output_width = output_width

    def embed(self, tokens: Tokens) -> Tensor:
        """Look up each token's word vector."""
        return self.words(tokens.ids)
