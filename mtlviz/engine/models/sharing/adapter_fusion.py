"""AdapterFusion: first an adapter for each task, then attention of each task over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.inserts.method import Spot
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.sharing.method import Beside, Kept, SharingSize
from mtlviz.engine.models.sharing.pfeiffer import Pfeiffer, Reduction
from mtlviz.engine.phase_config import PhaseConfig
from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.sharing.sharing import Paced


class AdapterFusion(Pfeiffer):
    """Train an adapter for each task; then keep them all, and let each task attend to all of them.

    A run has two phases. In the first each task trains its adapter (as in Pfeiffer adapters). From
    the second on these are kept, and each task trains its own attention in every layer: with u the
    sum that the layer's last norm reads, q = W_q LN(u) + b_q asks what each task's adapter n adds,
    z_n. With s = softmax_n(q · (W_k z_n + b_k)), the norm gets u + Σ_n s_n (I + D) z_n.

    That is 3 h² + 2 h numbers a layer of width h for each task, beside its adapter: a fifth of
    BERT. Nothing that trains is shared: tasks help through what their adapters know.
    D starts close to zero, and AdamW's weight decay pulls it there, as the publication's penalty
    pulls its V to the identity. Phases that a run names itself take the place of half and half.

    Args:
        reduction: How many times narrower than the layer an adapter is.
        deviation: Spread of its starting weights.
        pace: Step size of adapters as a multiple of the learning rate; that of the attention is
            half of it, as published. Empty: 5 with a checkpoint (published: 1e-4; about 2e-5 for
            training everything), else 1.

    Reference:
        Pfeiffer et al., EACL 2021, section 3.2; https://arxiv.org/abs/2005.00247. What asks and
        what is added as in AdapterHub's BertFusion.
    """

    title = "AdapterFusion"
    meets = "each task reads what the others' adapters have learned"
    stages = (
        PhaseConfig(share=0.5, warmup=0.1, decay="linear"),
        PhaseConfig(share=0.5, warmup=0.1, decay="linear", optimiser="reset"),
    )

    def __init__(
        self,
        *,
        reduction: Reduction = 16,
        deviation: AboveZero = 0.01,
        pace: AboveZero | None = None,
    ) -> None:
        super().__init__(reduction=reduction, deviation=deviation, pace=pace)

    @property
    def beside(self) -> Beside:
        """Each task's adapters, and its attention over those of all."""
        return Beside(("adapters in the layers", "attention over all adapters"))

    def check(self, config: RunConfig, kinds: Sequence[str] = ()) -> None:
        """As for all inserts, and there is a second phase to fuse in.

        Raises:
            ConfigError: If there is not.
        """
        super().check(config, kinds)
        if len(config.optimisation.phases) == 1:
            raise ConfigError(
                "AdapterFusion trains adapters in the first phase and fuses them from the second "
                "on, but the run names one phase; name two, or none for half and half."
            )

    def size(self, encoder: EncoderSize, tasks: int) -> SharingSize:
        """Adapter and attention of each task; a token passes all adapters, keys and values."""
        places = self.used(encoder.places)
        adapters, fusions = self.numbers(places), sum(map(_fusion_size, places))
        squares = sum(place.outputs**2 for place in places)
        passed = tasks * (adapters + 2 * squares) + squares
        return SharingSize(adapters + fusions, 0, passed)

    def kept(self, encoder: EncoderSize, tasks: int) -> Kept:
        """Of every adapter its inside, what it adds and its keys; and the query and the mixture."""
        places = self.used(encoder.places)
        each = sum(2 * place.outputs + place.narrowed(self.reduction) for place in places)
        asked = sum(3 * place.outputs for place in places)
        return super().kept(encoder, tasks)._replace(more=tasks * each + asked)

    def common(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """Which phase it is."""
        from mtlviz.engine.models.inserts.fusion import Stage

        return Stage()

    def own_part(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """The task's adapter and attention at each place."""
        from torch import nn

        from mtlviz.engine.models.inserts.fusion import Fusion

        fusions = {place.key: Fusion(place.outputs, generator) for place in places}
        return nn.ModuleDict({
            "adapters": self.inserts(places, generator), "fusions": nn.ModuleDict(fusions)
        })  # fmt: skip

    def begin_phase(self, module: Any, number: int) -> Iterable[nn.Parameter]:
        """Adapters train in the first phase, attention in the others."""
        module.common.fuses.fill_(number > 0)
        kept = "adapters" if number else "fusions"
        return [p for own in module.own for p in own[kept].parameters()]

    def paced(self, module: Any) -> tuple[Paced, ...]:
        """The attention trains half as fast as adapters."""
        from mtlviz.engine.models.sharing.sharing import Paced

        factor = self.factor(module)
        return tuple(
            Paced([p for own in module.own for p in own[part].parameters()], share * factor)
            for part, share in (("adapters", 1.0), ("fusions", 0.5))
        )

    def change_for(self, module: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """The sum, and what the task's adapter adds, or its attention over all of them."""
        from mtlviz.engine.models.inserts.parts import normed

        key, read = spot.place.key, normed(spot.site.module, y)
        own = module.own[spot.moment.task]
        if not module.common.fuses:
            return y + own["adapters"][key].added(read)
        found = [each["adapters"][key].added(read) for each in module.own]
        return y + own["fusions"][key](read, found)


def _fusion_size(place: Place) -> int:
    """Queries, keys and values; the first two with a bias."""
    return 3 * place.outputs**2 + 2 * place.outputs
