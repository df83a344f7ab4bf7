"""ENCODERS: the shared modules that turn text into a vector. To add one: one file, one line here.

What is known of an encoder (help, poolings, checks, size, cost) needs no torch; its module does.
"""

from mtlviz.engine.models.encoders.cnn import Convolution
from mtlviz.engine.models.encoders.lstm import Recurrent
from mtlviz.engine.models.encoders.mean import Mean
from mtlviz.engine.models.encoders.method import EncoderMethod
from mtlviz.engine.models.encoders.pretrained import Pretrained
from mtlviz.engine.models.encoders.transformer import Transformer
from mtlviz.methods import Registry

ENCODERS: Registry[type[EncoderMethod]] = Registry("encoder", {
    "mean": Mean,
    "cnn": Convolution,
    "lstm": Recurrent,
    "transformer": Transformer,
    "checkpoint": Pretrained,
})  # fmt: skip
