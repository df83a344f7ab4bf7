"""Training alone as the baseline: which run is whose, and which runs are missing."""

import numpy as np
import pytest

from mtlviz.engine import config as engine_config
from mtlviz.engine.config import Budget
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.presets import preset
from mtlviz.runs import single_task
from mtlviz.runs.comparison import grouped
from mtlviz.runs.flat_settings import flat
from mtlviz.runs.lease import lease
from mtlviz.runs.plan_runs import planned
from mtlviz.runs.scored_run import scored_run
from mtlviz.runs.single_task import (
    Baseline,
    TaskSignature,
    against_baseline,
    batches_in_a_pass,
    is_covered,
    kind_of,
    missing,
    planned_signature,
    signatures,
    single_task_run,
    stored_single_task,
    task_signature,
)
from mtlviz.runs.summary import RunSummary
from tests.runs.compare_runs import evaluation, settings, step
from tests.runs.test_comparison import pcgrad
from tests.runs.test_comparison import run as plain


def finished(number, config, scores, trained, status="finished", data=None):
    """A finished run as comparing sees it, with its settings."""
    summary = RunSummary(
        number, config.name, status, 0.0, 0.0, 1.0, 1.0, None, 0, False, max(trained),
        max(trained), ("accuracy",) * len(scores), None, None, data,
    )  # fmt: skip
    run = scored_run(summary, flat(config), [evaluation(max(trained), scores)], trained)
    return run, config


def baselines(*runs):
    """What these runs are a baseline for, as far as they are any."""
    kinds = [(run, kind_of(config), signatures(run, config)) for run, config in runs]
    return single_task.baselines([each for each in kinds if each[1] is not None])


def against(together, baselines, task="reviews", by=()):
    run, config = together
    group = grouped([run], by)[0]
    return against_baseline(group, task, {run.id: signatures(run, config)}, baselines)


def test_a_run_of_one_task_with_the_same_updates_is_the_baseline():
    config = settings(seed=3, optimisation__combiner="pcgrad")
    together = finished(1, config, (0.8, 0.7), (40, 40))
    single = finished(2, single_task_run(config, 0, Budget(40, 10, 1)), (0.75,), (40,))
    found = baselines(together, single)
    assert against(together, found["alone"]).found.mean == pytest.approx(5.0)
    assert against(together, found["alone"], "letters").unpaired == (1,)
    assert found["separate"] == {}


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4},
        {"capacity__width": 50},
        {"data__tasks__0__label_noise": 0.1},
        {"data__batch_size": 8},
        {"optimisation__learning_rate": 0.1},
    ],
)
def test_another_seed_model_data_or_optimiser_is_no_baseline(change):
    together = finished(1, settings(seed=3), (0.8, 0.7), (40, 40))
    other = settings(**{"seed": 3, **change})
    single = finished(2, single_task_run(other, 0, Budget(40, 10, 1)), (0.75,), (40,))
    assert against(together, baselines(single)["alone"]).found is None


def test_the_same_settings_with_other_examples_are_no_baseline_and_are_trained_again():
    config = settings()
    together = finished(1, config, (0.8, 0.7), (40, 40), data=("new", "same"))
    singles = [
        finished(2, single_task_run(config, 0, Budget(40, 10, 1)), (0.75,), (40,), data=("old",)),
        finished(3, single_task_run(config, 1, Budget(40, 10, 1)), (0.75,), (40,), data=("same",)),
    ]
    found = baselines(*singles)["alone"]
    assert against(together, found).found is None
    assert against(together, found, "letters").found.mean == pytest.approx(-5.0)
    wanted = missing([together], found)
    assert [each.data.tasks[0].name for each in wanted] == ["reviews"]
    # What waits has not read its data yet.
    assert missing([together], found, {task_signature(wanted[0], 0, 40, 1)}) == []


def test_a_task_cleaned_of_leaks_keeps_its_settings_alone():
    config = settings(data__drop_leaked=True)
    single = single_task_run(config, 0, Budget(40, 10, 1))
    assert [task.name for task in single.data.leak_from] == ["letters"]
    assert task_signature(single, 0, 40, 1) == task_signature(config, 0, 40, 1)
    assert single_task_run(settings(), 0, Budget(40, 10, 1)).data.leak_from == ()


def test_another_number_of_updates_is_no_baseline_however_many_epochs_that_were():
    config = settings()
    together = finished(1, config, (0.8, 0.7), (40, 40))
    shorter = finished(2, single_task_run(config, 0, Budget(30, 10, 1)), (0.75,), (30,))
    assert against(together, baselines(shorter)["alone"]).found is None
    otherwise = finished(3, single_task_run(config, 0, Budget(40, 3, 1)), (0.75,), (40,))
    assert against(together, baselines(otherwise)["alone"]).found is not None


