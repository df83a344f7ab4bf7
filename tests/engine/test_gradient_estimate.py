"""The estimate from gradients: exact where the model is linear, against fits by scikit-learn."""

import numpy as np
import pytest
import torch
from scipy import special
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from mtlviz.engine import gradient_estimate
from mtlviz.engine.gradient_estimate import Linearised, _fitted, _margins, affinity_of, estimates
from mtlviz.engine.models.build import build_tokenizer
from mtlviz.engine.presets import preset
from mtlviz.engine.trained_model import TrainedModel
from mtlviz.engine.training import prepare
from mtlviz.errors import DataError


def task(seed, direction, count=60):
    """Examples whose margin rises along a direction; labels follow it with noise."""
    drawn = np.random.default_rng(seed)
    x = drawn.normal(size=(count, len(direction)))
    label = np.where(x @ direction + drawn.normal(size=count) > 0, 1.0, -1.0)
    return Linearised(torch.zeros(count), torch.tensor(x * label[:, None], dtype=torch.float32))


def test_a_fit_is_the_minimum_of_the_ridge_logistic_loss():
    both = task(0, np.array([1.0, 0, 0])), task(1, np.array([0, 1.0, 0]), count=40)
    found = _fitted(both, [(0, 1)], 0.1)[0].double().numpy()

    def loss(step):
        each = [np.logaddexp(0, -(part.slopes.double().numpy() @ step)).mean() for part in both]
        return sum(each) + 0.05 * step @ step

    np.testing.assert_allclose(found, minimize(loss, np.zeros(3), tol=1e-10).x, atol=1e-4)


@pytest.mark.parametrize(("slopes", "margins"), [(1, 0), (1, 5), (30, 0), (10, 30), (1, 50)])
def test_a_fit_settles_where_margins_are_large_or_the_classes_fall_apart(slopes, margins):
    """Fewer examples than directions, hardly a ridge: whole Newton steps run away here."""
    drawn, ridge = np.random.default_rng(0), 1e-3
    parts = [
        Linearised(torch.tensor(margins * drawn.normal(size=count)),
                   torch.tensor(slopes * drawn.normal(size=(count, 40))))
        for count in (60, 45)
    ]  # fmt: skip
    found = _fitted(parts, [(0, 1)], ridge)[0].numpy()

    def loss(step):
        total, slope = ridge / 2 * step @ step, ridge * step
        for part in parts:
            margin = part.margins.numpy() + part.slopes.numpy() @ step
            total += np.logaddexp(0, -margin).mean()
            slope = slope - (part.slopes.numpy() * special.expit(-margin)[:, None]).mean(0)
        return total, slope

    lowest = minimize(loss, np.zeros(40), jac=True, method="BFGS", options={"gtol": 1e-9})
    assert loss(found)[0] <= lowest.fun + 1e-8
    assert np.abs(loss(found)[1]).max() < 1e-4


def test_a_fit_is_scikit_learns():
    part = task(0, np.array([1.0, 0, 0]))
    labels = np.sign(part.slopes.numpy()[:, 0])
    model = LogisticRegression(C=1 / (0.05 * len(labels)), fit_intercept=False, tol=1e-8)
    model.fit(part.slopes.numpy() * labels[:, None], labels)
    np.testing.assert_allclose(_fitted([part], [(0,)], 0.05)[0], model.coef_[0], atol=1e-4)


def test_what_is_not_finite_has_no_fit():
    broken = Linearised(torch.tensor([1.0, np.nan]), torch.ones(2, 3))
    with pytest.raises(DataError, match="did not settle"):
        _fitted([broken], [(0,)], 0.1)


def test_company_with_the_same_question_helps_and_with_the_opposite_one_hurts():
    directions = np.array([[1.0, 1, 0, 0], [1, 1, 0, 0], [-1, -1, 0, 0], [0, 0, 1, 1]])
    parts = [[task(10 * n + k, d, 20 + 200 * k) for n, d in enumerate(directions)] for k in (0, 1)]
    found = affinity_of(*parts)
    assert np.isnan(np.diagonal(found)).all()
    assert found[1, 0] > found[3, 0] > found[2, 0]
    assert found[2, 0] < 0


def test_the_logistic_loss_of_a_margin_is_the_cross_entropy():
    logits, labels = (
        torch.randn(6, 4, generator=torch.Generator().manual_seed(0)),
        torch.arange(6) % 4,
    )

    class Asked:
        pass

    batch = Asked()
    batch.labels = labels
    found = torch.nn.functional.softplus(-_margins(logits, batch))
    expected = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    torch.testing.assert_close(found, expected)


def small():
    config = preset("families").changed_at("optimisation.max_updates", 2)
    tasks = config.data.tasks[::8]
    return config.model_copy(update={"data": config.data.model_copy(update={"tasks": tasks})})


def test_a_trained_model_gives_every_pair_and_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(gradient_estimate, "EXAMPLES", 12)
    parts = list(estimates(near(small()), np.random.default_rng(0)))
    assert [part.progress for part in parts] == sorted(part.progress for part in parts)
    found = parts[-1].affinity
    assert found.shape == (4, 4)
    assert np.isfinite(found[~np.eye(4, dtype=bool)]).all()


def near(config):
    """A model of these settings as it is before training: anything is near itself."""
    made = prepare(config)
    tokenizer = build_tokenizer(config, made.tasks)
    return TrainedModel(config, made.tasks, tokenizer, made.model.eval(), made.device)


def test_tasks_without_classes_or_shared_weights_are_refused():
    other = preset("default").changed_at("optimisation.max_updates", 1)
    with pytest.raises(DataError, match="similarity asks for something else"):
        next(estimates(near(other), np.random.default_rng(0)))
    alone = small().changed_at("capacity.sharing", "separate")
    with pytest.raises(DataError, match="share no trained weights"):
        next(estimates(near(alone), np.random.default_rng(0)))
