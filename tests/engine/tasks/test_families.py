"""Thirty-two tasks in families: what was planted is in the data, and every list has them."""

import os
from pathlib import Path

import numpy as np
import pytest

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.presets import PRESETS
from mtlviz.engine.tasks import TASKS, load_tasks
from mtlviz.engine.tasks.catalogue import in_families
from mtlviz.engine.tasks.families import MEMBERS, NAMES, family_tasks, planted_families
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.synthetic import synthetic
from mtlviz.engine.tasks.vocabulary import FAMILIES, polarities, vocabulary
from mtlviz.errors import ConfigError

COUNT = MEMBERS * len(NAMES)


def signs(family, agreement=1.0, seed=0):
    return polarities(12, agreement, np.random.default_rng(seed), family)


def test_the_rules_of_two_families_have_nothing_in_common_and_the_first_is_the_reference():
    rules = np.stack([signs(family) for family in range(FAMILIES)])
    np.testing.assert_array_equal(rules @ rules.T, 12 * np.eye(FAMILIES))
    np.testing.assert_array_equal(rules[0], 1)


def test_a_member_judges_one_trait_in_its_own_way():
    assert signs(2) @ signs(2, agreement=0.92) == 10


def test_labels_follow_the_familys_rule():
    task = synthetic("north", family=3, agreement=1.0, size=40, dev_size=10)
    traits = vocabulary(0.5, 0).traits
    rule = dict(zip(traits, signs(3), strict=True))
    votes = {word: rule[pair] * (1 - 2 * pair.index(word)) for pair in rule for word in pair}
    examples = task.splits["train"]
    found = [sum(votes.get(word, 0) for word in text.split()) > 0 for text in examples.first]
    np.testing.assert_array_equal(found, examples.labels)


def test_tasks_are_thirty_two_of_four_families_no_two_alike():
    tasks = family_tasks()
    assert len(tasks) == len({task.name for task in tasks}) == COUNT == 32
    assert planted_families(tasks) == tuple(np.repeat(range(4), 8))
    texts = {read_task(TASKS, task).splits["train"].first for task in tasks}
    assert len(texts) == COUNT
    assert {task.options["seed"] for task in tasks}.isdisjoint(
        task.options["seed"] for task in family_tasks(draw=1)
    )


def test_what_is_not_made_in_families_has_no_planted_truth():
    assert planted_families([*family_tasks(), TaskConfig(name="other")]) is None
    assert planted_families(family_tasks()[:MEMBERS]) is None
    assert planted_families([TaskConfig(name="a", source="folder", path="mr")]) is None


def test_a_list_describes_them_as_reading_would():
    for choice in (in_families()[0], in_families()[-1]):
        task = read_task(TASKS, choice.config)
        assert choice.sizes == {split: len(part) for split, part in task.splits.items()}
        assert (choice.kind, choice.metric) == (task.kind, task.metric)
        lengths = {len(text.split()) for text in task.splits["train"].first}
        assert lengths == {choice.words}


@pytest.mark.parametrize(("options", "told"), [
    ({"family": 12}, "`family` must be 0 to 11, got 12"),
    ({"family": True}, "`family` must be 0 to 11"),
    ({"family": 1, "asks": "topic"}, "`family` is for sentiment only"),
])  # fmt: skip
def test_a_family_that_is_none_is_refused(options, told):
    with pytest.raises(ConfigError, match=told):
        synthetic("x", **options)


@pytest.mark.slow
def test_every_data_set_has_the_examples_that_the_preset_takes():
    data = PRESETS["data-sets"].make("").data
    folder = os.environ.get("MTLVIZ_DATA", "")
    if not all((Path(folder) / task.path).is_dir() for task in data.tasks):
        pytest.skip("needs every data set of the preset below MTLVIZ_DATA")
    for task in load_tasks(data, np.random.default_rng(0)):
        assert (len(task.splits["train"].first), len(task.splits["dev"].first)) == (1000, 200)


@pytest.mark.parametrize(("name", "tasks"), [("families", 32), ("data-sets", 20)])
def test_presets_of_many_tasks_are_whole(name, tasks):
    assert len(PRESETS[name].make("").data.tasks) == tasks
