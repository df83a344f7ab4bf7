import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from mtlviz.errors import ConfigError
from mtlviz.toy.landscapes.formulas import CLAMP
from mtlviz.toy.landscapes.functions import LANDSCAPES

CAGRAD, NASH, PCGRAD = LANDSCAPES["cagrad"], LANDSCAPES["nash"], LANDSCAPES["pcgrad"]


def torch_two_valleys(point):
    x, y = point[0], point[1]
    low = torch.tensor(5e-6, dtype=torch.float64)
    f1 = torch.log(torch.clamp((0.5 * (-x - 7) - torch.tanh(-y)).abs(), low)) + 6
    f2 = torch.log(torch.clamp((0.5 * (-x + 3) + torch.tanh(-y) + 2).abs(), low)) + 6
    c1 = torch.clamp(torch.tanh(y * 0.5), 0)
    c2 = torch.clamp(torch.tanh(-y * 0.5), 0)
    q1 = ((-x + 7) ** 2 + 0.1 * (-y - 8) ** 2) / 10 - 20
    q2 = ((-x - 7) ** 2 + 0.1 * (-y - 8) ** 2) / 10 - 20
    return torch.stack([f1 * c1 + q1 * c2, f2 * c1 + q2 * c2])


def torch_surgery_valleys(point):
    x, y = point[0], point[1]
    one = torch.log(torch.clamp((0.5 * x + torch.tanh(y)).abs(), 5e-6))
    two = torch.log(torch.clamp((0.5 * x - torch.tanh(y) + 2).abs(), 5e-6))
    return torch.stack([20 * one, 25 * two])


TORCH = {"cagrad": torch_two_valleys, "nash": torch_two_valleys, "pcgrad": torch_surgery_valleys}


def random_points(landscape, count=60):
    generator = np.random.default_rng(3)
    (left, right), (bottom, top) = landscape.box
    return generator.uniform((left, bottom), (right, top), (count, 2))


@pytest.mark.parametrize(
    ("point", "losses"),
    [
        ((-8.5, 7.5), (6.5524, 7.9008)),
        ((-8.5, -5.0), (4.0599, -19.4215)),
        ((9.0, 9.0), (7.9439, 6.6915)),
        ((-7.5, -0.5), (0.3888, -4.7545)),
        ((9.0, -1.0), (-8.8311, 2.8143)),
        ((0.0, 0.0), (0.0, 0.0)),
    ],
)
def test_losses_at_the_starts_are_the_published_ones(point, losses):
    np.testing.assert_allclose(CAGRAD.losses(np.array(point)), losses, atol=5e-5)
    np.testing.assert_allclose(NASH.losses(np.array(point)), losses * np.array([0.1, 1]), atol=5e-5)


@pytest.mark.parametrize(("point", "cosine"), [((-7.5, -0.5), -0.705), ((9.0, -1.0), -0.831)])
def test_cosines_at_two_starts(point, cosine):
    first, second = CAGRAD.gradients(np.array(point))
    found = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert found == pytest.approx(cosine, abs=5e-4)


def test_the_gradient_passes_where_a_clamp_is_met_exactly():
    np.testing.assert_allclose(
        CAGRAD.gradients(np.zeros(2)), [[0, 10.85638], [0, 10.85638]], atol=5e-6
    )


def test_the_gradient_does_not_pass_below_the_clamp():
    # u₁ = θ₁/2 + tanh 0 = 0 is below it; u₂ = 2 is not.
    np.testing.assert_allclose(PCGRAD.gradients(np.zeros(2)), [[0, 0], [6.25, -12.5]])


