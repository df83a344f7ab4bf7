"""Networks that the papers' experiments train in one go are the engine's ways of sharing."""

import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.models.encoders.mean import Mean
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.models.tokens import Tokens
from tests.benchmarks.papers_networks import WAYS, Data, after, new_networks, one, train

WIDTH = 3


def data(networks=2, tasks=2, seeds=(0, 1)):
    generator = torch.Generator().manual_seed(5)
    vectors = torch.randn(networks, tasks, 20, 4, generator=generator)
    labels = torch.randint(2, (networks, tasks, 20), generator=generator)
    classes = torch.full((networks, tasks), 2)
    return Data(vectors, labels, classes, torch.ones(networks, tasks), seeds)


@pytest.mark.parametrize("way", WAYS)
def test_outputs_are_those_of_the_engines_way_of_sharing(way):
    given = data()
    nets = new_networks(given, way, WIDTH, 0.05)
    train(nets, given, 3, 5, 0.1, 0)
    single = one(nets, 1, 1)
    config = RunConfig(
        data=DataConfig(tasks=(TaskConfig(name="any"),)),
        capacity=CapacityConfig(width=WIDTH, train_vectors=False, dropout=0.0),
    )
    generator = torch.Generator().manual_seed(0)
    # A sentence is a text of one word whose vector is the sentence's.
    table = given.train[1, 1]
    sharing = SHARING[way]().make(lambda: Mean().make(config, table, generator), 2, generator)
    with torch.no_grad():
        sharing.encoder.layers[0].weight.copy_(single.shared[0][0, 0].T)
        sharing.encoder.layers[0].bias.copy_(single.shared[1].flatten())
        if way == "aligned":
            sharing.changes[1].copy_(single.turns[0, 0])
        if way == "control":
            sharing.down[1].copy_(single.maps[0][0, 0])
            sharing.up[1].copy_(single.maps[1][0, 0])
        rows = torch.arange(20)[:, None]
        found = sharing(1, Tokens(rows, torch.ones(20, 1, dtype=torch.bool)))
        assert_close(found, single.encode(table[None, None])[0, 0])


def test_control_has_the_engines_number_of_parameters():
    given = data()
    sharing_config = RunConfig(
        data=DataConfig(tasks=(TaskConfig(name="any"),)),
        capacity=CapacityConfig(width=WIDTH, train_vectors=False),
    )
    generator = torch.Generator().manual_seed(0)
    made = SHARING["control"]().make(
        lambda: Mean().make(sharing_config, given.train[0, 0], generator), 2, generator
    )
    nets = new_networks(given, "control", WIDTH, 0.05)
    assert nets.maps[0].shape[2:] == made.down[0].shape
    assert nets.maps[1].shape[2:] == made.up[0].shape


def test_networks_side_by_side_do_not_feel_one_another():
    both = data()
    alone = Data(
        both.train[1:], both.labels[1:], both.classes[1:], both.weights[1:], both.seeds[1:]
    )
    nets, single = (new_networks(each, "aligned", WIDTH, 0.05) for each in (both, alone))
    train(nets, both, 4, 5, 0.1, 0)
    train(single, alone, 4, 5, 0.1, 0)
    assert_close(nets.turns[1], single.turns[0])
    assert_close(nets.shared[0][1], single.shared[0][0])


@pytest.mark.parametrize("way", ["aligned", "control"])
def test_algorithm_1_leaves_the_shared_layer_as_it_is(way):
    given = data()
    plain = new_networks(given, "hard", WIDTH, 0.05)
    train(plain, given, 2, 5, 0.1, 0)
    nets = after(plain, given, way, 0.05)
    assert_close(nets.logits(given.train), plain.logits(given.train))
    train(nets, given, 2, 5, 0.1, 1)
    assert torch.equal(nets.shared[0], plain.shared[0])
    moved = nets.turns if way == "aligned" else nets.maps[1]
    assert moved.abs().max() > 0
    assert not torch.equal(nets.heads[0], plain.heads[0])


def test_a_weight_of_zero_keeps_a_tasks_head_as_it_was():
    given = data()
    weights = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    lighter = Data(given.train, given.labels, given.classes, weights, given.seeds)
    nets, start = (new_networks(lighter, "hard", WIDTH, 0.05) for _ in range(2))
    train(nets, lighter, 2, 5, 0.0, 0)
    assert torch.equal(nets.heads[0][0, 1], start.heads[0][0, 1])
    assert not torch.equal(nets.heads[0][1, 1], start.heads[0][1, 1])
