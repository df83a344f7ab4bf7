import numpy as np
import pytest
import torch

from mtlviz.engine.batches import POOL, TaskBatches
from mtlviz.engine.config import HeadConfig
from mtlviz.engine.models.tokens import TokenRow, TokenRows
from mtlviz.engine.models.words import WordTokenizer
from mtlviz.engine.purposes import ORDER, generator
from mtlviz.engine.streams import Stream
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.errors import DataError

WORDS = WordTokenizer(["a", "b"])


def batches_of(lengths, second=None, pair="joint", size=4, max_length=50, labels=None):
    first = tuple(" ".join("a" * n) for n in lengths)
    other = None if second is None else tuple(" ".join("b" * n) for n in second)
    kind = "classification" if second is None else "pair_regression"
    labels = np.arange(len(lengths)) if labels is None else labels
    examples = Examples(tuple(map(str, range(len(lengths)))), first, other, labels)
    task = Task("task", kind, ("x",), "accuracy", {"train": examples}, "made up", (0.0, 5.0))
    return TaskBatches(task, "train", WORDS, HeadConfig(pair=pair), size, max_length)


def random_lengths(count, seed=0):
    return np.random.default_rng(seed).integers(1, 40, count).tolist()


@pytest.mark.parametrize("count", [1, 4, 7, 4 * POOL + 1])
def test_every_example_comes_once_an_epoch(count):
    batches = batches_of(random_lengths(count))
    epoch = batches.epoch(np.random.default_rng(1))
    assert sorted(np.concatenate(epoch)) == list(range(count))
    assert len(epoch) == batches.batches_per_epoch() == -(-count // 4)
    assert sorted(map(len, epoch))[1:] == [4] * (len(epoch) - 1)


def test_epoch_may_draw_only_some_examples_and_draws_others_next_time():
    batches, generator = batches_of(random_lengths(100)), np.random.default_rng(1)
    first, second = (np.concatenate(batches.epoch(generator, 30)) for _ in range(2))
    assert len(first) == len(set(first)) == 30
    assert set(first) != set(second)
    assert batches.batches_per_epoch(30) == 8
    assert batches.batches_per_epoch(1000) == 25


def test_generator_alone_decides_the_epoch():
    batches = batches_of(random_lengths(50))
    epochs = [batches.epoch(np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert all(map(np.array_equal, epochs[0], epochs[1]))
    assert not all(np.array_equal(*pair) for pair in zip(epochs[0], epochs[2], strict=True))


def test_bucketing_leaves_little_padding_and_short_texts_do_not_all_come_first():
    batches = batches_of(random_lengths(800), size=8)
    epoch = batches.epoch(np.random.default_rng(0))
    lengths = batches.lengths
    padded = sum(lengths[i].max() * len(i) for i in epoch)
    assert padded < 1.1 * lengths.sum()
    means = np.array([lengths[i].mean() for i in epoch])
    assert (np.diff(means) < 0).mean() == pytest.approx(0.5, abs=0.15)


def test_evaluation_takes_every_example_once_shortest_first():
    batches = batches_of([9, 1, 5, 3, 7])
    assert [i.tolist() for i in batches.in_length_order()] == [[1, 3, 2, 4], [0]]


def test_collated_batch_is_as_wide_as_its_longest_text():
    batch = batches_of([2, 5, 3]).collate(np.array([2, 0]))
    assert batch.first.ids.tolist() == [[3, 3, 3], [3, 3, 0]]
    assert batch.first.mask.tolist() == [[True] * 3, [True, True, False]]
    assert batch.labels.tolist() == [2, 0]
    assert batch.labels.dtype == torch.int64
    assert batch.second is None


def test_pairs_read_jointly_are_one_input_with_segments():
    batch = batches_of([2, 1], second=[1, 1]).collate(np.arange(2))
    assert batch.second is None
    assert batch.first.ids.tolist() == [[3, 3, 2, 4], [3, 2, 4, 0]]
    assert batch.first.segments.tolist() == [[0, 0, 0, 1], [0, 0, 1, 0]]


def test_pairs_encoded_separately_are_two_inputs_and_bucketed_by_both_lengths():
    batches = batches_of([2, 1], second=[1, 5], pair="separate", labels=np.array([0.5, 5.0]))
    batch = batches.collate(np.array([1, 0]))
    assert batch.first.ids.tolist() == [[3, 0], [3, 3]]
    assert batch.second.ids.tolist() == [[4] * 5, [4, 0, 0, 0, 0]]
    assert batch.first.segments is None
    assert batch.labels.tolist() == [5.0, 0.5]
    assert batch.labels.dtype == torch.float32
    assert batches.lengths.tolist() == [3, 6]


def test_missing_or_empty_splits_are_refused():
    task = batches_of([1]).task
    with pytest.raises(DataError, match="no examples in its 'dev' split"):
        TaskBatches(task, "dev", WORDS, HeadConfig(), 4, 10)


def test_pair_task_without_second_texts_is_refused():
    examples = Examples(("0",), ("a",), None, np.zeros(1))
    task = Task("pairs", "pair_regression", (), "pearson", {"train": examples}, "", (0.0, 1.0))
    with pytest.raises(DataError, match="'pairs' needs pairs"):
        TaskBatches(task, "train", WORDS, HeadConfig(), 4, 10)


def test_padding_of_stored_rows_equals_padding_by_hand():
    rows = [TokenRow([5]), TokenRow([6, 7, 8]), TokenRow([9, 10])]
    tokens = TokenRows.of(rows).pad(np.array([2, 0, 2]), pad_id=1)
    assert tokens.ids.tolist() == [[9, 10], [5, 1], [9, 10]]


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_batches_prepared_ahead_come_in_the_order_of_the_passes(ahead):
    split = batches_of(random_lengths(10))
    passes = [split.epoch(generator(3, ORDER, 0, number)) for number in range(3)]
    stream = Stream(split, None, seed=3, task=0)
    for number, expected in enumerate(rows for each in passes for rows in each):
        batch = stream.next()
        assert batch.indices.tolist() == expected.tolist()
        assert batch.first.ids.tolist() == split.collate(expected).first.ids.tolist()
        for _ in range(ahead):
            stream.prepare()
        assert (stream.epoch, stream.position) == (number // 3, number % 3 + 1)


def test_a_prepared_batch_is_forgotten_where_a_run_goes_on_elsewhere():
    stream, other = (Stream(batches_of(random_lengths(10)), None, 3, 0) for _ in range(2))
    stream.prepare()
    for each in (stream, other):
        each.move_to(2, 1)
    assert stream.next().indices.tolist() == other.next().indices.tolist()
    assert (stream.epoch, stream.position) == (2, 2)


def test_batches_know_how_many_tokens_are_real_and_whether_all_are():
    batches = batches_of([2, 1, 2], second=[1, 5, 1], pair="separate")
    batch = batches.collate(np.array([0, 1]))
    assert batch.tokens == 9 == batch.to("cpu").tokens
    assert not batch.first.full
    assert batches.collate(np.array([0, 2])).second.full
    batches.use_features(torch.zeros(3, 2))
    assert batches.collate(np.array([0])).tokens == 0


def test_some_examples_of_a_sorted_split_are_drawn_by_the_seed():
    split = batches_of([1] * 400, labels=np.repeat([0, 1], 200))
    some = Stream(split, None, seed=3, task=0).some(100)
    assert 30 < split.labels[some].sum() < 70
    assert (np.diff(some) > 0).all()
    assert some.tolist() == Stream(split, None, seed=3, task=0).some(100).tolist()
    assert some.tolist() != Stream(split, None, seed=4, task=0).some(100).tolist()
    assert Stream(split, None, seed=3, task=0).some(1000).tolist() == list(range(400))
