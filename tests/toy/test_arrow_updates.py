"""Every method's update of arrows on a plane: the engine's numbers, in the order on screen."""

import math

import numpy as np
import pytest

from mtlviz.engine.combiners import make_combiner
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_updates import combination, combinations, effect, scene, trace
from mtlviz.toy.arrows import OVERLAYS, ArrowsConfig


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_picture_on_two_tasks_is_the_registered_combiners(name):
    gram = scene(ArrowsConfig()).gram
    expected = make_combiner(name)(gram, np.random.default_rng(5)).weights
    np.testing.assert_allclose(combination(name, gram, (0, 1)).weights, expected, rtol=1e-12)


def test_pcgrad_follows_the_order_on_screen_to_the_published_exhibit():
    # Gradients at 0, 160 and 200 degrees: 110, 134.1 or 141.5 degrees or their mirror images.
    config = ARROW_PRESETS["three"].config
    shown = scene(config)
    found = set()
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        tip = combination("pcgrad", shown.gram, order).weights @ shown.coordinates
        found.add(round(abs(math.degrees(math.atan2(tip[1], tip[0]))), 1))
    assert found == {110.0, 134.1, 141.5}


def test_a_task_that_visits_itself_turns_one_of_the_orders_to_90_degrees():
    shown = scene(ARROW_PRESETS["three"].config)
    directions = set()
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        tip = combination("pcgrad_libmtl", shown.gram, order).weights @ shown.coordinates
        directions.add(round(abs(math.degrees(math.atan2(tip[1], tip[0])))))
    assert 90 in directions
    assert 110 not in directions


def test_the_slow_motion_adds_up_to_the_update():
    config = ARROW_PRESETS["crowd"].config
    gram = scene(config).gram
    weights = np.ones(5)
    for visit in trace(config, gram):
        weights[visit.other] -= visit.removed
    np.testing.assert_allclose(weights, combinations(config, gram)["pcgrad"].weights)


def test_predicted_changes_and_lengths_of_two_tasks_worked_by_hand():
    # g1 = (1, 0), g2 = (-1, 1): the sum is (0, 1), at right angles to g1 and along g2.
    config = ArrowsConfig().changed(arrows=((1.0, 0.0), (-1.0, 1.0)), methods=("sum", "pcgrad"))
    gram = scene(config).gram
    results = combinations(config, gram)
    plain = effect(config, gram, results["sum"])
    np.testing.assert_allclose(plain.changes, [0.0, -0.1], atol=1e-12)
    # PCGrad: (0.5, 0.5) + (0, 1) = (0.5, 1.5), length √2.5.
    surgery = effect(config, gram, results["pcgrad"])
    np.testing.assert_allclose(surgery.changes, [-0.05, -0.1])
    assert surgery.relative == pytest.approx(math.sqrt(2.5))
    assert effect(config.changed(match=True), gram, results["pcgrad"]).relative == pytest.approx(1)
