import numpy as np
import pytest

from mtlviz.engine.measures.transfer import transfer
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.own import resplit_ratio
from mtlviz.toy.program import train
from mtlviz.toy.summary import summarise


def noise_table(seed):
    """Two tasks whose labels say nothing about their points."""
    places = np.random.default_rng(seed).normal(size=(2, 40, 2))
    points = tuple(
        (task, float(x), float(y), row % 2)
        for task in (0, 1)
        for row, (x, y) in enumerate(places[task])
    )
    return ToyConfig(
        source="table", own_points=points, seeds=16, steps=40, learning_rate=1.0,
        tasks=(TaskScene(), TaskScene()),
    )  # fmt: skip


def test_the_ratio_is_that_of_the_split_and_clouds_have_none():
    config = noise_table(0)
    scene = train(config.model_copy(update={"steps": 1})).scene
    held, used = (np.count_nonzero(signs[0, 0]) for signs in (scene.held_out_signs, scene.signs))
    assert (held, used) == (12, 28)
    assert resplit_ratio(config, 0) == pytest.approx(held / used)
    assert resplit_ratio(config.model_copy(update={"source": "clouds"}), 0) == 0


def test_splits_of_tables_of_pure_noise_seldom_give_a_verdict():
    wrong = {"independent": 0, "corrected": 0}
    for seed in range(60):
        config = noise_table(seed)
        together, alone = train(config, ((0, 1), (0,))).accuracy[-1, :, 0]
        for name, ratio in (("independent", 0.0), ("corrected", resplit_ratio(config, 0))):
            found = transfer(together, alone, resplit=ratio)
            wrong[name] += found.verdict != "undecided"
    assert wrong["corrected"] <= 0.08 * 60
    assert wrong["independent"] > 0.08 * 60


def test_what_the_page_shows_of_a_table_is_corrected():
    config = noise_table(1)
    result = train(config)
    gains = result.gains((0, 1), 0)[-1]
    plain, corrected = (transfer(gains / 100, 0 * gains, resplit=r) for r in (0, 12 / 28))
    summary = summarise(result)
    assert corrected.high > plain.high
    assert summary.transfers[(0, 1), 0].high == pytest.approx(corrected.high)
    assert summary.bands["transfer", (0, 1)].high[-1] == pytest.approx(corrected.high)
