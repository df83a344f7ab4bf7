"""The step size of a seed is chosen by the others."""

import numpy as np

from mtlviz.engine.measures.tuned_scores import tuned_scores


def test_the_seed_that_is_scored_has_no_part_in_the_choice():
    # Two step sizes, three seeds, one task. Seed 0 was lucky at the second one.
    scores = np.array([[[0.5], [0.6], [0.6]], [[0.9], [0.5], [0.5]]])
    found, chosen = tuned_scores(scores)
    # Seed 0 goes by seeds 1 and 2: the first. Seeds 1, 2 see 0.55 against 0.7: the second.
    assert chosen[:, 0].tolist() == [0, 1, 1]
    assert found[:, 0].tolist() == [0.5, 0.5, 0.5]


def test_one_seed_alone_takes_its_own_best():
    found, chosen = tuned_scores(np.array([[[0.5, 0.1]], [[0.4, 0.3]]]))
    assert chosen.tolist() == [[1, 1]]
    assert found.tolist() == [[0.4, 0.3]]


def test_tasks_alone_choose_each_for_itself_the_others_by_the_mean_over_tasks():
    scores = np.array([[[0.9, 0.1]] * 3, [[0.5, 0.6]] * 3])
    assert tuned_scores(scores, each_task=True)[0].tolist() == [[0.9, 0.6]] * 3
    assert tuned_scores(scores)[0].tolist() == [[0.5, 0.6]] * 3


def test_what_is_not_known_yet_is_neither_chosen_nor_made_up():
    scores = np.full((2, 3, 1), np.nan)
    found, chosen = tuned_scores(scores)
    assert np.isnan(found).all()
    assert (chosen == -1).all()
    scores[1, 1] = 0.4
    found, chosen = tuned_scores(scores)
    assert chosen[:, 0].tolist() == [1, -1, 1]
    assert np.isnan(found).all()
