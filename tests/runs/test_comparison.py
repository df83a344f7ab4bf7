"""Groups and pairs of runs: who is compared with whom, and what the numbers are."""

import math

import numpy as np
import pytest
from scipy import stats

from mtlviz.runs.comparison import difference, grouped, spread, spread_of
from mtlviz.runs.comparison_names import (
    columns,
    labels,
    names,
    of_every_task,
    spoken,
    telling,
    usual,
)
from mtlviz.runs.flat_settings import differing, flat
from mtlviz.runs.scored_run import scored_run
from mtlviz.runs.summary import RunSummary
from tests.runs.compare_runs import evaluation, settings

_next = iter(range(1, 10_000))


def run(scores=(0.8, 0.7), status="finished", updates=6, trained=None, **given):
    """A run as comparing sees it, without a store."""
    number = next(_next)
    summary = RunSummary(
        number, f"run {number}", status, 0.0, 0.0, 1.0, 1.0, None, 0, False, updates, updates,
        ("accuracy",) * len(scores), None, None,
    )  # fmt: skip
    config = settings(**given)
    batches = trained or (updates,) * len(scores)
    return scored_run(summary, flat(config), [evaluation(updates, scores)], batches)


def in_turn(seed, scores, **given):
    """A round robin: twice as many updates, in which each of two tasks gets as many batches."""
    return run(
        scores, updates=12, trained=(6, 6), seed=seed, optimisation__scheduler="round_robin",
        optimisation__max_updates=12, probes__evaluate_every=4, **given,
    )  # fmt: skip


def jointly(seed, scores, **given):
    return run(
        scores, seed=seed, optimisation__scheduler="joint", optimisation__max_updates=6,
        probes__evaluate_every=2, **given,
    )  # fmt: skip


def groups(runs, by=None):
    places = differing([each.settings for each in runs], trained=True) if by is None else by
    return grouped(runs, places)


def pcgrad(seed, scores, **given):
    return run(scores, seed=seed, optimisation__combiner="pcgrad", **given)


def test_runs_that_differ_in_the_seed_alone_are_one_group():
    found = groups([run(seed=seed) for seed in range(3)])
    assert [(group.label, len(group.used)) for group in found] == [("all runs", 3)]


def test_groups_are_made_by_what_differs_and_named_by_it():
    found = groups([run(seed=0), pcgrad(0, (0.8, 0.7)), run(seed=1)])
    assert [(group.label, len(group.used)) for group in found] == [("sum", 2), ("PCGrad", 1)]


def test_what_most_groups_share_is_left_out_of_names_that_stay_different():
    values = [("hard", "joint", "pcgrad"), ("hard", "joint", "sum"), ("separate", "joint", "sum"),
              ("hard", "round robin", "sum"), ("hard", "joint", "cagrad")]  # fmt: skip
    assert usual(values) == ["hard", "joint", "sum"]
    found = labels(values, ("sharing", "scheduler", "combiner"))
    assert found == ["pcgrad", "sum", "separate", "round robin", "cagrad"]
    alike = [("a", "x"), ("a", "y"), ("b", "x"), ("a", "x ")]
    assert len(set(labels(alike, ("one", "two")))) == 4


def test_what_all_tasks_have_alike_names_groups_once():
    rates = ({"a": 0.1, "b": 0.1}, {"a": 0.5, "b": 0.5})
    groups = [{"data.tasks": ("a", "b"), "optimisation.combiner": "sum"}
              | {f"data.tasks[{task}].head.dropout": rate for task, rate in each.items()}
              for each in rates]  # fmt: skip
    by = [f"data.tasks[{task}].head.dropout" for task in "ab"]
    assert columns(groups, by) == {by[0]: ["head dropout 0.1", "head dropout 0.5"]}
    assert telling(groups, by) == by[:1]
    assert spoken(by[0], of_every_task(groups, by)) == "head dropout"
    groups[1][by[1]] = 0.3  # Of one run they differ: each task's stands for itself.
    assert columns(groups, by) == {
        by[0]: ["a: head dropout 0.1", "a: head dropout 0.5"],
        by[1]: ["b: head dropout 0.1", "b: head dropout 0.3"],
    }
    assert spoken(by[0], of_every_task(groups, by)) == "a: head dropout"


def test_groups_of_different_tasks_have_different_names():
    groups = [flat(settings(tasks=tasks, data__tasks__0__train_examples=count,
                            data__tasks__1__train_examples=count))
              for tasks in ("xy", "zw") for count in (100, 200)]  # fmt: skip
    assert len(set(names(groups, differing(groups, trained=True)))) == 4


def test_a_mean_has_students_interval_over_seeds():
    values = [0.70, 0.74, 0.75, 0.79]
    found = spread(values)
    error = stats.sem(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), error)
    assert (found.mean, found.error, found.low, found.high) == pytest.approx(
        (np.mean(values), error, low, high)
    )
    assert spread([math.nan, 0.5]).seeds == 1
    assert math.isnan(spread([0.5]).low)
    assert spread([math.nan]) is None


def test_a_difference_pairs_equal_seeds_and_names_those_without_a_partner():
    ours = [pcgrad(seed, (0.8 + 0.01 * seed, 0.5)) for seed in (0, 1, 2)]
    theirs = [run((0.7, 0.5 + 0.1 * seed), seed=seed) for seed in (1, 2, 3)]
    first, second = groups([*ours, *theirs])
    found = difference(first, second, "reviews")
    assert found.seeds == (1, 2)
    assert found.unpaired == (ours[0].id, theirs[2].id)
    # Worked by hand: 0.81 − 0.70 and 0.82 − 0.70.
    assert found.found.mean == pytest.approx(11.5)
    reverse = difference(second, first, "reviews")
    assert reverse.found.mean == pytest.approx(-11.5)


