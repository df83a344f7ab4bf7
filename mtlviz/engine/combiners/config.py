"""ConFIG: an update at the same angle to every task's gradient, as long as they agree."""

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.gram import FLOAT64, directions, reciprocal, spectrum
from mtlviz.methods import titled


@titled("ConFIG")
def config(gram: Array, generator: np.random.Generator, precision: float = FLOAT64) -> Combination:
    """Go where every task gains alike, as far as the gradients agree: IMTL-G of another length.

    With unit gradients U the direction is U⁺1, whose cosine to every gradient is the same; the
    update's length is the sum of the gradients' parts along it, so that it shrinks under conflict.
    Here U⁺1 is written in the gradients, by their Gram matrix alone. A zero gradient has no
    direction: it is left out. Where no direction serves all (opposite gradients) the update is 0.

    The update is (Σ g_i·d) d, with d = U⁺1 / ‖U⁺1‖.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        precision: Relative error of the Gram matrix; what is smaller is rounding noise.

    Reference:
        Liu, Chu & Thuerey, ICLR 2025, equation 2. https://arxiv.org/abs/2408.11104
    """
    cosines, lengths = directions(gram)
    _, vectors, inverse = spectrum(cosines, precision)
    present = (lengths > 0).astype(np.float64)
    seen = (present[..., None, :] @ vectors)[..., 0, :]
    pulls = (vectors @ (seen * inverse)[..., None])[..., 0]
    squared = (seen**2 * inverse).sum(axis=-1)
    noise = gram.shape[-1] ** 2 * precision**2 * inverse.max(axis=-1)
    along = (lengths * (cosines @ pulls[..., None])[..., 0]).sum(axis=-1)
    scale = np.divide(along, squared, out=np.zeros_like(along), where=squared > noise)
    return from_weights(scale[..., None] * pulls * reciprocal(lengths))
