"""Cross-stitch: a column for each task, mixed after every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtlviz.engine.models.sharing.method import Beside, Counts, Kept, SharingMethod
from mtlviz.methods import Share

if TYPE_CHECKING:
    from torch import Generator

    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing


class CrossStitch(SharingMethod):
    """Give each task a column of layers, and mix the columns after every layer.

    A text of task k passes all columns. After each layer column i goes on with Σ_j a_ij x_j; after
    the last one the columns' texts are mixed, and mixture k is the task's. The mixtures start at
    a = (1 − m) I + m/K: at m = 0 the columns are separate, at m = 1 all hold the same mean, as if
    they were one. They train, unless held. All columns start alike. Every task trains every column
    it reads from, so all are shared: at m = 0 gradients of two tasks touch no weight in common and
    their cosine is 0. An update costs K times as much as with one encoder. The columns of an LSTM,
    and of a pretrained encoder outside BERT's nearer family, are mixed once, at their end: these
    cannot be stopped between their layers.

    Args:
        mix: Where the mixtures start, from 0 (separate) to 1 (one mean for all).
        hold: Whether the mixtures are kept as they start; if not, they train.

    Reference:
        Misra et al., CVPR 2016, equation 1. https://arxiv.org/abs/1604.03539
    """

    title = "cross-stitch"

    def __init__(self, *, mix: Share = 0.2, hold: bool = False) -> None:
        self.mix, self.hold = mix, hold

    @property
    def beside(self) -> Beside:
        """A column of layers for each task, which all tasks read."""
        return Beside(common=("a column for each task", "mixtures of columns"))

    def counts(self, encoder: EncoderSize, tasks: int) -> Counts:
        """All columns, and a mixture after each layer."""
        stitches = encoder.stops * tasks**2
        shared = tasks * encoder.trained + (0 if self.hold else stitches)
        frozen = tasks * (encoder.total - encoder.trained) + (stitches if self.hold else 0)
        return Counts(shared, 0, frozen)

    def kept(self, encoder: EncoderSize, tasks: int) -> Kept:
        """Every text passes all columns."""
        return Kept(tasks)

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """Copies of one encoder, and the mixtures."""
        from mtlviz.engine.models.sharing.columns import alike
        from mtlviz.engine.models.sharing.mixed_columns import StitchedEncoders

        return StitchedEncoders(alike(make_encoder(), tasks), self.mix, self.hold)
