"""What groups of runs gain over training alone, counted by seed."""

import pytest

from mtlviz.runs.comparison import grouped
from mtlviz.runs.single_task import Baseline, TaskSignature, against_baseline
from tests.runs.test_comparison import pcgrad, run


def test_two_runs_of_a_seed_that_share_a_baseline_are_one_seed():
    both = [(seed, method) for seed in (0, 1) for method in (run, pcgrad)]
    runs = [method(scores=(0.8 + seed / 10 + 0.02 * (method is run), 0.5), seed=seed)
            for seed, method in both]  # fmt: skip
    marks = {each.id: [TaskSignature(str(each.seed)), None] for each in runs}
    known = {TaskSignature(str(seed)): Baseline(100 + seed, "alone", 0.8) for seed in (0, 1)}
    pooled = grouped(runs, ())[0]
    found = against_baseline(pooled, "reviews", marks, known)
    # Seed 0 gains 2 and 0 points, seed 1 12 and 10: means of 1 and 11, half interval 12.706 · 5.
    assert found.seeds == (0, 1)
    assert (found.found.seeds, found.found.mean) == (2, pytest.approx(6))
    assert found.found.high - found.found.mean == pytest.approx(63.53, abs=0.01)
    assert found.found.verdict == "undecided"
    without = against_baseline(pooled, "letters", marks, known)
    assert (without.found, without.unpaired) == (None, tuple(each.id for each in runs))


def test_a_run_is_no_baseline_of_itself():
    one = run(seed=0)
    marks, known = (
        {one.id: [TaskSignature("a"), None]},
        {TaskSignature("a"): Baseline(one.id, "alone", 1.0)},
    )
    assert against_baseline(grouped([one], ())[0], "reviews", marks, known).unpaired == (one.id,)
