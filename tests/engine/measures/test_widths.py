"""Sweeps over widths: bands, best widths, and what is missing stays out."""

import numpy as np
import pytest

from mtlviz.engine.measures.widths import Sweep, band, best, differences, task_differences


def sweep(together, alone):
    """From scores of shape (W, S): two tasks, the second a tenth better."""
    widths = np.array([1, 2, 4])[: len(together)]
    both = [np.stack([scores, np.add(scores, 0.1)], axis=-1) for scores in (together, alone)]
    return Sweep(widths, *both)


TOGETHER = np.array([[0.4, 0.5, 0.6], [0.70, 0.73, 0.76], [0.7, 0.7, 0.7]])
ALONE = np.array([[0.6, 0.6, 0.6], [0.6, 0.62, 0.64], [0.6, 0.6, 0.6]])


def test_a_band_is_the_mean_over_tasks_with_its_interval_over_seeds():
    found = band(sweep(TOGETHER, ALONE).together)
    np.testing.assert_allclose(found.mean, [0.55, 0.78, 0.75])
    # Student's t with two degrees of freedom: 4.3027 · 0.1 / √3.
    assert found.high[0] - found.mean[0] == pytest.approx(4.3027 * 0.1 / np.sqrt(3), rel=1e-4)
    assert found.low[2] == pytest.approx(found.high[2])


def test_the_best_widths_are_compared_over_paired_seeds():
    found = best(sweep(TOGETHER, ALONE))
    assert (found.together, found.alone, found.summed, found.apart) == (2, (2, 2), 4, False)
    assert found.found.mean == pytest.approx(11.0)
    assert found.found.seeds == 3


def test_of_widths_about_as_good_the_smallest_is_taken():
    together = TOGETHER.copy()
    together[2] = together[1] + 0.002
    assert best(sweep(together, ALONE)).together == 2
    together[2] = together[1] + 0.004
    assert best(sweep(together, ALONE)).together == 4


def test_with_many_seeds_half_choose_and_half_score():
    generator = np.random.default_rng(0)
    noise = generator.normal(0.5, 0.1, size=(2, 3, 8))
    found = best(sweep(*noise))
    assert found.apart
    assert found.found.seeds == 4
    shared, own = (int(each[:, ::2].mean(axis=1).argmax()) for each in noise)
    assert (found.together, found.alone) == ([1, 2, 4][shared], ([1, 2, 4][own],) * 2)
    odd = noise[0, shared, 1::2].mean() - noise[1, own, 1::2].mean()
    assert found.found.mean == pytest.approx(100 * odd)


def test_runs_that_are_not_finished_are_left_out_and_not_counted_as_zero():
    together, alone = TOGETHER.copy(), ALONE.copy()
    together[:, 2] = np.nan
    alone[2] = np.nan
    found = sweep(together, alone)
    points = differences(found)
    assert [each and each.seeds for each in points] == [2, 2, None]
    assert points[1].mean == pytest.approx(100 * (0.715 - 0.61))
    top = best(found)
    assert (top.together, top.found.seeds) == (2, 2)
    assert best(sweep(np.full((3, 3), np.nan), alone)) is None


def test_each_task_is_compared_at_its_own_width():
    points = task_differences(sweep(TOGETHER, ALONE), 2, (1, 2))
    assert [each.mean for each in points] == pytest.approx([13.0, 11.0])
