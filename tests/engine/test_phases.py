"""Phases: plans worked by hand, properties of any list of them, their text, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtlviz.engine.choices import check_choices, schedule_of
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.phase_config import PHASES
from mtlviz.engine.phases import settings_in
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import ConfigError

NAMES = ("a", "b", "c")
RUNS = [name for name in SCHEDULERS if name != "phases"]


def config(phases="", **optimisation):
    return RunConfig(
        data={"tasks": tuple(TaskConfig(name=name) for name in NAMES)},
        optimisation={"phases": phases, "epochs": 2, **optimisation},
    )


def turns(phases, batches, **optimisation):
    found = schedule_of(config(phases, **optimisation), np.array(batches))
    due = ["".join(np.array(NAMES)[row]) for row in found.due]
    return due, found


def test_the_papers_recipe_by_hand():
    # Two epochs: a has 2 x 3 updates, 3 before and 3 after the 2 x 1 of b and the 2 x 2 of c.
    due, found = turns("a share=0.5 > b > c > a share=0.5", [3, 1, 2])
    assert due == ["a"] * 3 + ["b"] * 2 + ["c"] * 4 + ["a"] * 3
    assert found.starts == (0, 3, 5, 9)
    assert found.epoch.tolist() == [0, 0, 0, 1, 2, 3, 3, 4, 4, 5, 5, 5]
    assert [found.phase(update) for update in (0, 2, 3, 4, 5, 8, 9, 11)] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_an_odd_number_of_updates_is_cut_without_losing_or_doubling_one():
    due, found = turns("a share=0.5 > b > c > a share=0.5", [3, 1, 1], epochs=1)
    assert due == ["a"] * 2 + ["b", "c"] + ["a"]
    assert found.starts == (0, 2, 3, 4)


def test_a_phase_may_name_its_updates_and_its_own_turns():
    due, _ = turns("all scheduler=round_robin updates=4 > a+c updates=2 > b updates=1", [3, 3, 3])
    assert due == ["a", "b", "c", "a", "ac", "ac", "b"]


def test_more_than_the_whole_goes_on_with_further_epochs():
    due, found = turns("a share=2 > b > c", [2, 1, 1], epochs=1)
    assert due == ["a"] * 4 + ["b", "c"]
    assert found.epoch.tolist() == [0, 0, 1, 1, 2, 3]


def test_a_run_without_phases_is_one_phase_of_all_tasks():
    for name in RUNS:
        plain = schedule_of(config(scheduler=name), np.array([3, 1, 5]))
        one = schedule_of(config("all", scheduler=name), np.array([3, 1, 5]))
        assert plain.due.tolist() == one.due.tolist()
        assert plain.epoch.tolist() == one.epoch.tolist()
        assert one.starts == (0,)


# No link and no file can hold the character U+0000; both refuse it.
named = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3)
phase = st.fixed_dictionaries(
    {"tasks": st.lists(st.sampled_from(NAMES), unique=True)},
    optional={
        "share": st.floats(0.01, 1.5),
        "updates": st.integers(1, 9),
        "scheduler": st.sampled_from(RUNS),
        "heads": st.just("fresh"),
        "optimiser": st.just("reset"),
        "warmup": st.floats(0, 0.9),
        "frozen_heads": st.lists(st.sampled_from(NAMES), unique=True),
        "combiner_options": st.dictionaries(named, st.floats(0, 1), max_size=2),
    },
)
lists = st.lists(phase, min_size=1, max_size=5)
batches = st.lists(st.integers(1, 12), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(lists, batches)
def test_every_update_belongs_to_one_phase_and_trains_its_tasks_alone(phases, sizes):
    found = schedule_of(config(phases), np.array(sizes))
    again = schedule_of(config(phases), np.array(sizes))
    assert (found.due == again.due).all()
    assert found.starts == again.starts
    assert len(found.starts) == len(phases)
    assert (np.diff([*found.starts, len(found.epoch)]) >= 1).all()
    assert set(np.diff(found.epoch).tolist()) <= {0, 1}
    for update, row in enumerate(found.due):
        tasks = phases[found.phase(update)]["tasks"] or NAMES
        assert row.any()
        assert set(np.array(NAMES)[row]) <= set(tasks)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.sampled_from(RUNS))
def test_shares_that_add_up_to_one_are_the_whole_run(parts, scheduler):
    sizes = np.array([40, 50, 60])
    whole = schedule_of(config(scheduler=scheduler), sizes)
    shares = [{"share": part / sum(parts)} for part in parts]
    found = schedule_of(config(shares, scheduler=scheduler), sizes)
    assert found.due.tolist() == whole.due.tolist()


@settings(max_examples=100, deadline=None)
@given(lists)
def test_phases_are_read_from_their_text_exactly(phases):
    made = config(phases)
    text = PHASES.write(made.optimisation.phases)
    assert config(text) == made
    assert RunConfig.read({"optimisation.phases": text}, config())[0] == made


@pytest.mark.parametrize("name", ["all", "a > b", "x+y", "50 %", "[1]", "é", " ", "\t=\n"])
def test_a_task_of_any_name_can_be_in_a_phase(name):
    made = config([{"tasks": [name], "frozen_heads": [name]}])
    assert config(PHASES.write(made.optimisation.phases)) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a >> b", "has nothing between two switches"),
        ("a shar=1", "sets 'shar', but a phase has share, updates"),
        ("a share=none", r"has a phase whose `share` should be a number, got 'a share=none'\.$"),
        ("a heads=old", "`heads` must be one of kept, fresh"),
        ("a+a", "names 'a' twice"),
        ("a+", "names a task without a name"),
        ("[{}", "phases"),
    ],
)
def test_a_text_that_is_no_list_of_phases_gets_one_sentence(text, said):
    with pytest.raises(ConfigError, match=said):
        config().changed_at("optimisation.phases", text)
    assert len(RunConfig.read({"optimisation.phases": text}, config())[1]) == 1


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ("a > b", "No phase trains 'c'"),
        ("a > d > all", "Phase 2 names the task 'd', which the run does not have. Known: a, b, c"),
        ("all frozen_heads=x", "Phase 1 names the task 'x'"),
        ("all > b frozen=1 frozen_heads=b", "Phase 2 trains nothing"),
        ("all combiner=x", "Unknown combiner 'x'"),
        ("all weighting=x", "Unknown weighting 'x'"),
        ("all scheduler=x", "Unknown scheduler 'x'"),
        ('all combiner_options={"c":1}', "Phase 1 sets options of a combiner, but names none"),
        ('all combiner=cagrad combiner_options={"d":1}', "has no option 'd'"),
        ("all frozen_layers=2", "Phase 1 freezes lower layers, but the mean encoder is no check"),
    ],
)
def test_phases_that_make_no_sense_are_refused_before_anything_is_stored(phases, said):
    with pytest.raises(ConfigError, match=said):
        check_choices(config(phases))


def test_a_phase_that_would_never_begin_is_refused():
    with pytest.raises(ConfigError, match=r"Phase 3 would begin after 8 updates, but .* is 8\."):
        turns("a > b > c", [3, 1, 1], max_updates=8)
    turns("a > b > c", [3, 1, 1], max_updates=9)


def test_a_phase_has_its_own_methods_and_the_runs_where_it_names_none():
    run = config("a combiner=pcgrad > all", combiner="cagrad", combiner_options={"c": 0.3})
    own, same = (settings_in(run, each).optimisation for each in run.optimisation.phases)
    assert (own.combiner, own.combiner_options) == ("pcgrad", {})
    assert (same.combiner, same.combiner_options) == ("cagrad", {"c": 0.3})


@pytest.mark.parametrize("epochs", [3, 4, 7])
def test_the_scheduler_of_this_name_opens_as_the_phases_that_it_is(epochs):
    sizes = np.array([3, 1, 2])
    values = config().model_dump(mode="json")
    values["optimisation"] |= {"scheduler": "phases", "epochs": epochs}
    made = RunConfig.from_values(values)
    assert (made.optimisation.scheduler, len(made.optimisation.phases)) == ("joint", 3)
    found, old = schedule_of(made, sizes), SCHEDULERS["phases"](sizes, epochs, None)
    assert found.due.tolist() == old.due.tolist()
    assert found.epoch.tolist() == old.epoch.tolist()
