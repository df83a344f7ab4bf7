"""Settings side by side: what differs, what it is called, what kind of difference it is."""

import pytest

from mtlviz.engine.config import RunConfig, fields
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.runs import flat_settings
from mtlviz.runs.comparison_names import words as comparison_words
from mtlviz.runs.flat_settings import (
    DEFAULT,
    PHASES,
    differing,
    flat,
    in_words,
    meaning,
    shown,
    value_at,
)
from tests.runs.compare_runs import settings as made


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no phases"),
        ("squad share=0.5 > glue_sst2 > squad share=0.5 heads=fresh",
         "half of squad, then glue_sst2, then half of squad (heads fresh)"),
        ("a%20b+c updates=1200 > all share=0.25",
         "1,200 updates of a b + c, then 0.25 of all tasks"),
    ],
)  # fmt: skip
def test_phases_are_said_in_words(text, words):
    assert shown(text, PHASES) == words
    assert comparison_words({PHASES: text}, [PHASES]) == (words,)


@pytest.mark.parametrize("name", PRESETS)
def test_every_setting_of_a_run_is_among_its_flat_settings(name):
    found = flat(preset(name))
    for place, _ in fields(RunConfig):
        # Phases stand there as the text that they are.
        if not place.startswith(("data.tasks.", "optimisation.phases.")) and not place.endswith(
            "_options"
        ):
            assert place in found
    assert found["data.tasks"] == tuple(task.name for task in preset(name).data.tasks)


def test_name_and_seed_are_no_difference_and_probes_only_where_asked():
    first, second = flat(made(0, name="a")), flat(made(1, name="b", probes__gram_every=5))
    assert differing([first, second]) == ["probes.gram_every"]
    assert differing([first, second], trained=True) == []
    third = flat(made(2, probes__evaluate_every=5))
    assert differing([first, third], trained=True) == ["probes.evaluate_every"]


def test_an_option_that_is_not_set_stands_as_the_default():
    plain = flat(made())
    other = flat(made(optimisation__combiner="cagrad", optimisation__combiner_options={"c": 0.4}))
    place = "optimisation.combiner_options.c"
    assert differing([plain, other]) == ["optimisation.combiner", place]
    assert (value_at(plain, place), value_at(other, place)) == (DEFAULT, 0.4)
    assert in_words(place) == "c of the combiner"


def test_a_task_is_compared_among_the_runs_that_have_it():
    both, one = flat(made()), flat(made(tasks=("reviews",)))
    assert differing([both, one]) == ["data.tasks"]
    assert value_at(one, "data.tasks[letters].label_noise") is None
    noisy = flat(made(data__tasks__0__label_noise=0.2))
    assert differing([both, one, noisy]) == ["data.tasks", "data.tasks[reviews].label_noise"]


@pytest.mark.parametrize(
    ("place", "kinds"),
    [
        ("data.tasks[a].options.size", {"evaluation", "data"}),
        ("data.tasks[a].dev_examples", {"evaluation", "data"}),
        ("data.tasks[a].label_noise", {"data"}),
        ("data.tasks[a].head.width", set()),
        ("data.tasks[a].examples_per_epoch", {"budget"}),
        ("data.drop_leaked", {"data"}),
        ("optimisation.epochs", {"budget"}),
        ("optimisation.combiner", set()),
    ],
)
def test_a_difference_of_data_of_scoring_and_of_budget_is_told_apart(place, kinds):
    tests = {"evaluation": flat_settings.is_evaluation, "data": flat_settings.is_data,
             "budget": flat_settings.is_budget}  # fmt: skip
    assert {kind for kind, test in tests.items() if test(place)} == kinds


def test_values_are_shown_as_a_person_reads_them_and_folders_by_their_own_name():
    given = [True, None, "", 0.003, ("a", "b"), "/srv/models/bert/", r"C:\models\bert", "org/bert"]
    assert [shown(value) for value in given] == [
        "on", "none", "none", "0.003", "a, b", "bert", "bert", "org/bert",
    ]  # fmt: skip


def test_what_a_setting_means_comes_from_its_own_description():
    assert meaning("optimisation.combiner").startswith("How the due tasks' gradients")
    assert meaning("data.tasks[a].head.width") == "Width of the head's hidden layers."
    assert meaning("optimisation.combiner_options.c") == ""
