"""The numbers of continual learning, on matrices worked by hand and by Avalanche's bookkeeping."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from mtlviz.engine.measures.score_matrix import continual_scores
from mtlviz.errors import ConfigError

R = np.array([[0.90, 0.50, 0.40], [0.70, 0.80, 0.45], [0.60, 0.85, 0.75]])
UNTRAINED = [0.50, 0.50, 0.25]
JOINT = [0.88, 0.84, 0.80]


def test_three_tasks_worked_by_hand():
    found = continual_scores(R, untrained=UNTRAINED, joint=JOINT)
    assert found.average == pytest.approx((0.60 + 0.85 + 0.75) / 3)
    # Task 1 lost 0.30 since it was learned, task 2 gained 0.05.
    assert found.backward == pytest.approx((-0.30 + 0.05) / 2)
    # Task 2 stood at 0.50 before its turn, task 3 at 0.45.
    assert found.forward == pytest.approx((0.00 + 0.20) / 2)
    # The best before the end: 0.90 and 0.80.
    assert found.forgetting == pytest.approx((0.30 - 0.05) / 2)
    assert found.learning == pytest.approx((0.90 + 0.80 + 0.75) / 3)
    assert found.gap == pytest.approx(2.52 / 3 - 2.20 / 3)
    assert found.intransigence == pytest.approx(2.52 / 3 - 2.45 / 3)


def test_the_best_score_before_the_end_may_come_after_its_own_step():
    # Task 1 rises to 0.9 in step 2 and falls to 0.6: forgotten 0.3, backward transfer −0.2.
    found = continual_scores([[0.8, 0, 0], [0.9, 0.5, 0], [0.6, 0.5, 0.5]])
    assert found.forgetting == pytest.approx((0.3 + 0.0) / 2)
    assert found.backward == pytest.approx((-0.2 + 0.0) / 2)


def test_tasks_that_arrive_together_are_judged_from_their_common_step():
    # Tasks 1 and 2 start together, task 3 arrives: S = 2 steps.
    found = continual_scores([[0.9, 0.8, 0.3], [0.7, 0.9, 0.6]], [0, 0, 1], [0.5, 0.5, 0.5])
    assert found.backward == pytest.approx((-0.2 + 0.1) / 2)
    assert found.forward == pytest.approx(-0.2)
    assert found.learning == pytest.approx((0.9 + 0.8 + 0.6) / 3)


def test_the_gem_codes_backward_transfer_is_smaller_by_the_share_of_old_tasks():
    # metrics.py of GradientEpisodicMemory: the mean of last row − diagonal over all T tasks.
    theirs = (R[-1] - np.diagonal(R)).mean()
    assert theirs == pytest.approx(float(continual_scores(R).backward) * 2 / 3)


class AvalancheForgetting:
    """Avalanche 0.6's bookkeeping: the score right after training an experience, and the last."""

    def __init__(self):
        self.initial, self.last = {}, {}

    def evaluated(self, experience, score, *, just_trained):
        if just_trained:
            self.initial[experience] = score
        else:
            self.last[experience] = score

    @property
    def stream(self):
        return np.mean([self.initial[each] - self.last[each] for each in self.last])


matrices = st.integers(2, 5).flatmap(
    lambda tasks: st.lists(
        st.lists(st.floats(0, 1), min_size=tasks, max_size=tasks), min_size=tasks, max_size=tasks
    )
)


@given(matrices)
def test_backward_transfer_is_avalanches_forgetting_with_the_other_sign(matrix):
    theirs = AvalancheForgetting()
    for step, row in enumerate(matrix):
        for task in range(step + 1):
            theirs.evaluated(task, row[task], just_trained=task == step)
    assert_allclose(continual_scores(matrix).backward, -theirs.stream, atol=1e-12)


@given(matrices)
def test_the_papers_forgetting_is_never_below_avalanches(matrix):
    found = continual_scores(matrix)
    assert found.forgetting >= -found.backward - 1e-12


def test_seeds_and_methods_keep_their_dimensions():
    found = continual_scores(np.stack([[R, R + 0.1]] * 4), joint=JOINT)
    assert found.backward.shape == found.gap.shape == (4, 2)
    assert_allclose(found.backward[:, 0], found.backward[:, 1])
    assert_allclose(found.gap[:, 0] - found.gap[:, 1], 0.1)


def test_what_cannot_be_read_is_missing_and_not_zero():
    found = continual_scores([[0.9, 0.8]], [0, 0])
    assert np.isnan([found.backward, found.forward, found.forgetting, found.gap]).all()
    assert found.average == found.learning == pytest.approx(0.85)
    assert np.isnan(continual_scores([[0.9, np.nan], [0.8, 0.7]], [0, 1]).forward)


@pytest.mark.parametrize("learned", [[0, 3], [-1, 0], [0]])
def test_steps_that_the_matrix_does_not_have_are_refused(learned):
    with pytest.raises(ConfigError, match="Each of 2 tasks must be learned in one of 2 steps"):
        continual_scores([[0.5, 0.5], [0.5, 0.5]], learned)
