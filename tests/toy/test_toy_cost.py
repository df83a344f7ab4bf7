"""Settings that would keep a page waiting are refused before they start."""

import time

import pytest

from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import check_cost, estimated_seconds, train

HUGE = {
    "tasks": 5, **{f"t{task}.points": 1000 for task in range(1, 6)},
    "seeds": 64, "capacity": 16, "activation": "relu", "steps": 2000,
}  # fmt: skip


@pytest.mark.parametrize("name", PRESETS)
def test_every_story_is_far_below_the_limit(name):
    assert estimated_seconds(PRESETS[name].config) < 3


def test_the_largest_settings_are_refused_with_their_length():
    with pytest.raises(ConfigError, match=r"about [0-9]+ minutes"):
        check_cost(ToyConfig().with_values(HUGE))


@pytest.mark.parametrize("key", ["seeds", "steps", "t1.points", "tasks"])
def test_more_of_anything_takes_longer(key):
    more = {"seeds": 32, "steps": 400, "t1.points": 900, "tasks": 5}[key]
    assert estimated_seconds(ToyConfig().with_values({key: more})) > estimated_seconds(ToyConfig())


def test_taking_turns_is_counted():
    turns = ToyConfig().with_values({"scheduler": "round_robin"})
    assert estimated_seconds(turns) == pytest.approx(3 * estimated_seconds(ToyConfig()))


def test_the_estimate_has_the_right_order_of_magnitude():
    config = ToyConfig().with_values({"steps": 60})
    train(config)
    start = time.process_time()
    train(config)
    spent = time.process_time() - start
    assert 0.1 < estimated_seconds(config) / spent < 10
