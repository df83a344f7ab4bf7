"""Built-in tasks: labels that follow their rule, honest splits, and something to learn."""

import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mtlviz.engine.config import DataConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.tasks import default_tasks, load_tasks
from mtlviz.engine.tasks.leakage import leaks
from mtlviz.engine.tasks.synthetic import synthetic
from mtlviz.engine.tasks.vocabulary import TOPICS, polarities, vocabulary
from mtlviz.errors import ConfigError

ASKED = ("sentiment", "topic", "paraphrase", "similarity")


def concepts(words):
    return [
        *words.traits,
        *words.people,
        *words.verbs,
        *(thing for topic in TOPICS for thing in words.things[topic]),
    ]


def words_of(task):
    return {word for text in task.splits["train"].first for word in text.split()}


def content(text):
    return [word for word in text.split() if word not in ("the", "and")]


@pytest.fixture(params=ASKED)
def task(request):
    return synthetic("t", asks=request.param, size=300, dev_size=100)


SENTENCE = re.compile(r"the (\w+) \w+ \w+ the (\w+) and (\w+) \w+")


def test_sentences_are_readable(task):
    for text in task.splits["train"].first + (task.splits["train"].second or ()):
        adjectives = SENTENCE.fullmatch(text).groups()
        assert len(set(adjectives)) == 3


def test_no_example_stands_twice_or_in_both_splits(task):
    leak = leaks([task])[0]
    assert leak.count == 0
    train = task.splits["train"]
    pairs = set(zip(train.first, train.second or train.first, strict=True))
    assert len(pairs) == len(train)


def test_same_settings_give_the_same_examples_and_another_seed_others(task):
    kind = {"accuracy": "sentiment"}.get(task.metric, "similarity")
    once, again, other = (
        synthetic("t", asks=kind, size=20, dev_size=5, seed=seed) for seed in (4, 4, 5)
    )
    assert once.splits["train"].first == again.splits["train"].first
    assert once.splits["train"].first != other.splits["train"].first


def test_classes_are_near_balance(task):
    if task.label_names:
        shares = np.bincount(task.splits["train"].labels) / 300
        assert shares.min() > 0.6 / len(task.label_names)


def test_every_word_belongs_to_one_concept():
    found = {concept for pool in range(4) for concept in concepts(vocabulary(0.0, pool))}
    found |= set(concepts(vocabulary(1.0, 0)))
    words = [word for concept in found for word in concept]
    assert len(words) == len(set(words))
    assert len(words) == 2 * 5 * (12 + 4 + 3 + 2 * len(TOPICS))


@pytest.mark.parametrize("overlap", [0.0, 0.5, 1.0])
def test_two_tasks_share_the_asked_share_of_concepts_at_constant_size(overlap):
    one, other = (set(concepts(vocabulary(overlap, pool))) for pool in (0, 3))
    assert len(one) == len(other) == 12 + 4 + 3 + 2 * len(TOPICS)
    assert len(one & other) == pytest.approx(overlap * len(one), abs=1)


@pytest.mark.parametrize("agreement", [0.0, 0.25, 0.5, 1.0])
def test_agreement_is_the_share_of_traits_judged_alike(agreement):
    signs = polarities(12, agreement, np.random.default_rng(0))
    assert np.mean(signs == 1) == pytest.approx(agreement)
    assert signs.mean() == pytest.approx(2 * agreement - 1)


@pytest.mark.parametrize("agreement", [0.0, 1.0])
def test_sentiment_is_the_majority_of_the_adjectives(agreement):
    task = synthetic("t", size=50, agreement=agreement)
    praise = {concept[0] for concept in vocabulary(0.5, 0).traits}
    for text, label in zip(task.splits["train"].first, task.splits["train"].labels, strict=True):
        adjectives = [text.split()[slot] for slot in (1, 5, 7)]
        mostly_praise = sum(word in praise for word in adjectives) >= 2
        assert label == (mostly_praise if agreement == 1 else not mostly_praise)


def test_topic_is_that_of_the_last_noun():
    task = synthetic("t", asks="topic", size=50)
    things = vocabulary(0.5, 0).things
    for text, label in zip(task.splits["train"].first, task.splits["train"].labels, strict=True):
        assert any(text.split()[-1] in concept for concept in things[TOPICS[label]])


