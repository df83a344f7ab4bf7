"""What the experiments on pairs of tasks compute from their results, on small made-up ones."""

import itertools
import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.benchmarks import papers_alignment_tables
from tests.benchmarks.papers_alignment import alike
from tests.benchmarks.papers_alignment_tables import (
    alignment_tables,
    alignment_values,
    cell_of,
    correlation,
    fisher,
    kept,
    pearson,
    spearman,
)
from tests.benchmarks.papers_reweighting import Family, area, cells, family, noisy, weightings
from tests.benchmarks.papers_reweighting_tables import changes, reweighting_values


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch):
    """Enough for what is claimed here; the experiments draw thousands."""
    monkeypatch.setattr(papers_alignment_tables, "_DRAWS", 60)


TASKS = ("a", "b", "c", "d")
ARMS = ("hard", "aligned joint", "control joint", "aligned after", "control after")


def lines(seeds=3):
    """Transfer grows with the score: pair number n has score n/10 and gains n points."""
    found = [
        {"kind": "words", "width": 5, "seed": s, "tasks": [t], "arms": {"alone": [0.5 + 0.01 * s]}}
        for s in range(seeds)
        for t in TASKS
    ]
    for number, pair in enumerate(itertools.combinations(TASKS, 2)):
        for seed in range(seeds):
            score = 0.5 + 0.01 * seed + 0.01 * number + 0.001 * (seed == 1)
            before = dict.fromkeys(("score", "normalised", "cosine"), number / 10)
            found.append(
                {
                    "kind": "words", "width": 5, "seed": seed, "tasks": list(pair),
                    "arms": {arm: [score, score] for arm in ARMS},
                    "alike": {"before": before, "aligned joint": before, "aligned after": before},
                }
            )  # fmt: skip
    return found


def test_transfer_of_a_pair_is_paired_with_its_tasks_alone():
    cell = cell_of(lines())
    found = cell.change(("a", "d"), "hard", "alone")
    assert found.mean == pytest.approx(2 + 0.1 / 3)
    assert found.verdict == "helps"
    assert cell.overall("aligned joint", "hard").mean == 0


def test_only_seeds_that_every_pair_has_are_used():
    cut = lines()[:-1]
    assert cell_of(cut).seeds == [0, 1]


def test_a_score_that_orders_transfer_has_rank_correlation_1():
    found = correlation(cell_of(lines()), "score", spearman)
    assert found["value"] == pytest.approx(1)
    # Of 24 ways to name four tasks some leave or reverse the order; most do not.
    assert 0 < found["chance"] < 0.5


def test_fishers_interval_by_hand_and_correlation_without_spread():
    assert fisher(0.0, 28) == pytest.approx((-np.tanh(1.96 / 5), np.tanh(1.96 / 5)))
    assert np.isnan(pearson(np.zeros(3), np.arange(3.0)))


def test_tables_and_the_kept_file_hold_every_pair():
    *_, every = alignment_tables(lines())
    pairs = [f"{one} + {two}" for one, two in itertools.combinations(TASKS, 2)]
    assert [row[0] for row in every.rows] == pairs
    values = alignment_values(lines())
    # All arms have equal scores, and nothing is turned.
    assert values["pairs that rise"].mean == 0
    assert values["pairs whose equation 5 rises"].mean == 0
    assert values["pairs that rise"].unit == "of 6 pairs"
    together = values["words, 5: together − alone"]
    assert together.mean == pytest.approx(2.5 + 0.1 / 3)
    assert together.low < together.mean < together.high
    stored = json.loads(json.dumps(kept(lines()), allow_nan=False))
    assert len(stored["cells"][0]["pairs"]) == 6
    assert kept(lines(seeds=1)) == {"cells": []}


def test_alike_is_1_for_equal_vectors_when_normalised():
    vectors = np.random.default_rng(0).normal(size=(30, 4)) + 1
    found = alike(vectors, vectors)
    assert found["normalised"] == pytest.approx(1)
    assert found["cosine"] == pytest.approx(1)
    assert found["score"] < 1


def test_area_is_scikit_learns():
    source = np.random.default_rng(1)
    margin, right = source.normal(size=60).round(1), source.integers(2, size=60)
    assert area(margin, right) == pytest.approx(roc_auc_score(right, margin))


def whole():
    source = np.random.default_rng(2)
    answers = source.integers(2, size=(600, 3))
    return Family(source.normal(size=(600, 4)).astype(np.float32), answers, np.zeros((5, 4)),
                  np.zeros((5, 3)))  # fmt: skip


def test_noise_touches_the_first_task_alone_and_about_half_of_its_share():
    clean, dirty = (noisy(whole(), [1, 0], noise, 0) for noise in (0.0, 0.2))
    assert (clean.train == dirty.train).all()
    assert (clean.answers[:, 1] == dirty.answers[:, 1]).all()
    assert 0.05 < np.mean(clean.answers[:, 0] != dirty.answers[:, 0]) < 0.15


def test_the_blogs_weights_are_equal_and_algorithm_2_weighs_noise_down():
    inputs = np.random.default_rng(3).normal(size=(500, 4)).astype(np.float32)
    answers = np.stack([inputs[:, 0] > 0] * 2, axis=1).astype(np.int64)
    given = noisy(Family(inputs, answers, inputs, answers), [0, 1], 0.4, 0)
    found = weightings(given)
    assert found["blog"] == pytest.approx([1, 1])
    assert found["svd 1"][0] < found["svd 1"][1]


def test_thresholds_of_ordered_classes_are_nested_and_cells_name_the_noisy_task_first():
    from tests.benchmarks.papers_features import Encoded

    labels = np.array([0, 1, 2, 3, 4])
    encoded = Encoded(np.zeros((5, 2)), labels, np.zeros((5, 2)), labels, 5)
    answers = family("cs224n_sst", encoded).answers
    assert answers.sum(0).tolist() == [4, 3, 2, 1]
    keys = cells(0, "words", "cs224n_sst")
    assert [1, 0] in [key["tasks"] for key in keys if key["noise"]]
    assert [1, 0] not in [key["tasks"] for key in keys if not key["noise"]]


def test_changes_count_every_seed_once():
    found = [
        {"seed": seed, "found": {"equal": {"area": [0.5, 0.7]},
                                 "svd 1": {"area": [0.5 + 0.01 * cell + 0.001 * seed, 0.7]}}}
        for seed in range(3)
        for cell in range(4)
    ]  # fmt: skip
    change, level, seeds = changes(found, "svd 1", slice(0, 1), "area")
    assert seeds == 3
    assert level == pytest.approx(0.5)
    assert change.mean == pytest.approx(1.5 + 0.1)
    named = [{**line, "kind": "checkpoint", "set": "trec", "noise": 0.2, "tasks": [0, 1]}
             for line in found]  # fmt: skip
    values = reweighting_values(named)
    assert values["TREC, 2 classes/MiniLM: noisy task"].mean == pytest.approx(1.6)
    assert values["TREC, 2 classes/MiniLM: clean tasks"].mean == pytest.approx(0)
    assert len(values) == 2
