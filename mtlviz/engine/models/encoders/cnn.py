"""Kim's convolutional sentence encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.embedding import WordEncoder
from mtlviz.engine.models.encoders.mean import stack
from mtlviz.engine.models.initial import convolution
from mtlviz.engine.models.tokens import Tokens
from mtlviz.errors import ConfigError

WIDTHS = (3, 4, 5)
"""Words that a filter sees at once."""


class ConvolutionEncoder(WordEncoder):
    """Filters over 3, 4 and 5 neighbouring words; each keeps its strongest answer in the text.

    The capacity is the number of filters, divided as evenly as it goes among the three widths.
    Depth 1 is the convolution alone; more depth adds linear layers with ReLU. Text outside the
    sentence counts as zero vectors.

    Raises:
        ConfigError: The width is below 3 or the depth is 0.

    Reference:
        Kim, EMNLP 2014. https://arxiv.org/abs/1408.5882
    """

    def __init__(self, run: RunConfig, vectors: Tensor, generator: torch.Generator) -> None:
        config = run.capacity
        super().__init__(vectors, config.train_vectors, config.width)
        if config.width < len(WIDTHS) or config.depth < 1:
            raise ConfigError(
                "The cnn encoder needs a width of at least 3 (a filter of each size) and a depth "
                f"of at least 1, got width {config.width} and depth {config.depth}."
            )
        self.filters = nn.ModuleList(
            convolution(self.embedding_width, (config.width + i) // len(WIDTHS), size, generator)
            for i, size in enumerate(WIDTHS)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.layers = stack(config.width, config.width, config.depth - 1, config.dropout, generator)

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Filter, keep each filter's maximum over the real tokens, then the layers."""
        outside = ~tokens.mask.unsqueeze(1)
        channels = embedded.transpose(1, 2).masked_fill(outside, 0)
        peaks = [self._peaks(filters, channels, outside) for filters in self.filters]
        return self.layers(self.dropout(torch.cat(peaks, dim=1)))

    @staticmethod
    def _peaks(filters: nn.Conv1d, channels: Tensor, outside: Tensor) -> Tensor:
        # One window per word. Torch's own padding='same' warns about filters of even width.
        width = filters.kernel_size[0]
        answers = filters(functional.pad(channels, ((width - 1) // 2, width // 2)))
        # After ReLU nothing is below zero, so zero marks places outside the text.
        return answers.relu().masked_fill(outside, 0).amax(2)