def test_separate_encoders_are_a_baseline_only_where_nothing_else_joins_the_tasks():
    config = settings(optimisation__scheduler="round_robin")
    together = finished(1, config, (0.8, 0.7), (40, 40))
    apart = config.changed_at("capacity.sharing", "separate")
    found = baselines(finished(2, apart, (0.6, 0.7), (40, 40)))
    assert against(together, found["separate"]).found.mean == pytest.approx(20.0)
    for change in (("combiner", "pcgrad"), ("weighting", "uncertainty")):
        joined = apart.changed_at(f"optimisation.{change[0]}", change[1])
        assert kind_of(joined) is None
    assert kind_of(config) is None


def test_a_run_is_not_compared_with_itself():
    apart = settings(capacity__sharing="separate")
    run = finished(2, apart, (0.6, 0.7), (40, 40))
    assert against(run, baselines(run)["separate"]).found is None


def test_a_run_that_is_not_finished_is_no_baseline():
    config = settings()
    single = finished(
        2, single_task_run(config, 0, Budget(40, 10, 1)), (0.75,), (40,), status="running"
    )
    assert baselines(single)["alone"] == {}


def test_the_missing_runs_are_one_for_each_task_seed_and_budget():
    runs = [
        finished(number, settings(seed=seed, optimisation__combiner=combiner), (0.8, 0.7), (40, 40))
        for number, (seed, combiner) in enumerate(
            [(0, "sum"), (0, "pcgrad"), (1, "sum"), (1, "pcgrad")]
        )
    ]
    wanted = missing(runs, {})
    assert [(config.seed, config.data.tasks[0].name) for config in wanted] == [
        (0, "reviews"), (0, "letters"), (1, "reviews"), (1, "letters"),
    ]  # fmt: skip
    assert {config.optimisation.max_updates for config in wanted} == {40}
    assert wanted[0].name == "reviews alone · 40 updates · seed 0"
    known = {task_signature(wanted[0], 0, 40, 1): None}
    assert len(missing(runs, known)) == 3


def test_what_is_queued_is_a_baseline_once_it_has_finished():
    together = finished(1, settings(seed=5), (0.8, 0.7), (40, 40))
    wanted = missing([together], {})
    singles = [finished(10 + n, config, (0.5,), (40,)) for n, config in enumerate(wanted)]
    found = baselines(*singles)["alone"]
    assert against(together, found).found.mean == pytest.approx(30.0)
    assert missing([together], found) == []


def test_a_task_alone_is_trained_for_its_updates_whatever_the_patience():
    together = finished(1, settings(optimisation__patience=3), (0.8, 0.7), (40, 40))
    wanted = missing([together], {})
    assert [each.optimisation.patience for each in wanted] == [None, None]
    single = finished(2, wanted[0], (0.75,), (40,))
    assert against(together, baselines(single)["alone"]).found.mean == pytest.approx(5.0)


def test_who_reads_its_data_now_is_the_baseline_of_that_data_alone():
    mark = TaskSignature("settings", "new")
    assert is_covered(mark, (), {mark.before_reading()})
    assert is_covered(mark, (), {mark})
    assert not is_covered(mark, (), {TaskSignature("settings", "old")})
    assert not is_covered(mark, {mark.before_reading()})


def test_a_pass_is_counted_as_training_counts_it():
    from mtlviz.engine.training import prepare

    config = preset("default").changed_at("data.tasks.0.train_examples", 100)
    config = config.changed_at("optimisation.accumulate", 2)
    training = prepare(config)
    counted = tuple(training.batches_per_epoch(task) for task in range(4))
    assert batches_in_a_pass(config) == counted


def test_the_run_alone_is_what_the_engine_calls_single_task():
    config = settings(seed=2)
    made = single_task_run(config, 1, Budget(40, 10, 1))
    theirs = engine_config.single_task(config, 1, Budget(40, 10, 1))
    assert made.model_copy(update={"name": theirs.name}) == theirs


def test_transfer_over_seeds_is_the_mean_of_the_paired_differences():
    runs = [finished(seed, settings(seed=seed), (0.7 + seed / 100, 0.5), (40, 40))
            for seed in range(4)]  # fmt: skip
    alone = [single_task_run(settings(seed=seed), 0, Budget(40, 10, 1)) for seed in range(4)]
    singles = [finished(10 + seed, config, (0.7,), (40,)) for seed, config in enumerate(alone)]
    group = grouped([run for run, _ in runs], ())[0]
    marks = {run.id: signatures(run, config) for run, config in runs}
    found = against_baseline(group, "reviews", marks, baselines(*singles)["alone"])
    assert found.seeds == (0, 1, 2, 3)
    assert found.found.mean == pytest.approx(100 * np.mean([0, 0.01, 0.02, 0.03]))


