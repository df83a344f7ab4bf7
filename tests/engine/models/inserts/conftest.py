"""Tiny encoders of every family that inserts know, with one way of sharing or another."""

from functools import cache

import pytest
import torch

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.models.tokens import Tokens
from tests.checkpoints import write_model

FAMILIES = ("bert", "roberta", "distilbert", "electra", "transformer")
SIZES = {"electra": {"embedding_size": 8}}


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Folder of a random checkpoint of each family."""
    root = tmp_path_factory.mktemp("families")

    @cache
    def folder(family):
        write_model(root / family, family, **SIZES.get(family, {}))
        return str(root / family)

    return folder


@pytest.fixture(scope="session")
def run_of(folders):
    """Settings of a run with an encoder of a family."""

    def make(family, sharing="hard", recompute=False, options=None, **changes):
        own = family == "transformer"
        chosen = {"encoder": "transformer" if own else "checkpoint", "width": 8, "depth": 2}
        chosen |= {} if own else {"checkpoint": folders(family)}
        capacity = CapacityConfig(
            **{**chosen, "attention_heads": 2, "dropout": 0.0, **changes},
            sharing=sharing,
            sharing_options=options or {},
        )
        tasks = tuple(TaskConfig(name=name) for name in ("one", "two"))
        return RunConfig(
            data=DataConfig(tasks=tasks, max_length=16),
            capacity=capacity,
            optimisation=OptimisationConfig(gradient_checkpointing=recompute),
        )

    return make


@pytest.fixture
def sharing_of_family(run_of):
    """A way of sharing with an encoder of a family, in float64, inserts moved from their start."""

    def make(family, sharing="hard", *, moved=True, **settings):
        run = run_of(family, sharing, **settings)
        generator = torch.Generator().manual_seed(1)
        words = torch.randn(60, 6, generator=generator) if family == "transformer" else None
        method = SHARING[sharing](**run.capacity.sharing_options)
        made = method.make(
            lambda: ENCODERS[run.capacity.encoder]().make(run, words, generator), 2, generator
        ).double()
        if moved:
            move(made)
        return made.train()

    return make


def move(sharing, seed=2):
    """Give inserts other values than those they start with."""
    drawn = torch.Generator().manual_seed(seed)
    for parameter in (p for each in sharing.paced() for p in each.parameters):
        with torch.no_grad():
            parameter += 0.2 * torch.randn(parameter.shape, generator=drawn, dtype=torch.float64)


@pytest.fixture
def tokens():
    """Three texts of different lengths."""
    drawn = torch.Generator().manual_seed(4)
    mask = torch.arange(6) < torch.tensor([[6], [4], [2]])
    ids = torch.randint(4, 60, (3, 6), generator=drawn).masked_fill(~mask, 0)
    return Tokens(ids, mask, real=12)


def loss(vectors):
    """A number that depends on every entry differently."""
    weights = torch.linspace(-1, 2, vectors.numel(), dtype=vectors.dtype).view_as(vectors)
    return (vectors * weights).sum()
