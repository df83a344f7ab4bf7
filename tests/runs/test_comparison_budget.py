"""Budgets of groups: what each task gets, not how many updates that takes."""

from mtlviz.runs.comparison_budget import budgets_differ, shares
from tests.runs.test_comparison import groups, in_turn, jointly, run


def test_tasks_that_take_turns_get_as_much_as_tasks_trained_jointly():
    found = shares(groups([jointly(0, (0.8, 0.7)), in_turn(0, (0.8, 0.7))]))
    assert [each["reviews"].batches for each in found] == [(6, 6), (6, 6)]
    assert not budgets_differ(found)


def test_a_task_that_gets_more_batches_or_larger_ones_is_another_budget():
    plain = run()
    for other in (
        run(trained=(6, 7), optimisation__scheduler="proportional"),
        run(data__batch_size=32),
        run(optimisation__accumulate=2),
    ):
        assert budgets_differ(shares(groups([plain, other])))
    # Half as many batches of twice the size are as many examples.
    assert not budgets_differ(shares(groups([plain, run(updates=3, data__batch_size=32)])))


def test_only_common_seeds_decide_where_a_scheduler_draws_who_is_next():
    def drawn(seed, first, **given):
        chosen = {"optimisation__scheduler": "sampled", **given}
        return run(updates=10, trained=(first, 10 - first), seed=seed, **chosen)

    ours = [drawn(0, 4), drawn(1, 6)]
    theirs = [drawn(0, 4, optimisation__combiner="pcgrad")]
    assert not budgets_differ(shares(groups([*ours, *theirs])))
