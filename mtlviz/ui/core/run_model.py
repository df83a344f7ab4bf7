"""What a run's model is made of, as its way of sharing declares it."""

from mtlviz.engine.choices import sharing_of
from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.errors import MtlvizError
from mtlviz.figures.model import ModelParts
from mtlviz.ui.core import run_estimates


def model_of(config: RunConfig, known: DataFacts | None) -> ModelParts:
    """What a run's model is made of; without counts where the data is not counted yet.

    A way of sharing is drawn by what it declares: `beside`, `shares`, `trains_encoder`.
    """
    method = sharing_of(config)
    shared, own, frozen = _counts(config, known)
    return ModelParts(
        tasks=tuple(task.name for task in config.data.tasks),
        trunk=ENCODERS[config.capacity.encoder].title,
        shared=shared,
        own=own,
        frozen=frozen,
        in_common=method.beside.common,
        own_parts=method.beside.own,
        shares=method.shares,
        meets=method.meets,
        trained=method.trains_encoder and not config.capacity.frozen,
    )


def _counts(
    config: RunConfig, known: DataFacts | None
) -> tuple[int | None, tuple[int, ...] | None, int]:
    if known is None:
        return None, None, 0
    try:
        size = run_estimates.estimated(config, known).size
    except MtlvizError:  # Told where time and memory are.
        return None, None, 0
    return size.shared, tuple(size.tasks), size.frozen
