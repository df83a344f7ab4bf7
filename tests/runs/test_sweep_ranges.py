"""Ranges of numbers in a sweep: what they hold, who takes them, what the pictures make of them."""

import json
import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtlviz.cli.sweep_report import found_of
from mtlviz.errors import ConfigError
from mtlviz.runs.sweep.levels import levels
from mtlviz.runs.sweep.plan import check_plan, chosen, read_over, read_plan, write_over
from mtlviz.runs.sweep.ranges import STEPS, spread
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs.stand_in import config as stand_in
from tests.runs.stored_sweeps import finished_sweep
from tests.runs.test_sweep import RATE, SIZE, plan
from tests.runs.test_sweep_searches import searched, searched_number

LOG = "1e-5..1e-2:log"
OVER = {RATE: (LOG,), SIZE: ("8..128",), "optimisation.combiner": ("sum", "pcgrad")}


def values(text):
    return list(spread((text,)))


def test_a_range_lies_evenly_on_its_scale_from_end_to_end():
    found = np.array(values(LOG))
    assert (found[0], found[-1], len(found)) == (1e-5, 1e-2, STEPS)
    np.testing.assert_allclose(np.diff(np.log(found)), math.log(1000) / 999, rtol=0.2)
    found = np.array(values("0.1..0.5"))
    np.testing.assert_allclose(found, np.linspace(0.1, 0.5, STEPS), atol=1e-4)


@pytest.mark.parametrize("text", ["1e-5..1e-2:LOG", "8..64:step", "1..", "1 .. 2", "1e-5..x"])
def test_a_range_of_another_form_is_told_what_one_is(text):
    with pytest.raises(ConfigError, match=r"A range is LOW\.\.HIGH, or LOW\.\.HIGH:log .* got"):
        spread((text,))


def test_whole_numbers_stay_whole_and_come_once():
    assert values("8..12") == [8, 9, 10, 11, 12]
    found = values("1..1000:log")
    assert found[:3] == [1, 2, 3]
    assert found[-1] == 1000
    assert len(set(found)) == len(found) < 1000
    assert all(type(each) is int for each in found)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6), st.booleans())
def test_every_range_rises_and_knows_its_places(low, width, log):
    low = abs(low) + 1e-9 if log else low
    text = f"{low:.12f}..{low + width:.12f}" + ":log" * log
    try:
        found = spread((text,))
    except ConfigError:  # The ends are the same number.
        return
    listed = list(found)
    assert all(a < b for a, b in pairwise(listed))
    assert [found.index(each) for each in listed] == list(range(len(listed)))


def test_what_is_stored_of_a_value_is_found_again_after_reading():
    found = spread((LOG,))
    again = json.loads(json.dumps(list(found)))
    assert [found.index(each) for each in again] == list(range(STEPS))
    with pytest.raises(ValueError, match="not in the range"):
        found.index(0.00123456789)


def test_texts_are_read_and_written():
    read = read_over([f"{RATE}={LOG}", f"{SIZE}=8..128"])
    assert read == {RATE: (LOG,), SIZE: ("8..128",)}
    assert write_over(read) == (f"{RATE}={LOG}", f"{SIZE}=8..128")
    made = read_plan({"over": {RATE: LOG}, "search": "random", "trials": 3})
    assert made.over == {RATE: (LOG,)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"search": "grid", "trials": None}, "A grid tries every combination, and `optimisation"),
        ({"trials": None}, "is a range, so say how many settings"),
        ({"over": {RATE: ("1e-2..1e-5",)}}, "from a smaller number to a larger one"),
        ({"over": {RATE: ("0..1e-2:log",)}}, "begins above zero"),
        ({"over": {RATE: ("1e-5..1e400",)}}, "A range lies between finite numbers, got 1e-5"),
        ({"over": {RATE: ("1e400..1e401:log",)}}, "A range lies between finite numbers, got 1e400"),
        ({"over": {RATE: ("1e-300..1e300:log",)}}, "are too far apart, got 1e-300"),
        ({"over": {RATE: (LOG, 0.1)}}, "A range stands alone"),
        ({"over": {SIZE: ("0..4",)}}, "batch_size"),
        ({"over": {SIZE: ("8.5..16",)}}, "batch_size"),
        ({"over": {"optimisation.combiner": ("1..2",)}}, "combiner"),
        ({"over": {"optimisation.weight_decay": ("0..1",)}}, r"takes decimals.*0\.0\.\.1\.0"),
        ({"over": {RATE: ("1e-5...1e-2",)}}, r"A range is LOW\.\.HIGH, .* got"),
    ],
)
def test_what_is_wrong_with_a_range_is_one_sentence(changed, said):
    with pytest.raises(ConfigError, match=said):
        check_plan(plan(**{"search": "random", "trials": 5, "over": OVER, **changed}))


