"""(IA)³: a factor for each entry of keys, values and inner activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.inserts.places import Place

if TYPE_CHECKING:
    from torch import Generator, nn


class IA3(InsertMethod):
    """Keep the encoder; each task learns a factor for every key, value and inner activation.

    Keys K become K ∘ l_k, values V ∘ l_v, and what leaves the activation φ(W x) ∘ l_ff. Factors are
    1 + d with d of the task, which starts at zero: at the start nothing has changed, and weight
    decay pulls to the encoder as it was. That is 2 h + f numbers a layer of width h, f inside.

    In encoders without attention the factors stand behind each ReLU, or at the output.

    Args:
        pace: Step size of the factors as a multiple of the learning rate. Empty: 150 with a
            checkpoint (published: 3e-3; about 2e-5 for training everything), else 1.

    Reference:
        Liu et al., NeurIPS 2022 (T-Few), section 3.3; https://arxiv.org/abs/2205.05638.
    """

    title = "(IA)³"
    places = ("key", "value", "inner")
    elsewhere = ("output",)
    published_pace = 150.0

    def numbers_at(self, place: Place) -> int:
        """One factor for each entry."""
        return place.outputs

    def kept_at(self, place: Place) -> float:
        """What the factors multiply."""
        return place.outputs

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """The factors, less one."""
        from mtlviz.engine.models.inserts.parts import Factor

        return Factor(place.outputs)
