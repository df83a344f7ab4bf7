import numpy as np
import pytest

from mtlviz.errors import ConfigError
from mtlviz.toy import map as toy_map
from mtlviz.toy.axes import axis_values, map_keys, moved
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.map import transfer_map
from mtlviz.toy.program import train

CONFIG = ToyConfig(
    tasks=(
        TaskScene(points=30, noise=0.1),
        TaskScene(points=30, angle=20),
        TaskScene(points=30, x=2, y=1),
    ),
    seeds=4,
    steps=20,
)


def last(parts):
    return list(parts)[-1]


@pytest.mark.parametrize(
    ("row", "column", "changes"),
    [
        (("t3.angle", (-60.0, 0.0, 45.0)), ("t3.direction", (0.0, 90.0, 200.0)), {}),
        (("capacity", (1, 2, 3)), ("learning_rate", (0.1, 0.5, 1.0)), {}),
        (("t1.points", (10, 20, 40)), ("t3.spread", (0.5, 1.0, 2.0)), {"activation": "relu"}),
        (("t2.angle", (0.0, 90.0, 180.0)), ("t3.noise", (0.0, 0.2, 0.5)),
         {"combiner": "mgda", "scheduler": "joint"}),
        (("t2.angle", (0.0, 90.0)), ("steps", (5, 10)), {"scheduler": "proportional"}),
        (("t2.angle", (0.0, 90.0)), ("t1.x", (0.0, 1.0)), {"own_points": ((0, 1.0, 1.0, 0),)}),
    ],
)  # fmt: skip
def test_the_map_equals_training_each_setting_alone(row, column, changes):
    config = CONFIG.model_copy(update=changes)
    found = last(transfer_map(config, row, column, (0, 1, 2), 0))
    assert found.progress == 1
    for i, first in enumerate(row[1]):
        for j, second in enumerate(column[1]):
            alone = moved(config, {row[0]: first, column[0]: second})
            result = train(alone, ((0,), (0, 1, 2)))
            gains = result.gains((0, 1, 2), 0)[-1]
            assert found.transfer[i, j] == pytest.approx(gains.mean(), abs=0.11)
            assert found.half_width[i, j] >= 0


def test_the_map_is_refined_from_coarse_to_fine(monkeypatch):
    monkeypatch.setattr(toy_map, "_CHUNK", 30_000)
    config = CONFIG.model_copy(update={"steps": 1})
    values = tuple(np.linspace(-80, 80, 17))
    parts = list(transfer_map(config, ("t3.angle", values), ("t2.angle", values), (0, 2), 0))
    assert len(parts) > 2
    assert np.isnan(parts[0].transfer).any()
    assert np.isfinite(parts[0].transfer[::8, ::8]).all()
    shares = [np.isfinite(part.transfer).mean() for part in parts]
    assert shares == [part.progress for part in parts]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_direction_turns_the_cloud_around_the_origin():
    turned = moved(CONFIG, {"t3.direction": 90.0}).tasks[2]
    assert (turned.x, turned.y) == pytest.approx((0, 5**0.5), abs=1e-3)
    assert moved(CONFIG, {"t1.direction": 180.0}).tasks[0].x == -2


@pytest.mark.parametrize("key", map_keys(CONFIG))
def test_every_axis_has_values_that_are_allowed(key):
    for value in axis_values(CONFIG, key, 20):
        moved(CONFIG, {key: value})


@pytest.mark.parametrize("key", ["t1.angle", "t2.rotation", "t3.direction"])
def test_an_axis_around_the_circle_has_no_setting_twice(key):
    assert axis_values(CONFIG, key, 4) == (-180, -90, 0, 90)


def test_an_axis_that_is_not_numeric_is_refused():
    with pytest.raises(ConfigError, match="cannot be an axis"):
        axis_values(CONFIG, "combiner", 5)
    with pytest.raises(ConfigError, match="needs an arm"):
        last(transfer_map(CONFIG, ("t1.x", (0,)), ("t1.y", (0,)), (0, 1), 2))
