"""Algorithm 2 at its edges: rank equal to the number of tasks, one task, the blog's wording."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mtlviz.engine import run_weighting
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.engine.weightings.svd import svd_task_embedding_weights, svd_weights
from mtlviz.errors import ConfigError


def drawn(tasks=4, width=6):
    source = np.random.default_rng(2)
    return source.normal(size=(50, width)), source.normal(size=(50, tasks))


def test_at_rank_k_a_weight_is_the_length_of_the_tasks_vector():
    inputs, targets = drawn()
    lengths = np.linalg.norm(inputs.T @ targets, axis=0)
    assert_allclose(svd_weights(inputs, targets, rank=4), 4 * lengths / lengths.sum())


def test_one_task_has_the_weight_1():
    inputs, targets = drawn(tasks=1)
    assert_allclose(svd_weights(inputs, 1e-3 * targets, rank=1), [1.0])


def test_with_fewer_inputs_than_tasks_every_rank_from_d_on_is_the_whole_length():
    inputs, targets = drawn(tasks=4, width=2)
    for rank in (2, 3, 4):
        lengths = np.linalg.norm(inputs.T @ targets, axis=0)
        assert_allclose(svd_weights(inputs, targets, rank), 4 * lengths / lengths.sum())


def test_weights_do_not_depend_on_the_scale_of_inputs_or_of_all_labels():
    inputs, targets = drawn()
    assert_allclose(svd_weights(1e4 * inputs, 1e-2 * targets, 2), svd_weights(inputs, targets, 2))


def test_the_blogs_wording_weighs_tasks_on_the_same_inputs_equally():
    inputs, _ = drawn()
    embeddings = np.stack([inputs.mean(axis=0)] * 3)
    assert_allclose(svd_task_embedding_weights(embeddings, rank=1), [1, 1, 1])


@pytest.mark.parametrize("rank", [0, 5])
def test_a_rank_outside_1_to_k_is_refused(rank):
    inputs, targets = drawn()
    with pytest.raises(ConfigError, match=f"between 1 and the 4 tasks, got {rank}"):
        svd_weights(inputs, targets, rank)


def test_labels_without_an_order_are_refused_in_a_sentence():
    examples = Examples(("0", "1", "2"), ("a b", "b c", "c a"), None, np.array([0, 1, 2]))
    splits = {"train": examples, "dev": examples}
    tasks = [
        Task(name, "classification", classes, "accuracy", splits, "By hand.")
        for name, classes in (("two", ("no", "yes")), ("three", ("red", "green", "blue")))
    ]
    with pytest.raises(ConfigError, match="'three' has 3 classes"):
        run_weighting._LOOKS["targets"](tasks, None, [])