@pytest.mark.parametrize("search", ["tpe", "pareto"])
@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"capacity.width": ("8..64",)}, "width"),
        ({"capacity.width": ("8..64",), "capacity.encoder": ("mean", "transformer")}, "width"),
        ({"optimisation.max_updates": ("10..1e3:log",)}, "should be a whole number"),
    ],
)
def test_a_range_that_only_its_ends_can_be_trained_with_is_refused_before_it_begins(
    search, over, said
):
    pytest.importorskip("optuna")
    base = stand_in().with_values({"capacity.encoder": "transformer"})
    with pytest.raises(ConfigError, match=said):
        check_plan(plan(base=base, search=search, trials=8, over=over))


def test_settings_at_random_come_from_all_of_a_range():
    made = plan(search="random", trials=300, over=OVER)
    check_plan(made)
    settings = chosen(made)
    assert len(set(settings)) == 300
    logs = np.log10([rate for rate, _, _ in settings])
    assert abs(np.median(logs) + 3.5) < 0.2
    assert {size for _, size, _ in settings} >= {8 + 5 * n for n in range(5)} - {8}
    assert chosen(made) == settings


def test_more_ranges_than_a_sample_can_be_drawn_from():
    groups = ("learning_rate", "weight_decay", "clip", "warmup")
    paths = [f"optimisation.{name}" for name in groups[:2]]
    tasks = [f"data.tasks.{n}.{name}" for n in range(3) for name in ("weight", "head.dropout")]
    made = plan(search="random", trials=20, over=dict.fromkeys([*paths, *tasks], ("0.1..0.4",)))
    assert made.combinations == 10**24
    assert len(set(chosen(made))) == 20


@pytest.mark.parametrize("search", ["tpe", "pareto"])
def test_a_search_over_ranges_goes_on_as_if_nothing_had_been_killed(store, search):
    pytest.importorskip("optuna")
    made = plan(search=search, trials=14, over=OVER, seeds=2, together=3)
    first = searched(store, made)
    assert len(set(first)) == 14
    for run in store.runs():
        store.delete(run.id)
    number = searched_number(store, made, batch=1)
    assert list(stored_sweep(store, number).settings) == first


def test_pictures_have_a_range_in_stretches_of_equal_size():
    codes = np.array([[0, 0], [249, 0], [250, 1], [999, 1]])
    rate, other = levels({RATE: (LOG,), "optimisation.combiner": ("sum", "pcgrad")}, codes)
    assert rate.words[0] == "1e-05 to 5.59e-05"
    assert rate.codes.tolist() == [0, 0, 1, 3]
    assert rate.places.tolist() == [-0.498, 0.498, 0.502, 3.498]
    assert rate.ends == ("1e-05", "5.63e-05", "0.000317", "0.00179", "0.01")
    assert other.ends == ()
    assert (other.words, other.codes.tolist()) == (("sum", "pcgrad"), [0, 0, 1, 1])


def test_few_whole_numbers_are_no_stretches():
    (found,) = levels({SIZE: ("8..10",)}, np.array([[2]]))
    assert found.words == ("8", "9", "10")


def test_a_report_tells_effects_of_stretches(store):
    def scores(codes, seed, tasks):
        return 0.5 + 0.4 * codes[0] / STEPS + 0.001 * seed + np.zeros(tasks)

    sweep = finished_sweep(store, OVER, scores=scores, search="random", trials=40)
    said = "\n".join(found_of(store, sweep))
    (share,) = re.findall(r"learning rate explains (\d+)%", said)
    assert int(share) > 80
    assert "1e-05 to 5.5" in said
