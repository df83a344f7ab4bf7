"""The modules of an encoder at its places, and how a change is put there: by hooks, never inside.

A hook on a module inside a layer is called again when a checkpointed layer is; one on the layer
itself is not. Names in the encoder's state stay those of its checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mtlviz.engine.models.inserts.current import Current
from mtlviz.engine.models.inserts.families import Family

Change = Callable[[Tensor, Tensor], Tensor]
"""From what comes in at a place and what goes out there, to what shall go out."""


@dataclass(frozen=True)
class Site:
    """A place as modules.

    Attributes:
        module: The module whose output is changed.
        before: Whether its input is changed, and not its output.
        reads: The module whose input a change is told; `module` itself if None.
        part: The part of the output that is meant, where one module makes several outputs.
        of_keys: Whether keys and values of attention are changed.
    """

    module: nn.Module
    before: bool = False
    reads: nn.Module | None = None
    part: slice | None = None
    of_keys: bool = False


Sites = Mapping[tuple[int, str], Site]
"""Sites by layer and name of their places."""


def layer_sites(layer: nn.Module, family: Family) -> dict[str, Site]:
    """The sites of a layer whose norms come last, as in BERT."""
    found = {name: layer.get_submodule(path) for name, path in family.modules.items()}
    last, entry = found["output_norm"], found["query"]
    return {
        **{name: Site(module) for name, module in found.items()},
        "inner": Site(found["contract"], before=True),
        "feed": Site(found["contract"], reads=found["expand"]),
        "sum": Site(last, before=True),
        "beside": Site(last, before=True, reads=entry),
        "heads": Site(layer.get_submodule(family.self_attention), of_keys=True),
    }


def stack_sites(layers: nn.Sequential, first: int = 0) -> dict[tuple[int, str], Site]:
    """The sites of linear layers with ReLU, and of their output."""
    linear = [module for module in layers if isinstance(module, nn.Linear)]
    active = [module for module in layers if isinstance(module, nn.ReLU)]
    found = {(first + layer, "map"): Site(module) for layer, module in enumerate(linear)}
    found |= {(first + layer, "inner"): Site(module) for layer, module in enumerate(active)}
    return {**found, (-1, "output"): Site(layers)}


def put(site: Site, change: Change, key: str, current: Current) -> None:
    """Let a change act at a site, whenever a task's inserts are in use.

    Args:
        site: Where.
        change: What shall go out there.
        key: Name of the place.
        current: Knows which task's inserts are in use.
    """
    if site.reads is not None:
        site.reads.register_forward_pre_hook(lambda module, given: current.keep(key, given[0]))

    def changed(x: Tensor, y: Tensor) -> Tensor:
        if current.moment is None:
            return y
        read = x if site.reads is None else current.moment.seen.pop(key)
        return _in_part(site.part, change, read, y)

    if site.before:
        site.module.register_forward_pre_hook(
            lambda module, given: (changed(given[0], given[0]), *given[1:])
        )
    else:
        site.module.register_forward_hook(lambda module, given, out: changed(given[0], out))


def _in_part(part: slice | None, change: Change, x: Tensor, y: Tensor) -> Tensor:
    """A change of a part of the output, in the output's own number format."""
    if part is None:
        return change(x, y).to(y.dtype)
    before, after = y[..., : part.start], y[..., part.stop :]
    return torch.cat([before, change(x, y[..., part]).to(y.dtype), after], dim=-1)