@pytest.mark.parametrize("kind", ["similarity", "paraphrase"])
def test_similarity_counts_the_slots_that_mean_the_same(kind):
    task = synthetic("t", asks=kind, size=80)
    meaning = {word: concept for concept in concepts(vocabulary(0.5, 0)) for word in concept}
    train = task.splits["train"]
    for first, second, label in zip(train.first, train.second, train.labels, strict=True):
        pairs = zip(content(first), content(second), strict=True)
        same = sum(meaning[one] == meaning[other] for one, other in pairs)
        if kind == "similarity":
            assert label == pytest.approx(5 * same / 6)
        else:
            assert (same == 6) if label else (same <= 3)


def bag(texts, words):
    return np.array([[text.split().count(word) for word in words] for text in texts])


@pytest.mark.parametrize("kind", ["sentiment", "topic"])
def test_mean_of_word_vectors_learns_the_classes(kind):
    task = synthetic("t", asks=kind)
    words = sorted(words_of(task))
    train, dev = task.splits["train"], task.splits["dev"]
    model = LogisticRegression().fit(bag(train.first, words), train.labels)
    score = METRICS[task.metric](model.predict(bag(dev.first, words)), dev.labels)
    assert score > KINDS[task.kind].floor(task).score + 0.35


def test_cosine_of_word_vectors_tells_similarity_once_words_of_one_meaning_are_one():
    task = synthetic("t", asks="similarity")
    dev = task.splits["dev"]
    merged = {
        word: number
        for number, concept in enumerate(concepts(vocabulary(0.5, 0)))
        for word in concept
    }

    def score(meaning):
        shared = [
            len({meaning[a] for a in content(first)} & {meaning[b] for b in content(second)})
            for first, second in zip(dev.first, dev.second, strict=True)
        ]
        return METRICS["pearson"](shared, dev.labels)

    assert score(merged) > 0.95
    assert 0.5 < score({word: word for word in merged}) < 0.9


def test_large_task_knows_what_the_small_default_task_cannot_learn_alone():
    reviews, letters = load_tasks(DataConfig(tasks=default_tasks()), np.random.default_rng(0))[:2]
    words = sorted(words_of(reviews) | words_of(letters))

    def score(*sources):
        texts = [text for source in sources for text in source.splits["train"].first]
        labels = np.concatenate([source.splits["train"].labels for source in sources])
        model = LogisticRegression().fit(bag(texts, words), labels)
        dev = letters.splits["dev"]
        return METRICS["accuracy"](model.predict(bag(dev.first, words)), dev.labels)

    assert score(letters, reviews) > score(letters) + 0.08


def test_default_tasks_share_no_sentence():
    tasks = load_tasks(DataConfig(tasks=default_tasks()), np.random.default_rng(0))
    assert sum(leak.count for leak in leaks(tasks)) == 0


def test_tasks_of_one_seed_that_ask_different_things_share_no_sentence():
    # Sizes differ, so that what one task would train on another would be scored on.
    tasks = [
        synthetic(asks, asks=asks, size=size, dev_size=50)
        for asks, size in zip(ASKED, (50, 100, 150, 200), strict=True)
    ]
    assert sum(leak.count for leak in leaks(tasks)) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"asks": "poetry"}, "Unknown kind of built-in task 'poetry'"),
        ({"size": 0}, "`size` must be 1 to 20,000, got 0"),
        ({"size": "many"}, "`size` must be 1 to 20,000, got 'many'"),
        ({"vocabulary_overlap": 1.5}, "`vocabulary_overlap` must lie between 0 and 1, got 1.5"),
        ({"vocabulary_pool": 4}, "`vocabulary_pool` must be 0 to 3, got 4"),
        ({"agreement": -0.1}, "`agreement` must lie between 0 and 1, got -0.1"),
        ({"asks": "topic", "agreement": 0.5}, "for sentiment only"),
        ({"path": "somewhere"}, "read from no file"),
    ],
)
def test_wrong_option_is_named_with_what_is_allowed(options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic("t", **options)
