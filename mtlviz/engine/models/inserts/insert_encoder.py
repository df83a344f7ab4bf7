"""An encoder with small parts inside, which change with the task whose text passes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from torch import Generator, Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.inserts.attention import extend
from mtlviz.engine.models.inserts.current import Current
from mtlviz.engine.models.inserts.method import InsertMethod, Spot
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.inserts.sites import Site, put
from mtlviz.engine.models.sharing.sharing import Paced, SharedEncoder
from mtlviz.engine.models.tokens import Tokens


class InsertedEncoder(SharedEncoder):
    """One encoder for all tasks, with a method's parts inside.

    The parts stand beside the encoder, so that names in its state stay those of its checkpoint.

    Args:
        method: What stands where.
        encoder: The shared encoder; hooks are put on its modules.
        tasks: Number of tasks.
        generator: Source of starting weights.

    Raises:
        ConfigError: The encoder has no place for them.
    """

    method: InsertMethod

    def __init__(
        self, method: InsertMethod, encoder: Encoder, tasks: int, generator: Generator
    ) -> None:
        super().__init__(method, encoder, tasks, generator)
        # A kept encoder drops out as one that trains: frozen weights alone are no other baseline.
        encoder.drops_out = True
        sites = encoder.sites()
        places = method.used(encoder.places)
        self.common = method.common(places, generator)
        own = [method.own_part(places, generator) for _ in range(tasks)]
        self.own = nn.ModuleList(part for part in own if part is not None)
        self.current = Current()
        encoder.surround(self.current.replay)
        for place in places:
            self._put(place, sites[place.layer, place.name])

    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """The embedding layer, with the task's inserts in use."""
        with self.current.at(task, tokens.mask):
            return super().embed(task, tokens)

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """The encoder, with the task's inserts in use."""
        with self.current.at(task, tokens.mask):
            return super().encode(task, inputs, tokens)

    def sets(self, task: int) -> list[nn.Module]:
        """The inserts that a task's texts pass at a place, in order."""
        common = [] if self.common is None else [self.common]
        return [*common, *([self.own[task]] if len(self.own) else [])]

    def shared_parameters(self) -> list[nn.Parameter]:
        """All of the encoder, and what all tasks train inside it."""
        common = [] if self.common is None else self.common.parameters()
        return [*super().shared_parameters(), *common]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """The task's own inserts."""
        return list(self.own[task].parameters()) if len(self.own) else []

    def paced(self) -> Sequence[Paced]:
        """The inserts, and their step size against that of all else."""
        return self.method.paced(self)

    def _put(self, place: Place, site: Site) -> None:
        if site.of_keys:
            model = getattr(self.encoder, "model", None)
            extend(site.module, partial(self._extended, place, site), model)
        else:
            put(site, partial(self._changed, place, site), place.key, self.current)

    def _changed(self, place: Place, site: Site, x: Tensor, y: Tensor) -> Tensor:
        return self.method.change_for(self, Spot(place, site, self.current.moment), x, y)

    def _extended(
        self, place: Place, site: Site, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        if self.current.moment is None:
            return keys, values
        spot = Spot(place, site, self.current.moment)
        for inserts in self.sets(spot.moment.task):
            keys, values = self.method.extend(inserts, spot, keys, values)
        return keys, values
