"""The data file of the groups of tasks holds what its command makes."""

from unittest.mock import Mock

import numpy as np

from mtlviz.replication import groups
from mtlviz.replication.result_file import results
from mtlviz.runs.study import PairedRuns


def test_the_file_says_what_the_command_says():
    assert results()["groups"].notes == list(groups._NOTES)
    assert any("estimate" in note and "which flatters it" in note for note in groups._NOTES)


def test_the_file_has_pairs_of_the_draws_that_the_command_trains_pairs_in():
    found = {True: set(), False: set()}
    for name, value in results()["groups"].values.items():
        found["/predicts" in name or name.startswith(("pairs/", "measured/"))].add(value.seeds)
    assert found == {
        True: {len(groups._PAIR_DRAWS["full"])}, False: {len(groups._DRAWS["full"])}
    }  # fmt: skip


def test_pairs_are_trained_in_these_draws_alone(monkeypatch):
    asked = {}

    def relatives(config, together, groupings, pairs):
        asked[config.seed] = len(pairs)
        return PairedRuns((), {}), {}

    affinity = np.random.default_rng(0).normal(size=(8, 8))
    monkeypatch.setattr(groups, "_affinities", lambda _: (Mock(), {"lookahead": affinity}))
    monkeypatch.setattr(groups, "_word_cosines", lambda _: affinity)
    monkeypatch.setattr(groups, "_groups_pay", lambda *_: {})
    monkeypatch.setattr(groups, "_relatives", relatives)
    for draw in (10, 11):
        groups.of_draw("tiny", draw)
    assert asked == {10: 2, 11: 0}
