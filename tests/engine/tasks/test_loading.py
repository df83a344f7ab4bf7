"""Loading: sampling, noise, checks, and samples that do not depend on the other tasks."""

from dataclasses import replace

import numpy as np
import pytest

from mtlviz.engine.config import DataConfig, TaskConfig
from mtlviz.engine.tasks import TASKS, default_tasks, load_task, load_tasks
from mtlviz.engine.tasks.loading import check_task
from mtlviz.errors import ConfigError, DataError


def generator(seed=0):
    return np.random.default_rng(seed)


def config(**settings):
    options = {"size": 100, "dev_size": 50, **settings.pop("options", {})}
    return TaskConfig(name=settings.pop("name", "t"), options=options, **settings)


def same(one, other):
    return one.first == other.first and np.array_equal(one.labels, other.labels)


@pytest.mark.parametrize("name", TASKS)
def test_every_source_says_what_it_is_and_names_its_options(name):
    assert TASKS[name].help.endswith((".", ";"))
    assert TASKS[name].options
    for option in TASKS[name].options:
        assert option.help, f"{name} does not explain {option.name}"


def test_unknown_source_and_option_list_the_known_ones():
    with pytest.raises(ConfigError, match=r"Unknown source 'web'.*folder.*synthetic"):
        load_task(TaskConfig(name="t", source="web"), generator())
    with pytest.raises(ConfigError, match=r"The synthetic source has no option 'sise'.*size"):
        load_task(TaskConfig(name="t", options={"sise": 3}), generator())
    in_order = "text, text_b, label, target, labels, missing, split, dev_share, seed"
    with pytest.raises(ConfigError, match=f"Known: {in_order}"):
        load_task(TaskConfig(name="t", source="table", options={"colour": 3}), generator())


def test_samples_have_the_counts_asked_for_and_come_from_the_whole():
    whole = load_task(config(), generator())
    sample = load_task(config(train_examples=30, dev_examples=20), generator())
    for split, count in (("train", 30), ("dev", 20)):
        assert len(sample.splits[split]) == count
        assert set(sample.splits[split].first) < set(whole.splits[split].first)


def test_smaller_sample_is_part_of_a_larger_one_and_leaves_the_dev_sample_alone():
    small, large = (
        load_task(config(train_examples=count, dev_examples=20), generator()) for count in (20, 60)
    )
    assert set(small.splits["train"].first) < set(large.splits["train"].first)
    assert same(small.splits["dev"], large.splits["dev"])


def test_another_seed_draws_another_sample():
    one, other = (load_task(config(train_examples=30), generator(seed)) for seed in (0, 1))
    assert not same(one.splits["train"], other.splits["train"])


def test_asking_for_more_than_there_is_says_how_many_there_are():
    with pytest.raises(ConfigError, match="101 train examples but has 100"):
        load_task(config(train_examples=101), generator())


def test_label_noise_changes_about_half_of_the_replaced_labels_of_training_only():
    clean, noisy = (load_task(config(label_noise=share), generator()) for share in (0.0, 1.0))
    changed = np.mean(clean.splits["train"].labels != noisy.splits["train"].labels)
    assert 0.3 < changed < 0.7
    assert clean.splits["train"].first == noisy.splits["train"].first
    assert same(clean.splits["dev"], noisy.splits["dev"])


def test_noisy_scores_stay_in_range_and_few_change_at_low_noise():
    options = {"asks": "similarity"}
    clean, noisy = (
        load_task(config(options=options, label_noise=share), generator()) for share in (0.0, 0.1)
    )
    labels = noisy.splits["train"].labels
    assert np.sum(labels != clean.splits["train"].labels) == 10
    assert labels.min() >= 0
    assert labels.max() <= 5


def test_sample_of_a_task_does_not_depend_on_the_other_tasks():
    first = config(name="a", train_examples=30, label_noise=0.2)
    second = config(name="b", train_examples=30, options={"seed": 1})
    alone = load_tasks(DataConfig(tasks=(second,)), generator())
    together = load_tasks(DataConfig(tasks=(first, second)), generator())
    assert same(alone[0].splits["train"], together[1].splits["train"])


def test_leaked_examples_are_dropped_before_sampling():
    # The same sentences twice, the second task's development split being the first's training.
    once = config(name="a", options={"size": 60, "dev_size": 40})
    wider = config(name="b", options={"size": 20, "dev_size": 40}, train_examples=10)
    loaded = load_tasks(DataConfig(tasks=(once, wider), drop_leaked=True), generator())
    evaluated = {text for task in loaded for text in task.splits["dev"].first}
    assert not evaluated & {text for task in loaded for text in task.splits["train"].first}
    assert len(loaded[0].splits["train"]) == 20
    assert len(loaded[1].splits["train"]) == 10


def with_train_labels(labels):
    task = load_task(config(options={"size": 4}), generator())
    train = replace(task.splits["train"], labels=np.array(labels))
    return replace(task, splits={**task.splits, "train": train})


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 1, 1, 1], "all of the class 'positive'"),
        ([0, 1, 2, 0], "labels run from 0 to 2, its 2 classes from 0 to 1"),
        ([0.0, np.nan, 1.0, 0.0], "not a finite number"),
        ([0, 1, 0], "differ in number"),
    ],
)
def test_examples_that_make_no_task_are_refused(labels, message):
    with pytest.raises(DataError, match=message):
        check_task(with_train_labels(labels))


def test_metric_must_fit_the_kind_of_task():
    with pytest.raises(ConfigError, match="Unknown metric of a classification task 'pearson'"):
        check_task(replace(with_train_labels([0, 1, 0, 1]), metric="pearson"))


def test_task_without_development_examples_is_refused():
    task = with_train_labels([0, 1, 0, 1])
    with pytest.raises(DataError, match="no examples in its dev split"):
        check_task(replace(task, splits={"train": task.splits["train"]}))


def test_sample_of_one_class_is_refused():
    with pytest.raises(DataError, match="all of the class"):
        load_task(config(train_examples=1), generator())


def test_source_without_training_examples_is_refused(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("text,label,part\na,yes,dev\nb,no,dev\n")
    settings = {"source": "table", "path": str(file), "options": {"split": "part"}}
    with pytest.raises(DataError, match="'part' puts no row into train: train and dev are needed"):
        load_task(TaskConfig(name="t", **settings), generator())


def test_default_tasks_load_and_name_four_tasks_one_of_them_small():
    tasks = load_tasks(DataConfig(tasks=default_tasks()), generator())
    assert len({task.name for task in tasks}) == 4
    assert {task.kind for task in tasks} == {"classification", "pair_regression"}
    assert [len(task.splits["train"]) for task in tasks] == [600, 40, 600, 600]
