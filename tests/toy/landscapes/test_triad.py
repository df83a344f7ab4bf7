"""PCGrad's tragic triad along walks, against finite differences of the losses themselves."""

import numpy as np
import pytest

from mtlviz.errors import ConfigError
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import Method
from mtlviz.toy.landscapes.trajectories import Walk, last
from mtlviz.toy.landscapes.triad import triad
from tests.engine.measures.guarantee import guarantee

# Places where both losses are smooth, some with conflict, some where one task dominates.
PLACES = ((-3.0, -5.0), (2.0, -6.0), (-6.5, -8.0), (6.9, -8.4), (-8.5, -5.0), (0.3, 3.0))


def standing(places, landscape="cagrad"):
    """Paths that have only begun: one run at each place, two frames."""
    walk = Walk(landscape, (Method("mean"),), tuple(places), steps=1, frames=2)
    return last(walk, np.random.default_rng(0))


@pytest.mark.parametrize("step", [1e-3, 0.05, 1.0])
def test_the_three_numbers_are_the_definitions_worked_out_on_the_vectors(step):
    paths = standing(PLACES)
    found = triad(paths, step)
    for run, place in enumerate(PLACES):
        first, second = numeric_gradients(np.array(place))
        long, short = np.linalg.norm(first), np.linalg.norm(second)
        cosine = first @ second / (long * short)
        alike = 2 * long * short / (long**2 + short**2)
        apart, together = np.sum((first - second) ** 2), np.sum((first + second) ** 2)
        assert found.cosine[0, run, 0] == pytest.approx(cosine, abs=1e-5)
        assert found.alike[0, run, 0] == pytest.approx(alike, rel=1e-5)
        expected = (1 - cosine**2) * apart / together
        assert found.asked[0, run, 0] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_the_curvature_is_the_second_derivative_of_the_loss_along_the_plain_step():
    step, losses = 0.3, LANDSCAPES["cagrad"].losses
    found = triad(standing(PLACES[:5]), step)
    for run, place in enumerate(PLACES[:5]):
        start = np.array(place)
        slope = numeric_gradients(start).sum(axis=0)

        def along(share, start=start, slope=slope):
            return losses(start - share * step * slope).sum()

        # H is the mean of the second derivative over the step; in the share that is over η².
        shares, width = (np.arange(200) + 0.5) / 200, 1e-3
        bends = [along(s + width) - 2 * along(s) + along(s - width) for s in shares]
        expected = np.mean(bends) / width**2 / step**2 / (slope @ slope)
        assert found.bend[0, run, 0] == pytest.approx(expected, rel=2e-3)
        assert found.greatest[0, run, 0] >= abs(found.bend[0, run, 0])
        assert found.plain[0, run, 0] == pytest.approx(along(1.0))


def test_the_conditions_are_those_of_the_engine():
    for step in (0.1, 6.0, 40.0):
        found = triad(standing(PLACES), step)
        for run, gradients in enumerate(standing(PLACES).gradients[0, :, 0]):
            bend, greatest = found.bend[0, run, 0], found.greatest[0, run, 0]
            expected = guarantee(gradients @ gradients.T, bend=bend, lipschitz=greatest, step=step)
            conditions = (found.angle, found.curved, found.long)
            assert [bool(each[0, run, 0]) for each in conditions] == [
                expected.angle,
                expected.curvature,
                expected.step,
            ]


def test_where_the_theorem_promises_it_pcgrads_step_ends_no_higher_than_the_plain_one():
    grid = [(x, y) for x in np.linspace(-10, 10, 81) for y in np.linspace(-10.5, -3, 41)]
    paths, promised = standing(grid), 0
    for step in (5.0, 8.0, 12.0, 20.0):
        found = triad(paths, step)
        promised += int(found.promised.sum())
        assert (found.surgery <= found.plain + 1e-9)[found.promised].all()
    assert promised > 100


def test_at_the_papers_learning_rate_the_step_is_never_long_enough():
    found = triad(standing(PLACES), 1e-3)
    assert found.angle.any()
    assert not found.long.any()


def test_a_zero_gradient_gets_no_numbers_and_no_promise():
    found = triad(standing(((0.0, 0.0),), "pcgrad"), 0.1)
    assert np.isnan(found.cosine[0, 0, 0])
    assert not found.promised[0, 0, 0]


def test_at_the_best_mean_there_is_no_plain_step_whose_curvature_could_be_told():
    best = LANDSCAPES["cagrad"].pareto_set(3)[1]
    found = triad(standing([tuple(best)]), 1e-3)
    gradients = standing([tuple(best)]).gradients[0, 0, 0]
    assert np.abs(gradients.sum(axis=0)).max() < 1e-9 * np.abs(gradients).max()
    assert np.isnan(found.bend[0, 0, 0])
    assert not (found.better | found.worse | found.promised)[0, 0, 0]


@pytest.mark.parametrize("step", [0.0, -1.0, np.inf, np.nan])
def test_a_step_that_is_no_step_is_refused(step):
    with pytest.raises(ConfigError, match="step size"):
        triad(standing(PLACES), step)


def numeric_gradients(place):
    """Both gradients by central differences of the losses, row by row, shape (2, 2)."""
    losses, near = LANDSCAPES["cagrad"].losses, 1e-5
    shifts = near * np.eye(2)
    columns = [(losses(place + s) - losses(place - s)) / (2 * near) for s in shifts]
    return np.array(columns).T
