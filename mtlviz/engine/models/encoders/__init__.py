"""ENCODERS: the shared modules that turn text into a vector, by name."""

from mtlviz.engine.models.encoders.checkpoint import PretrainedEncoder
from mtlviz.engine.models.encoders.cnn import ConvolutionEncoder
from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.encoders.lstm import RecurrentEncoder
from mtlviz.engine.models.encoders.mean import MeanEncoder
from mtlviz.engine.models.encoders.transformer import TransformerEncoder
from mtlviz.methods import Registry

ENCODERS: Registry[type[Encoder]] = Registry("encoder", {
    "mean": MeanEncoder,
    "cnn": ConvolutionEncoder,
    "lstm": RecurrentEncoder,
    "transformer": TransformerEncoder,
    "checkpoint": PretrainedEncoder,
})  # fmt: skip
