import numpy as np
import pytest
from scipy.integrate import quad

from mtlviz.engine.measures.conflict import (
    conflicts,
    cosines,
    curvature_bound,
    magnitude_similarity,
    step_curvature,
)
from mtlviz.errors import ConfigError
from tests.engine.measures.guarantee import curvature, guarantee


def gram_of(*gradients):
    gradients = np.array(gradients, dtype=float)
    return gradients @ gradients.T


def gram_at(degrees, first=1.0, second=1.0):
    angle = np.radians(degrees)
    return gram_of((first, 0), (second * np.cos(angle), second * np.sin(angle)))


def test_cosines_worked_by_hand():
    found = cosines(gram_of((3, 0), (0, 2), (-1, 1)))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(found, [[1, 0, -half], [0, 1, half], [-half, half, 1]])


def test_a_zero_gradient_has_no_cosine_and_no_conflict():
    gram = gram_of((0, 0), (1, 0), (-1, 1))
    assert np.isnan(cosines(gram)[0]).all()
    assert np.isnan(cosines(gram)[:, 0]).all()
    assert np.isfinite(cosines(gram)[1:, 1:]).all()
    np.testing.assert_array_equal(
        conflicts(gram), [[False, False, False], [False, False, True], [False, True, False]]
    )


def test_a_right_angle_is_no_conflict():
    assert not conflicts(gram_of((1, 0), (0, 1))).any()


@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e100])
def test_measures_of_angle_and_ratio_do_not_depend_on_the_scale(scale):
    gradients = np.random.default_rng(1).normal(size=(6, 4, 3))
    small = gradients @ np.swapaxes(gradients, -1, -2)
    for measure in (cosines, magnitude_similarity):
        np.testing.assert_allclose(measure(scale * small), measure(small), rtol=1e-9)
    assert (np.abs(cosines(small)) <= 1).all()


def test_leading_dimensions_are_independent_problems():
    gradients = np.random.default_rng(2).normal(size=(3, 5, 4, 7))
    grams = gradients @ np.swapaxes(gradients, -1, -2)
    for measure in (cosines, magnitude_similarity, curvature_bound, conflicts):
        np.testing.assert_array_equal(measure(grams)[2, 3], measure(grams[2, 3]))


def test_magnitude_similarity_by_hand():
    # 2 · 3 · 1 / (9 + 1) = 0.6, whatever the angle; equal lengths give 1.
    assert magnitude_similarity(gram_at(77, first=3))[0, 1] == pytest.approx(0.6)
    np.testing.assert_allclose(np.diag(magnitude_similarity(gram_at(77, first=3))), 1)
    assert magnitude_similarity(gram_of((0, 0), (1, 2)))[0, 1] == 0
    assert np.isnan(magnitude_similarity(gram_of((0, 0), (0, 0)))).all()


@pytest.mark.parametrize("degrees", [20, 90, 135, 170])
def test_curvature_bound_equals_its_definition_on_vectors(degrees):
    angle = np.radians(degrees)
    one, two = np.array([2.0, 0]), np.array([np.cos(angle), np.sin(angle)])
    expected = np.sin(angle) ** 2 * ((one - two) @ (one - two)) / ((one + two) @ (one + two))
    assert curvature_bound(gram_at(degrees, first=2))[0, 1] == pytest.approx(expected)


def test_curvature_bound_is_unknown_for_gradients_that_cancel():
    assert np.isnan(curvature_bound(gram_of((1, 0), (-1, 0)))[0, 1])
    assert np.isnan(curvature_bound(gram_of((0, 0), (-1, 0)))[0, 1])


HESSIAN = np.array([[3.0, 1.0], [1.0, 2.0]])


def quadratic(point):
    return HESSIAN @ point


def wavy(point):
    """Gradient of sin x · y² + x⁴."""
    x, y = point
    return np.array([np.cos(x) * y**2 + 4 * x**3, 2 * np.sin(x) * y])


def wavy_hessian(point):
    x, y = point
    mixed = 2 * np.cos(x) * y
    return np.array([[-np.sin(x) * y**2 + 12 * x**2, mixed], [mixed, 2 * np.sin(x)]])


def test_curvature_of_a_quadratic_is_its_hessian_along_the_gradient():
    start = np.array([1.0, -2.0])
    slope = quadratic(start)
    expected = slope @ HESSIAN @ slope
    found = step_curvature(slope, quadratic(start - 0.1 * slope), 0.1)
    assert found == pytest.approx(expected)
    assert curvature(quadratic, start, np.array([5.0, 3.0])) == pytest.approx(expected)


