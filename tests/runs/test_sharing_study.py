"""A study of ways of sharing: its runs, what is chosen, and what it takes and stores."""

import numpy as np
import pytest

from mtlviz.engine.choices import check_choices
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.sizes import model_size
from mtlviz.engine.estimate.storage import crossings, storage
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.tasks import default_tasks
from mtlviz.errors import ConfigError
from mtlviz.runs import sharing_study
from mtlviz.runs.results import RunResult
from mtlviz.runs.sharing_study import arms, base, planned

TASKS = default_tasks()[:2]


def result(*scores):
    names = tuple(task.name for task in TASKS)
    nothing = (float("nan"),) * len(scores)
    return RunResult(names, ("accuracy",) * 2, scores, nothing, nothing, 1, 1, 1.0)


def test_every_way_is_run_at_every_step_size_and_seed_and_alone_is_among_them():
    plan = dict(planned(base(TASKS, 2, 60), ("hard", "mmoe"), 2, (0, 1)))
    assert set(plan) == {(w, r, s) for w in ("separate", "hard", "mmoe")
                         for r in (0, 1) for s in (0, 1)}  # fmt: skip
    for (way, number, seed), config in plan.items():
        assert (config.capacity.sharing, config.seed) == (way, seed)
        assert config.optimisation.learning_rate == pytest.approx((1e-2, 3e-2)[number])


def test_a_pretrained_encoder_keeps_the_step_size_of_heads_in_proportion():
    plan = planned(base(TASKS, 2, 60, "somewhere"), ("hard",), 3, (0,))
    rates = {(c.optimisation.learning_rate, c.optimisation.head_learning_rate) for _, c in plan}
    assert len(rates) == 3
    assert all(heads == pytest.approx(10 * rate) for rate, heads in rates)


def test_differences_are_paired_over_seeds_after_the_choice_worked_by_hand():
    roles, results, rates, number = {}, {}, {}, 0
    scores = {  # By way and step size: scores of seeds 0 and 1 for two tasks.
        ("separate", 0): [(0.5, 0.5), (0.6, 0.5)], ("separate", 1): [(0.4, 0.7), (0.5, 0.7)],
        ("hard", 0): [(0.6, 0.6), (0.7, 0.7)], ("hard", 1): [(0.1, 0.1), (0.1, 0.1)],
    }  # fmt: skip
    for (way, rate), seeds in scores.items():
        for seed, each in enumerate(seeds):
            number += 1
            roles[way, rate, seed] = number
            results[number], rates[way, rate, seed] = result(*each), (0.01, 0.03)[rate]
    found = arms(roles, results, rates, 2)
    # Alone the tasks choose 0.01 and 0.03; together both take 0.01.
    assert found["separate"].rates == (0.01, 0.03)
    assert found["hard"].rates == (0.01,)
    assert found["hard"].at_end
    assert [round(each.mean, 6) for each in found["hard"].differences] == [10.0, -5.0]
    assert round(found["hard"].mean.mean, 6) == 2.5
    assert found["hard"].mean.seeds == 2


def test_a_choice_inside_the_range_is_none_at_its_end():
    roles = {("separate", n, 0): n for n in range(3)}
    results = {n: result(score, score) for n, score in enumerate((0.5, 0.6, 0.4))}
    rates = dict(zip(roles, (0.01, 0.03, 0.09), strict=True))
    assert not arms(roles, results, rates, 2)["separate"].at_end
    alone = {("separate", 0, 0): 0}
    assert not arms(alone, results, {("separate", 0, 0): 0.01}, 2)["separate"].at_end


def test_a_way_whose_runs_are_not_finished_has_no_difference():
    roles = {("separate", 0, 0): 1, ("hard", 0, 0): 2}
    rates = dict.fromkeys(roles, 0.01)
    found = arms(roles, {1: result(0.5, 0.5)}, rates, 2)
    assert found["hard"].mean is None
    assert found["hard"].differences == (None, None)
    assert found["hard"].rates == ()


@pytest.mark.parametrize("way", SHARING)
def test_storage_at_the_number_of_tasks_at_hand_is_what_the_model_holds(way):
    config = base(default_tasks(), 1, None).changed_at("capacity.sharing", way)
    try:
        check_choices(config)
    except ConfigError:
        pytest.skip(f"{way} is for transformers")
    size = model_size(config, data_facts(config.data))
    found = storage(config, size, 6)
    assert found.over_tasks[3] == pytest.approx(size.total)
    assert (np.diff(found.over_tasks) > 0).all()
    assert found.trained <= found.stored


def test_alone_stores_in_proportion_and_a_crossing_is_where_the_formula_says():
    # 10 K against 25 + 2 K: equal at K = 3.125, so smaller from 4 on.
    count = np.arange(1, 9)
    assert crossings({"alone": 10 * count, "shared": 25 + 2 * count}) == [("shared", "alone", 4)]
    assert crossings({"alone": 10 * count, "smaller": 9 * count}) == []


def test_a_study_is_named_after_its_tasks_and_size():
    assert sharing_study.study_name(["a", "b"], ("hard",), 1) == "a, b · 1 way · 1 seed"
