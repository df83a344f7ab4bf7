"""Sizes of the model and the batches that step costs are measured on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Sizes of a BERT-shaped encoder and its batches.

    Attributes:
        layers: Transformer layers.
        width: Width of their vectors.
        length: Tokens of every text.
        batch: Texts of each task in a batch.
        vocabulary: Different words, at most.
        tasks: How many tasks share the encoder.
        precision: Number format of forward and backward passes.
        device: "cpu" or "cuda".
        sharing: How the tasks share the encoder.
    """

    layers: int = 4
    width: int = 256
    length: int = 64
    batch: int = 32
    vocabulary: int = 30_522
    tasks: int = 3
    precision: str = "float32"
    device: str = "cpu"
    sharing: str = "hard"

    @property
    def name(self) -> str:
        """The sizes in words."""
        return (
            f"{self.layers} layers, width {self.width}, {self.length} tokens, "
            f"{self.batch} texts a task, {self.precision}"
        )


SMALL = Shape(layers=2, width=128, length=32, batch=8, vocabulary=8_000)
BERT_BASE = Shape(layers=12, width=768, length=128, batch=32, precision="bfloat16", device="cuda")