def rarely_scored():
    """Settings of a run that is scored every 3 of its updates, rather than once an epoch."""
    small = preset("default").changed_at("data.tasks.0.train_examples", 100)
    return small.with_values({"probes.evaluate_every": 3, "optimisation.epochs": 8})


def test_the_app_plans_as_many_scores_of_a_task_alone_as_of_its_run():
    from mtlviz.engine.training import prepare

    config, facts = rarely_scored(), data_facts(rarely_scored().data)
    training = prepare(config)
    often = -(-training.total // 3)
    assert often != config.optimisation.epochs
    for each in planned(config, "default", 1, facts)[1:]:
        updates, every = each.config.optimisation.max_updates, each.config.probes.evaluate_every
        assert every == engine_config.evaluate_every(updates, often)


def test_a_missing_run_is_scored_as_often_as_the_run_it_is_compared_with():
    config = settings()
    summary = finished(1, config, (0.8, 0.7), (40, 40))[0].summary
    scores = [evaluation(update, (0.8, 0.7)) for update in range(2, 41, 2)]
    run = scored_run(summary, flat(config), scores, (40, 40))
    assert [each.probes.evaluate_every for each in missing([(run, config)], {})] == [2, 2]


def test_the_score_of_the_untrained_model_is_no_choice_of_a_best_moment():
    config = settings()
    summary = finished(1, config, (0.8, 0.7), (12, 12))[0].summary
    scores = [evaluation(update, (0.8, 0.7)) for update in (0, 6, 12)]
    assert scored_run(summary, flat(config), scores, (12, 12)).evaluations == 2


def test_separate_encoders_under_one_head_are_no_tasks_alone():
    config = settings(capacity__sharing="separate")
    assert kind_of(config) == "separate"
    assert kind_of(config.with_values({"data.heads": "one"})) is None


def test_the_best_of_more_scores_is_no_baseline():
    config = settings()
    together = finished(1, config, (0.8, 0.7), (40, 40))
    single = single_task_run(config, 0, Budget(40, 10, 1))
    summary = finished(2, single, (0.75,), (40,))[0].summary
    scores = [evaluation(update, (0.75,)) for update in (20, 40)]
    often = scored_run(summary, flat(single), scores, (40,)), single
    assert against(together, baselines(often)["alone"]).found is None


@pytest.mark.parametrize(("updates", "evaluations"), [(41, 20), (10, 6), (3, 8), (7, 1), (100, 33)])
def test_what_is_planned_is_what_is_found_when_it_has_been_scored(updates, evaluations):
    config = settings()
    single = single_task_run(config, 0, Budget(updates, 10, evaluations))
    scored = -(-updates // single.probes.evaluate_every)
    wanted = task_signature(config, 0, updates, evaluations)
    assert planned_signature(single) == wanted == task_signature(single, 0, updates, scored)


@pytest.mark.parametrize(
    ("scored", "data", "status", "found"),
    [
        (2, "same", "finished", True),
        (2, "same", "stopped", True),
        (1, "same", "finished", False),
        (2, "other", "finished", False),
        (2, None, "finished", False),
    ],
)
def test_a_stored_run_of_any_name_is_the_baseline_if_it_was_trained_and_scored_alike(
    store, scored, data, status, found
):
    wanted = single_task_run(settings(), 0, Budget(6, 10, 2))
    every = 6 // scored
    other = wanted.with_values({"name": "by the app", "probes.evaluate_every": every})
    held = lease(store, store.create_run(other))
    held.plan(6, ["accuracy"], None if data is None else [data])
    scores = [evaluation(update, (0.7,)) for update in range(every, 7, every)]
    held.append([*(step(update, 1) for update in range(6)), *scores])
    held.finish(status)
    stored_run = stored_single_task(store, wanted, "same")
    assert (stored_run.id if stored_run else None) == (held.run if found else None)


def test_two_runs_of_a_seed_that_share_a_baseline_are_one_seed():
    both = [(seed, method) for seed in (0, 1) for method in (plain, pcgrad)]
    runs = [method(scores=(0.8 + seed / 10 + 0.02 * (method is plain), 0.5), seed=seed)
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


def test_a_run_that_has_its_own_signature_is_no_baseline_of_itself():
    one = plain(seed=0)
    marks, known = (
        {one.id: [TaskSignature("a"), None]},
        {TaskSignature("a"): Baseline(one.id, "alone", 1.0)},
    )
    assert against_baseline(grouped([one], ())[0], "reviews", marks, known).unpaired == (one.id,)