def test_both_curvatures_equal_the_integral_over_the_hessian():
    start, step = np.array([0.7, -1.1]), 0.2
    slope = wavy(start)
    end = start - step * slope

    def integrand(share, end):
        return slope @ wavy_hessian(start + share * (end - start)) @ slope

    assert step_curvature(slope, wavy(end), step) == pytest.approx(quad(integrand, 0, 1, (end,))[0])
    elsewhere = np.array([-1.0, 0.4])
    expected = quad(integrand, 0, 1, (elsewhere,))[0]
    assert curvature(wavy, start, elsewhere) == pytest.approx(expected, rel=1e-6)


def test_curvature_without_a_gradient_is_zero():
    assert curvature(quadratic, np.zeros(2), np.ones(2)) == 0


def test_the_guarantee_keeps_its_promise_on_quadratics():
    """On random bowls: where all three conditions hold, PCGrad's loss is no higher."""
    generator, held = np.random.default_rng(4), 0
    for _ in range(3000):
        # One task pulls hard along a stiff direction, the other weakly against it.
        stiff = 10 ** generator.uniform(0, 3)
        hessian = np.diag([stiff, 1.0])
        one = np.array([stiff, generator.uniform(-0.3, 0.3)])
        two = -one * 10 ** generator.uniform(-2, 0) + generator.normal(0, 0.1, 2)
        slope, step = one + two, 10 ** generator.uniform(-3, 1)
        bend = slope @ hessian @ slope / (slope @ slope)
        verdict = guarantee(gram_of(one, two), bend=bend, lipschitz=max(stiff, bend), step=step)
        if not verdict.holds:
            continue
        held += 1
        inner = one @ two
        surgery = (1 - inner / (one @ one)) * one + (1 - inner / (two @ two)) * two

        def change(update, slope=slope, hessian=hessian, step=step):
            return -step * slope @ update + step**2 / 2 * update @ hessian @ update

        assert change(surgery) <= change(slope) + 1e-9 * abs(change(slope))
    assert held > 100


def test_each_condition_of_the_guarantee_can_fail_alone_and_is_said_in_words():
    # Lengths 10 and 1 at 175°: Φ = 20/101 = 0.198, cos φ = −0.996, ξ = 0.0114 ...
    gram = gram_at(175, first=10)
    asked = 100 * curvature_bound(gram)[0, 1]
    good = guarantee(gram, bend=50, lipschitz=100, step=1)
    assert good.holds
    assert good.sentences[0] == "Cosine -0.996 is at most −0.198 (lengths alike)."
    flat = guarantee(gram, bend=asked / 2, lipschitz=100, step=1)
    assert (flat.angle, flat.curvature, flat.step) == (True, False, False)
    assert "not at least" in flat.sentences[1]
    short = guarantee(gram, bend=50, lipschitz=100, step=1e-3)
    assert (short.angle, short.curvature, short.step) == (True, True, False)
    alike = guarantee(gram_at(100), bend=100, lipschitz=100, step=1)
    assert not alike.angle
    assert "not at most" in alike.sentences[0]


def test_an_undefined_condition_does_not_hold():
    verdict = guarantee(gram_of((0, 0), (1, 0)), bend=1, lipschitz=1, step=1)
    assert not any((verdict.angle, verdict.curvature, verdict.step))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gram": np.eye(3)}, "two tasks"),
        ({"step": 0.0}, "step size"),
        ({"lipschitz": 0.5}, "Lipschitz"),
        ({"bend": np.nan}, "Lipschitz"),
    ],
)
def test_settings_of_the_guarantee_out_of_range_are_refused(changes, words):
    settings = {"gram": np.eye(2), "bend": 1.0, "lipschitz": 2.0, "step": 1.0, **changes}
    with pytest.raises(ConfigError, match=words):
        guarantee(settings.pop("gram"), **settings)


def test_curvature_settings_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="step size"):
        step_curvature(np.ones(2), np.ones(2), 0.0)
    with pytest.raises(ConfigError, match="nodes"):
        curvature(quadratic, np.ones(2), np.ones(2), nodes=0)


def test_gradients_at_right_angles_do_not_conflict_whatever_rounding_says():
    turned = np.array([[np.cos(a), np.sin(a)] for a in (0.3, 0.3 + np.pi / 2)]) * [[1e6], [1e-6]]
    gram = turned @ turned.T
    gram[0, 1] = gram[1, 0] = -1e-16
    assert not conflicts(gram).any()
    gram[0, 1] = gram[1, 0] = -1e-6
    assert conflicts(gram)[0, 1]
