"""A family of runs: the one sentence, which page and shell say of the same runs."""

import math

import pytest

from mtlviz.engine.config import Budget
from mtlviz.engine.measures.joint_verdict import joint_verdict
from mtlviz.engine.measures.transfer import Transfer, transfer
from mtlviz.runs.family import family, member
from mtlviz.runs.flat_settings import flat
from mtlviz.runs.scored_run import scored_run
from mtlviz.runs.single_task import signatures, single_task_run
from tests.runs.compare_runs import settings, stored


def found(*differences):
    return transfer([0.5 + each / 100 for each in differences], [0.5] * len(differences))


def test_the_sentence_names_helped_hurt_and_what_cannot_be_told():
    told = joint_verdict(
        {
            "letters": found(14, 15, 13),
            "topics": found(0, 0, 0),
            "similarity": found(-40, -42, -41),
            "reviews": found(-1, 1, 0.3),
        }
    )
    # Student's t with 2 degrees of freedom: 4.303 · 1 / √3 = 2.48.
    assert told == (
        "Training together helped letters by 14.0 points (95 % interval +11.5 to +16.5) and hurt "
        "similarity by 41.0 points (95 % interval −43.5 to −38.5), over 3 paired seeds. What it "
        "did to reviews (+0.1, −2.4 to +2.6) cannot be told from zero, over 3 paired seeds. It "
        "left the score of topics exactly as it was."
    )


def test_of_many_tasks_the_two_ends_are_told_and_how_many_there_are():
    gains = {f"t{n}": found(n, n + 1, n + 2) for n in range(10, 24)}
    unsure = {f"u{n}": found(-n, n, 0.3 * n) for n in range(1, 14)}
    told = joint_verdict({**gains, **unsure})
    assert told == (
        "Training together helped 14 tasks, from t10 by 11.0 points (95 % interval +8.5 to +13.5) "
        "to t23 by 24.0 points (95 % interval +21.5 to +26.5), over 3 paired seeds. What it did to "
        "13 tasks, from u1 (+0.1, −2.4 to +2.6) to u13 (+1.3, −31.5 to +34.1), cannot be told from "
        "zero, over 3 paired seeds."
    )


def test_one_seed_has_no_interval_yet_and_is_no_verdict():
    told = joint_verdict({"letters": found(14), "topics": found(-2)})
    assert told == (
        "Training together changed letters by +14.0 and topics by −2.0 points (one seed: no "
        "interval yet, add seeds)."
    )


def test_a_small_effect_is_not_shouted_and_an_equal_number_of_seeds_is_not_claimed():
    told = joint_verdict({"a": found(0.3, 0.31, 0.32), "b": found(5, 5.1)})
    assert "helped a a little, by 0.3 points" in told
    assert told.endswith("over 2 to 3 paired seeds.")


def test_differences_without_spread_decide_nothing():
    told = joint_verdict({"a": found(0.5, 0.5)})
    assert (
        told
        == "What training together did to a (exactly +0.5 in every seed) cannot be told from zero, "
        "over 2 paired seeds."
    )


@pytest.mark.parametrize("mean", [-0.02, 0.02])
def test_what_is_decided_is_never_told_as_zero(mean):
    told = joint_verdict({"a": Transfer(mean, mean - 0.001, mean + 0.001, 5, 0.95)})
    assert " 0.0 " not in told
    assert f"a little, by {abs(mean)}" in told


def test_nothing_paired_says_nothing():
    assert joint_verdict({}) == ""


def loaded(store, run, trained):
    summary, config = store.run(run), store.config(run)
    records = [each for _, each in store.records(run, kinds=("evaluation",))]
    scored = scored_run(summary, flat(config), records, trained)
    return member(scored, config, signatures(scored, config))


def test_runs_of_other_seeds_and_their_tasks_alone_are_one_family(store):
    alone = {seed: single_task_run(settings(seed), 0, Budget(6, 2, 2)) for seed in (0, 1)}
    together = [stored(store, settings(seed), (0.8 + seed / 100, 0.7)) for seed in (0, 1)]
    single = [stored(store, config, (0.75,)) for config in alone.values()]
    stored(store, settings(0, capacity__width=7), (0.1, 0.1))
    every = [
        loaded(store, run, (6, 6) if run in together else (6,)) for run in (*together, *single)
    ]
    result = family(every[0], every)
    assert result.together == tuple(together)
    assert result.alone == tuple(single)
    assert result.transfers["reviews"].mean == pytest.approx(5.5)
    assert result.transfers["reviews"].seeds == 2
    assert result.unmeasured == ["letters"]
    assert not result.one_seed
    lonely = family(every[0], every[:1])
    assert lonely.sentence() == ""
    assert math.isfinite(result.transfers["reviews"].low)
