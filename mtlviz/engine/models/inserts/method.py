"""What ways of sharing that put something inside an encoder have in common, known without torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.inserts.families import FAMILIES
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.sharing.method import (
    Beside,
    Kept,
    SharingMethod,
    SharingSize,
    Variant,
)
from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.inserts.current import Moment
    from mtlviz.engine.models.inserts.sites import Site
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Paced, Sharing

Owner = Literal["task", "all", "both"]


class Spot(NamedTuple):
    """A place of an encoder while a text passes it.

    Attributes:
        place: The place.
        site: Its modules.
        moment: Whose text it is, and which tokens are real.
    """

    place: Place
    site: Site
    moment: Moment


class InsertMethod(SharingMethod):
    """A way of sharing that puts small parts inside an encoder, which itself is kept as it is.

    A subclass names its places and makes what stands at one of them; `mtlviz.engine.models.inserts`
    puts it there. It hands on to this class what it does not take itself.

    Args:
        owner: Whose the inserts are: each task its own, the same for all, or both in turn.
        variant: 'fixed' keeps the encoder as it is, 'joint' trains it too.
        pace: Step size of the inserts as a multiple of the learning rate; the published one if
            empty.

    Attributes:
        places: Names of the places where inserts stand in the layers of a transformer.
        elsewhere: Those in encoders that have none of these.
        lacks: Why it cannot be used where an encoder has no such place.
        published_pace: Step size in publications, as a multiple of that of training everything.
    """

    places: ClassVar[tuple[str, ...]] = ()
    elsewhere: ClassVar[tuple[str, ...]] = ()
    lacks: ClassVar[str] = "it has no place for them"
    published_pace: ClassVar[float] = 1.0

    def __init__(
        self,
        *,
        owner: Owner = "task",
        variant: Variant = "fixed",
        pace: AboveZero | None = None,
    ) -> None:
        self.owner, self.trains_encoder, self.pace = owner, variant == "joint", pace

    @property
    def beside(self) -> Beside:
        """The inserts, whosever they are."""
        named = (f"{getattr(self, 'title', 'inserts')} in the layers",)
        return Beside(() if self.owner == "all" else named, () if self.owner == "task" else named)

    @property
    def trains_shared(self) -> bool:
        """Whether the encoder trains, or inserts that all tasks pass."""
        return self.trains_encoder or self.owner != "task"

    def check(self, config: RunConfig, kinds: Sequence[str] = ()) -> None:
        """Refuse settings that contradict inserts, and encoders without a place for them.

        A checkpoint's family is known where its files are read: see `check_encoder`.

        Raises:
            ConfigError: If they do, or it has none.
        """
        from mtlviz.engine.models.encoders import ENCODERS

        capacity, name = config.capacity, config.capacity.sharing
        if capacity.frozen:
            raise ConfigError(
                f"`capacity.frozen` trains heads only, so that the inserts of {name} could not "
                "train; leave it off: with variant 'fixed' the encoder is kept as it is anyway."
            )
        if config.optimisation.compile:
            raise ConfigError(
                f"Compiled layers cannot change inserts with the task, as {name} does; leave "
                "`optimisation.compile` off."
            )
        if ENCODERS[capacity.encoder].method.uses_word_vectors:
            self.check_encoder(config)

    def check_encoder(self, config: RunConfig, shape: CheckpointShape | None = None) -> None:
        """Refuse an encoder without a place for inserts.

        Raises:
            ConfigError: If it has none.
        """
        from mtlviz.engine.models.encoders import ENCODERS

        name, encoder = config.capacity.sharing, ENCODERS[config.capacity.encoder]()
        places = encoder.places(config, config.capacity.vector_width, shape)
        if shape is not None and not places:
            raise ConfigError(
                f"{name} knows the layers of {', '.join(FAMILIES)}, but this checkpoint is of "
                f"{shape.model_type or 'no known family'}."
            )
        self.chosen(places, name, encoder.noun)

    def chosen(self, places: Sequence[Place], name: str, noun: str) -> tuple[Place, ...]:
        """The places of an encoder that it uses.

        Args:
            places: All of the encoder's.
            name: Its own name, for messages.
            noun: What messages call the encoder.

        Raises:
            ConfigError: If the encoder has none that it can use.
        """
        for wanted in (self.places, self.elsewhere):
            if found := tuple(place for place in places if place.name in wanted):
                return found
        raise ConfigError(f"{name} cannot be put into {noun}: {self.lacks}.")

    def used(self, places: Sequence[Place]) -> tuple[Place, ...]:
        """The places that it uses, of an encoder that has not been checked by name.

        Raises:
            ConfigError: If the encoder has none that it can use.
        """
        return self.chosen(places, str(getattr(self, "title", "This")), "this encoder")

    def size(self, encoder: EncoderSize, tasks: int) -> SharingSize:
        """Parameters of one set of inserts for every owner."""
        each = self.numbers(self.used(encoder.places))
        own, shared = (each if self.owner != other else 0 for other in ("all", "task"))
        return SharingSize(own, shared, own + shared)

    def numbers(self, places: Sequence[Place]) -> int:
        """Parameters of one set of inserts at these places."""
        return sum(map(self.numbers_at, places))

    def numbers_at(self, place: Place) -> int:
        """Parameters of what stands at one place."""
        raise NotImplementedError

    def kept(self, encoder: EncoderSize, tasks: int) -> Kept:
        """What the encoder keeps, and one set of inserts for every owner."""
        sets = 2 if self.owner == "both" else 1
        more = sum(map(self.kept_at, self.used(encoder.places)))
        return super().kept(encoder, tasks)._replace(more=sets * more)

    def kept_at(self, place: Place) -> float:
        """Numbers a token that the insert at one place keeps for its backward pass."""
        return 0.0

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """The shared encoder with the inserts in it."""
        from mtlviz.engine.models.inserts.insert_encoder import InsertedEncoder

        return InsertedEncoder(self, make_encoder(), tasks, generator)

    def common(self, places: Sequence[Place], generator: Generator) -> nn.Module | None:
        """What all tasks train; None if nothing."""
        return None if self.owner == "task" else self.inserts(places, generator)

    def own_part(self, places: Sequence[Place], generator: Generator) -> nn.Module | None:
        """What one task trains; None if nothing."""
        return None if self.owner == "all" else self.inserts(places, generator)

    def inserts(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """One set of inserts: by default a module for each place."""
        from torch import nn

        return nn.ModuleDict({place.key: self.insert(place, generator) for place in places})

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """What stands at one place: takes what comes in and what goes out, gives what shall."""
        raise NotImplementedError

    def paced(self, module: Any) -> tuple[Paced, ...]:
        """Parameters of the module with a step size of their own: all inserts."""
        from mtlviz.engine.models.sharing.sharing import Paced

        common = [] if module.common is None else module.common.parameters()
        return (Paced([*common, *module.own.parameters()], self.factor(module)),)

    def factor(self, module: Any) -> float:
        """Step size of inserts as a multiple of the learning rate."""
        if self.pace is not None:
            return self.pace
        return self.published_pace if module.encoder.pretrained else 1.0

    def change(self, inserts: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """What shall go out at a place.

        Args:
            inserts: What `inserts` returned.
            spot: The place.
            x: What comes in there.
            y: What goes out there.
        """
        return inserts[spot.place.key](x, y)

    def change_for(self, module: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """The same for a task: through what is common, then through what is its own."""
        for inserts in module.sets(spot.moment.task):
            y = self.change(inserts, spot, x, y)
        return y

    def extend(
        self, inserts: Any, spot: Spot, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Keys and values of attention (N, H, T, d), with what the place 'heads' adds in front."""
        return keys, values