@pytest.mark.parametrize("name", LANDSCAPES)
def test_gradients_equal_torch_autograd(name):
    landscape = LANDSCAPES[name]
    points = np.concatenate([random_points(landscape), landscape.starts])
    losses, gradients = landscape.losses(points), landscape.gradients(points)
    for point, loss, gradient in zip(points, losses, gradients, strict=True):
        leaf = torch.tensor(point, requires_grad=True)
        values = TORCH[name](leaf) * torch.tensor(landscape.scales, dtype=torch.float64)
        rows = [torch.autograd.grad(value, leaf, retain_graph=True)[0].numpy() for value in values]
        np.testing.assert_allclose(loss, values.detach().numpy(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(gradient, rows, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_gradients_equal_finite_differences(name):
    landscape, shift = LANDSCAPES[name], 1e-6
    points = random_points(landscape)
    for axis in range(2):
        offset = shift * np.eye(2)[axis]
        slopes = (landscape.losses(points + offset) - landscape.losses(points - offset)) / 2 / shift
        np.testing.assert_allclose(
            landscape.gradients(points)[..., axis], slopes, rtol=1e-4, atol=1e-5
        )


def test_leading_dimensions_are_kept():
    points = random_points(CAGRAD).reshape(5, 4, 3, 2)
    assert CAGRAD.losses(points).shape == (5, 4, 3, 2)
    assert CAGRAD.gradients(points).shape == (5, 4, 3, 2, 2)
    np.testing.assert_array_equal(CAGRAD.losses(points)[3, 2, 1], CAGRAD.losses(points[3, 2, 1]))
    np.testing.assert_array_equal(
        CAGRAD.gradients(points)[3, 2, 1], CAGRAD.gradients(points[3, 2, 1])
    )


@pytest.mark.parametrize("landscape", [CAGRAD, NASH], ids=lambda landscape: landscape.name)
@pytest.mark.parametrize("which", ["task 1", "task 2", "mean"])
def test_optima_are_minima(landscape, which):
    weights = {"task 1": (1, 0), "task 2": (0, 1), "mean": (0.5, 0.5)}[which]
    found = minimize(
        lambda point: landscape.losses(point) @ np.array(weights),
        np.array(landscape.optima[which]) + 0.3,
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12},
    )
    np.testing.assert_allclose(landscape.optima[which], found.x, atol=2e-5)


def test_the_mean_optimum_of_the_first_setting_is_the_published_one():
    assert CAGRAD.losses(np.array(CAGRAD.optima["mean"])).mean() == pytest.approx(-15.09164)


def test_both_losses_of_pcgrads_landscape_reach_their_floor_together():
    np.testing.assert_allclose(
        PCGRAD.losses(np.array(PCGRAD.optima["mean"])), np.array([20, 25]) * np.log(CLAMP)
    )
    np.testing.assert_allclose(
        PCGRAD.losses(PCGRAD.pareto_set()), np.tile(np.array([20, 25]) * np.log(CLAMP), (201, 1))
    )


def test_on_the_pareto_set_the_gradients_are_opposite():
    first, second = np.moveaxis(CAGRAD.gradients(CAGRAD.pareto_set(21)[1:-1]), -2, 0)
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    np.testing.assert_allclose((first * second).sum(-1) / lengths, -1, atol=1e-9)


@pytest.mark.parametrize("landscape", [CAGRAD, NASH], ids=lambda landscape: landscape.name)
def test_no_place_in_the_box_beats_a_pareto_point_in_both_losses(landscape):
    first, second = np.meshgrid(np.linspace(-11, 11, 221), np.linspace(-11, 11, 221))
    grid = landscape.losses(np.stack([first, second], -1)).reshape(-1, 1, 2)
    front = landscape.losses(landscape.pareto_set(41))
    assert not (grid < front - 1e-9).all(-1).any()


def test_the_pareto_set_bends_where_papers_draw_a_straight_segment():
    second = CAGRAD.pareto_set(5)[:, 1]
    np.testing.assert_allclose(second[[0, 2, 4]], [-8.43446, -8.35511, -8.43446], atol=1e-5)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_starts_lie_in_the_box_and_floors_below_the_losses(name):
    landscape = LANDSCAPES[name]
    (left, right), (bottom, top) = landscape.box
    for x, y in (*landscape.starts, *landscape.optima.values()):
        assert left <= x <= right
        assert bottom <= y <= top
    at_best = [landscape.losses(np.array(landscape.optima[f"task {i + 1}"]))[i] for i in (0, 1)]
    assert (np.array(landscape.floors) < at_best).all()


def test_points_without_two_coordinates_are_refused():
    with pytest.raises(ConfigError, match="two coordinates"):
        CAGRAD.losses(np.zeros(3))


def test_a_pareto_set_of_one_point_is_refused():
    with pytest.raises(ConfigError, match="at least 2"):
        CAGRAD.pareto_set(1)
