"""CONTINUAL: what may be done so that tasks learned earlier are not forgotten. Needs no torch.

A method is a function of its options that returns a `Recipe`: what is kept of earlier tasks, and
what an update makes of it. The toy and the text engine carry out the same recipes.
"""

from mtlviz.engine.continual.methods import (
    agem,
    ewc,
    frozen,
    gem,
    inserts,
    joint,
    lwf,
    ogd,
    replay,
    retrain,
    sequential,
)
from mtlviz.engine.continual.recipe import Recipe
from mtlviz.methods import Registry

CONTINUAL = Registry("method against forgetting", {
    "sequential": sequential,
    "frozen": frozen,
    "inserts": inserts,
    "retrain": retrain,
    "joint": joint,
    "replay": replay,
    "ewc": ewc,
    "lwf": lwf,
    "agem": agem,
    "gem": gem,
    "ogd": ogd,
})  # fmt: skip


def make_recipe(name: str, **options: object) -> Recipe:
    """The named method with its options set.

    Raises:
        ConfigError: If the name or an option is unknown, or an option's value is not allowed.
    """
    return CONTINUAL[name](**options)
