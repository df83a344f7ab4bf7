"""What is forgotten in a phase and when it is back, on runs worked by hand."""

import numpy as np
import pytest

from mtlviz.engine.measures.forgetting import changes, recoveries, scores_after
from mtlviz.engine.records import EvalRecord, PhaseRecord


def scored(update, *scores, error=0.03):
    found = np.array(scores, float)
    return EvalRecord(
        update, 0, found, np.full(len(found), error), found, [{}] * len(found), found, False, 0.0
    )


def begun(*phases, fresh=()):
    """Phases by their first update and who trains, of two tasks."""
    return [
        PhaseRecord(update, number, np.isin([0, 1], due), np.isin([0, 1], due) & (number in fresh),
                    False, 7)
        for number, (update, due) in enumerate(phases)
    ]  # fmt: skip


# A trains for 10 updates, then B, then A again.
PHASES = begun((0, [0]), (10, [1]), (20, [0]))
SCORES = [
    scored(5, 0.50, 0.1), scored(10, 0.80, 0.1), scored(15, 0.60, 0.3), scored(20, 0.40, 0.5),
    scored(22, 0.70, 0.5), scored(24, 0.76, 0.4), scored(30, 0.90, 0.2),
]  # fmt: skip


def test_scores_after_phases_are_the_last_ones_within_them():
    scores, errors = scores_after(SCORES, PHASES)
    assert scores.tolist() == [[0.8, 0.1], [0.4, 0.5], [0.9, 0.2]]
    assert errors.tolist() == [[0.03] * 2] * 3


def test_a_change_is_of_a_task_that_had_trained_and_does_not_train_now():
    found = changes(*scores_after(SCORES, PHASES), PHASES)
    assert [(each.task, each.phase) for each in found] == [(0, 1), (1, 2)]
    assert [each.points for each in found] == pytest.approx([-40.0, -30.0])
    assert [each.error for each in found] == pytest.approx([100 * np.hypot(0.03, 0.03)] * 2)


def test_recovery_is_the_first_score_of_the_phase_at_95_per_cent_of_the_earlier_one():
    scores, _ = scores_after(SCORES, PHASES)
    (found,) = recoveries(SCORES, PHASES, scores)
    # 0.95 · 0.80 is 0.76, reached at update 24, four after the return.
    assert (found.task, found.phase, found.earlier, found.updates) == (0, 2, 0.8, 4)


def test_what_was_never_lost_is_back_at_once_but_not_with_a_fresh_head():
    held = [scored(10, 0.8, 0.1), scored(20, 0.79, 0.5), scored(30, 0.9, 0.2)]
    for phases, updates in ((PHASES, 0), (begun((0, [0]), (10, [1]), (20, [0]), fresh={2}), 10)):
        (found,) = recoveries(held, phases, scores_after(held, phases)[0])
        assert found.updates == updates


@pytest.mark.parametrize(
    ("evaluations", "expected"),
    [
        ([*SCORES[:4], scored(30, 0.5, 0.2)], (0.8, None, 10)),
        (SCORES[:4], (0.8, None, 0)),
        ([scored(10, -0.1, 0.1), scored(20, 0.4, 0.5)], (-0.1, None, 0)),
        ([scored(10, np.nan, 0.1), scored(20, 0.4, 0.5), scored(30, 0.4, 0.5)], (np.nan, None, 10)),
    ],
)
def test_what_is_not_back_or_was_not_measured_has_no_number(evaluations, expected):
    (found,) = recoveries(evaluations, PHASES, scores_after(evaluations, PHASES)[0])
    assert (found.earlier, found.updates, found.seen) == pytest.approx(expected, nan_ok=True)


def test_a_phase_without_a_score_is_missing_and_not_nothing_lost():
    found = changes(*scores_after(SCORES[:3], PHASES), PHASES)
    assert [np.isnan(each.points) for each in found] == [False, True]
    assert np.isnan(scores_after([], PHASES)[0]).all()