def test_runs_of_other_data_or_budget_are_no_pair_unless_groups_are_made_by_that():
    ours = [pcgrad(seed, (0.8, 0.7), updates=10, optimisation__epochs=5) for seed in (0, 1)]
    theirs = [run(seed=seed) for seed in (0, 1)]
    first, second = groups([*ours, *theirs], by=("optimisation.combiner",))
    found = difference(first, second, "reviews")
    assert found.found is None
    assert len(found.unpaired) == 4
    first, second = groups([*ours, *theirs])
    assert difference(first, second, "reviews").seeds == (0, 1)


def test_groups_are_named_by_the_scheduler_not_by_how_many_updates_it_needs():
    found = groups([jointly(0, (0.8, 0.7)), in_turn(0, (0.8, 0.7)), jointly(1, (0.8, 0.7))])
    assert [group.label for group in found] == ["joint", "round robin"]
    longer = groups([run(seed=0), run(seed=0, optimisation__epochs=9), in_turn(0, (0.8, 0.7))])
    assert len({group.label for group in longer}) == 3
    assert longer[1].label == "epochs 9"


def test_options_name_groups_of_their_own_method_alone_and_only_where_needed():
    weak, strong = ({"optimisation__combiner": "cagrad", "optimisation__combiner_options": {"c": c}}
                    for c in (0.3, 0.6))  # fmt: skip
    assert [each.label for each in groups([run(), run(**weak)])] == ["sum", "CAGrad"]
    assert [each.label for each in groups([run(), run(**weak), run(**strong)])] == [
        "sum", "CAGrad (c 0.3)", "CAGrad (c 0.6)",
    ]  # fmt: skip


def test_runs_that_give_each_task_as_many_batches_pair_whatever_the_number_of_updates():
    ours = [in_turn(seed, (0.8, 0.7)) for seed in (0, 1)]
    theirs = [jointly(seed, (0.7, 0.7)) for seed in (0, 1)]
    first, second = groups([*ours, *theirs], by=("optimisation.scheduler",))
    found = difference(first, second, "reviews")
    assert (found.seeds, found.found.mean) == ((0, 1), pytest.approx(10))
    more = [run((0.7, 0.7), updates=7, seed=seed, optimisation__max_updates=7) for seed in (0, 1)]
    first, second = groups([*ours, *more], by=("optimisation.scheduler",))
    assert difference(first, second, "reviews").found is None


def test_pooled_runs_pair_within_equal_settings():
    both = [(seed, epochs) for epochs in (3, 5) for seed in (0, 1)]
    ours = [pcgrad(seed, (0.8, 0.7), optimisation__epochs=epochs) for seed, epochs in both]
    theirs = [run((epochs / 10, 0.7), seed=seed, optimisation__epochs=epochs)
              for seed, epochs in both]  # fmt: skip
    first, second = groups([*ours, *theirs], by=("optimisation.combiner",))
    found = difference(first, second, "reviews")
    # Each seed gains 0.5 with three epochs and 0.3 with five: two seeds, no spread.
    assert found.seeds == (0, 1)
    assert (found.found.seeds, found.found.mean) == (2, pytest.approx(40))


def test_pooled_runs_are_averaged_within_a_seed_before_the_interval():
    scores = {(0, 3): 0.5, (0, 5): 0.7, (1, 3): 0.6, (1, 5): 0.64, (2, 3): math.nan, (2, 5): 0.7}
    pooled = groups([run((score, 0.7), seed=seed, optimisation__epochs=epochs)
                     for (seed, epochs), score in scores.items()], by=())[0]  # fmt: skip
    found = spread_of(pooled, "reviews")
    expected = spread([0.6, 0.62, 0.7])
    assert (found.seeds, found.mean) == (3, pytest.approx(expected.mean))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert spread_of(pooled, "none") is None


def test_of_equal_runs_of_one_seed_the_newest_counts_and_the_others_are_named():
    old, new, other = run((0.1, 0.1), seed=0), run((0.9, 0.9), seed=0), run(seed=1)
    group = groups([new, old, other])[0]
    assert {each.id for each in group.used} == {new.id, other.id}
    assert [each.id for each in group.repeated] == [old.id]


def test_unfinished_runs_are_in_the_group_but_in_no_mean():
    running, failed = run(seed=0, status="running"), run(seed=1, status="failed")
    group = groups([running, failed, run(seed=2)])[0]
    assert len(group.runs) == 3
    assert [each.seed for each in group.used] == [2]


def test_a_score_that_is_no_number_is_not_paired():
    ours = [pcgrad(0, (math.nan, 0.7)), pcgrad(1, (0.8, 0.7))]
    theirs = [run(seed=0), run(seed=1)]
    first, second = groups([*ours, *theirs])
    assert difference(first, second, "reviews").seeds == (1,)
    assert difference(first, second, "letters").seeds == (0, 1)


def test_a_task_that_a_group_does_not_have_is_not_compared():
    found = groups([run(seed=0), run((0.9,), seed=0, tasks=("reviews",))])
    assert len(found) == 2
    assert difference(*found, "letters").found is None
    # What the first group's other task is like is no setting of the second.
    assert difference(*found, "reviews").found.mean == pytest.approx(-10)
