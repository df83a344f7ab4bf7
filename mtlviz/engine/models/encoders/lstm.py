"""A recurrent sentence encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.method import WordEncoderMethod
from mtlviz.engine.models.inserts.places import Place

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.models.inserts.sites import Sites
    from mtlviz.engine.models.tokens import Tokens


class Recurrent(WordEncoderMethod):
    """Read the words in order with an LSTM; keep its last output, or the mean of all.

    c_t = f ∘ c_(t−1) + i ∘ tanh(W x_t + U h_(t−1) + b) and h_t = o ∘ tanh(c_t), where the gates
    f, i and o are sigmoids of such sums with weights of their own.

    Reference:
        Hochreiter, Schmidhuber, 1997; used by Wu, Zhang, Ré, ICLR 2020, for six sentence tasks.
    """

    title = "LSTM"
    noun = "an encoder that reads word by word"
    poolings = ("last", "mean")
    least_depth = 1
    keeps_tokens = True
    kept, efficiency, layer_seconds = 9.0, 0.17, 1e-3

    def size(self, config: RunConfig, inputs: int) -> tuple[int, int]:
        """Four gates a layer, each with a bias for the input and one for the state."""
        return 0, sum(self.layer_sizes(config, inputs))

    def layer_sizes(self, config: RunConfig, inputs: int) -> tuple[int, ...]:
        """Each layer of the LSTM."""
        width = config.capacity.width
        layers = [inputs] + [width] * (config.capacity.depth - 1)
        return tuple(4 * width * (before + width + 2) for before in layers)

    def layer_of(self, name: str, depth: int) -> int:
        """Torch ends the names of a layer's weights with its number."""
        return 0 if name.startswith("words.") else int(name.rsplit("_l", 1)[1]) + 1

    def parts(self, run: RunConfig, inputs: int, generator: Generator) -> dict[str, Any]:
        """The LSTM, dropout, and how outputs are pooled."""
        from torch import nn

        from mtlviz.engine.models.initial import lstm
        from mtlviz.engine.models.pooling import average, last

        config = run.capacity
        recurrent = lstm(inputs, config.width, config.depth, config.dropout, generator)
        pool = last if config.pooling == "last" else average
        return {"recurrent": recurrent, "dropout": nn.Dropout(config.dropout), "pool": pool}

    def places(
        self, config: RunConfig, inputs: int, shape: CheckpointShape | None = None
    ) -> tuple[Place, ...]:
        """Its output alone: torch computes the gates in one piece."""
        width = config.capacity.width
        return (Place(-1, "output", width, width),)

    def sites(self, module: Any) -> Sites:
        """What dropout reads."""
        from mtlviz.engine.models.inserts.sites import Site

        return {(-1, "output"): Site(module.dropout, before=True)}

    def encode(self, module: Any, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Run over the tokens, then pool the outputs of the real ones."""
        # Packing needs the lengths on the CPU, for which a GPU would have to stop. Read forwards,
        # padding comes after a text and changes none of its outputs.
        read = packed if embedded.device.type == "cpu" else padded
        outputs = read(module.recurrent, embedded, tokens.mask)
        pooled = outputs if tokens.places is not None else module.pool(outputs, tokens.mask)
        return module.dropout(pooled)


def padded(recurrent: Any, embedded: Tensor, mask: Tensor) -> Tensor:
    """Outputs after every token, those of padding included, (N, T, r)."""
    return recurrent(embedded)[0]


def packed(recurrent: Any, embedded: Tensor, mask: Tensor) -> Tensor:
    """Outputs after the real tokens only, zeros elsewhere, (N, T, r)."""
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    texts = pack_padded_sequence(
        embedded.float(), mask.sum(1), batch_first=True, enforce_sorted=False
    )
    # Many processors have no LSTM in half precision, and torch then refuses to run one.
    with torch.autocast("cpu", enabled=False):
        outputs, _ = recurrent(texts)
    return pad_packed_sequence(outputs, batch_first=True, total_length=mask.shape[1])[0]
