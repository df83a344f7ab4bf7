"""Everything that can be said of a run before it begins."""

from dataclasses import dataclass

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.duration import Speed, seconds
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.memory import Memory, memory
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.estimate.sizes import ModelSize, model_size
from mtlviz.engine.estimate.work import Work, work


@dataclass(frozen=True)
class Estimate:
    """What a run is likely to cost.

    Attributes:
        size: Parameters of its model.
        work: What it computes.
        memory: What it holds.
        layers: Layers of its encoder.
    """

    size: ModelSize
    work: Work
    memory: Memory
    layers: int


def estimate(
    config: RunConfig, facts: DataFacts, checkpoint: CheckpointShape | None = None
) -> Estimate:
    """Size, work and memory of a run.

    Args:
        config: Its settings.
        facts: Its data.
        checkpoint: Shape of the checkpoint that `checkpoint_of` names, if it names one.

    Raises:
        ConfigError: If the scheduler cannot work with these settings.
    """
    size = model_size(config, facts, checkpoint)
    needed = work(config, facts, size, checkpoint)
    pretrained = config.capacity.encoder == "checkpoint" and checkpoint is not None
    layers = len(checkpoint.layers) if pretrained else max(1, config.capacity.depth)
    return Estimate(size, needed, memory(config, facts, size, needed, checkpoint), layers)


def likely_seconds(config: RunConfig, found: Estimate, speed: Speed) -> float:
    """How long the run is likely to take on a CPU, from its first moment to its last."""
    return seconds(config, found.work, found.layers, speed)
