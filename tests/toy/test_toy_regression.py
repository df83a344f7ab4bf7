import numpy as np
import pytest

from mtlviz.toy.regression import (
    RegressionConfig,
    _shared_fit,
    regression_curves,
    regression_parts,
    warning,
)


@pytest.fixture(scope="module")
def curves():
    return regression_curves(RegressionConfig())


def test_the_same_covariance_helps_at_every_size(curves):
    assert (curves["T2"].median < -0.6).all()
    assert (curves["T2"].high < 0).all()


@pytest.mark.parametrize("source", ["T3", "T4"])
def test_other_covariances_hurt_first_and_help_with_many_samples(curves, source):
    found = curves[source]
    sizes = found.samples.tolist()
    assert abs(found.median[sizes.index(5)]) < 0.15
    assert found.median[sizes.index(100)] > 0.3
    assert found.low[sizes.index(100)] > 0
    assert found.median[sizes.index(1600)] < -0.15
    assert found.high[sizes.index(1600)] < 0


def test_the_interval_encloses_the_median_with_order_statistics(curves):
    for found in curves.values():
        assert (found.low <= found.median).all()
        assert (found.median <= found.high).all()
        # Of 30 repetitions the 10th smallest and 10th largest enclose it with 95.7 %.
        np.testing.assert_array_equal(found.low, np.sort(found.changes)[:, 9])
        np.testing.assert_array_equal(found.high, np.sort(found.changes)[:, 20])


def test_even_the_first_part_has_repetitions_enough_for_95_percent():
    config = RegressionConfig(seeds=7, samples=(5,), rounds=1)
    first = next(regression_parts(config)).curves["T2"]
    # Smallest and largest of n enclose the median unless all n lie on one side of it.
    assert 1 - 2 * 0.5 ** first.changes.shape[-1] >= 0.95
    assert first.low == first.changes.min()
    assert first.high == first.changes.max()


def test_one_task_alone_is_ridge_regression():
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(20, 4)), generator.normal(size=20)
    gram, moment = x.T @ x, x.T @ y
    ols = np.linalg.lstsq(x, y, rcond=None)[0]
    np.testing.assert_allclose(_shared_fit([(gram, moment)], 1), ols, rtol=1e-4)


def test_taking_turns_reaches_the_best_shared_direction():
    # Equation 4: B maximises the sum of squared projections, here found by a fine search.
    generator = np.random.default_rng(1)
    xs, ys = generator.normal(size=(2, 30, 2)), generator.normal(size=(2, 30))
    ys[0] += xs[0, :, 0]
    ys[1] += xs[1, :, 1]
    found = _shared_fit([(x.T @ x, x.T @ y) for x, y in zip(xs, ys, strict=True)], 600)
    angle = np.linspace(0, np.pi, 20001)
    grid = np.stack([np.cos(angle), np.sin(angle)])
    gain = sum((y @ x @ grid) ** 2 / ((x @ grid) ** 2).sum(0) for x, y in zip(xs, ys, strict=True))
    best = grid[:, gain.argmax()]
    assert abs(found @ best) / np.linalg.norm(found) == pytest.approx(1, abs=1e-4)


def test_it_warns_near_the_interpolation_peak():
    assert warning(RegressionConfig()) is None
    assert "50 dimensions" in warning(RegressionConfig(samples=(10, 50)))
