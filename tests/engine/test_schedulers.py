"""Schedulers: contracts every entry keeps, and small schedules worked by hand."""

import numpy as np
import pytest

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import ConfigError

BATCHES = np.array([3, 1, 5])
GLUE = np.array([8551, 3668, 392702, 2490, 5749, 67349, 363846, 108436])


def turns(name, batches, epochs=1, seed=0, **chosen):
    schedule = SCHEDULERS[name](np.array(batches), epochs, np.random.default_rng(seed), **chosen)
    return [tuple(np.flatnonzero(row).tolist()) for row in schedule.due]


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_update_has_a_due_task_and_an_epoch_in_order(name):
    schedule = SCHEDULERS[name](BATCHES, 4, np.random.default_rng(0))
    assert schedule.due.shape == (len(schedule.epoch), 3)
    assert schedule.due.any(axis=1).all()
    assert (np.diff(schedule.epoch) >= 0).all()
    assert set(schedule.epoch.tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_same_generator_gives_the_same_schedule(name):
    first, second = (SCHEDULERS[name](BATCHES, 4, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first.due, second.due)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_one_task_alone_is_due_at_every_update_once_per_batch(name):
    assert turns(name, [4], epochs=2) == [(0,)] * 8


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_has_a_sentence_of_help(name):
    assert SCHEDULERS[name].help.endswith((".", "..."))


def test_joint_ends_with_the_smallest_task_and_fill_up_with_the_largest():
    assert turns("joint", [2, 3]) == [(0, 1)] * 2
    assert turns("joint_fill_up", [2, 3]) == [(0, 1)] * 3


def test_round_robin_cycles():
    assert turns("round_robin", [2, 3]) == [(0,), (1,), (0,), (1,)]
    assert turns("round_robin_fill_up", [1, 2]) == [(0,), (1,), (0,), (1,)]


def test_proportional_sees_every_batch_of_every_task_once_an_epoch_in_shuffled_order():
    epoch = turns("proportional", [3, 1, 5])
    assert sorted(epoch) == [(0,)] * 3 + [(1,)] + [(2,)] * 5
    assert epoch != sorted(epoch)


def test_sequential_and_phases_do_not_mix_tasks():
    assert turns("sequential", [2, 1], epochs=2) == [(0,), (0,), (1,)] * 2
    assert turns("phases", [2, 1], epochs=2) == [(0,), (0,), (1,)]


def test_phases_need_an_epoch_for_each_task():
    with pytest.raises(ConfigError, match="got 1 epochs for 2 tasks"):
        turns("phases", [2, 1], epochs=1)


@pytest.mark.parametrize(
    ("name", "chosen", "percent"),
    [
        ("sampled", {}, [0.9, 0.4, 41.2, 0.3, 0.6, 7.1, 38.2, 11.4]),
        ("square_root", {}, [4.4, 2.9, 29.9, 2.4, 3.6, 12.4, 28.8, 15.7]),
        ("temperature", {"temperature": 10}, [10.9, 10.0, 15.9, 9.6, 10.4, 13.4, 15.8, 14.0]),
        ("temperature", {"temperature": 5}, [9.1, 7.7, 19.6, 7.1, 8.4, 13.8, 19.3, 15.1]),
    ],
)
def test_sampling_follows_the_published_shares_of_the_eight_glue_tasks(name, chosen, percent):
    schedule = SCHEDULERS[name](GLUE // 10, 1, np.random.default_rng(0), **chosen)
    share = 100 * schedule.due.mean(axis=0)
    # About 95,000 draws: five standard errors of a share of one half are 0.8 points.
    assert np.allclose(share, percent, atol=0.8)


def test_annealing_runs_from_proportional_to_exponent_one_fifth():
    schedule = SCHEDULERS["annealed"](np.array([10, 10_000]), 3, np.random.default_rng(0))
    share = [schedule.due[schedule.epoch == epoch, 0].mean() for epoch in range(3)]
    expected = [1 / (1 + 1000**exponent) for exponent in (1.0, 0.6, 0.2)]
    assert np.allclose(share, expected, atol=0.02)


@pytest.mark.parametrize("chosen", [{"temperature": 0.0}, {"temperature": -1.0}])
def test_a_temperature_must_be_positive(chosen):
    with pytest.raises(ConfigError, match="above 0"):
        turns("temperature", [1, 2], **chosen)


def test_options_are_the_keyword_only_parameters():
    assert SCHEDULERS["temperature"].defaults == {"temperature": 10.0}
    assert SCHEDULERS["joint"].defaults == {}


def test_an_options_help_comes_from_the_docstring_and_its_values_from_the_annotation():
    cagrad, mgda = COMBINERS["cagrad"], COMBINERS["mgda"]
    assert cagrad.option("rescale").help.startswith("What the update is divided by")
    assert mgda.option("normalise").choices == ("none", "l2", "loss", "loss+")
    assert cagrad.option("c").choices == ()
