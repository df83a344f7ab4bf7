"""Leakage: what counts as the same text, the report, and dropping."""

import numpy as np
import pytest

from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.leakage import drop_leaked, leaks, search_leaks
from mtlviz.engine.tasks.matching import keys, normalised
from mtlviz.engine.tasks.splitting import hold_out
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.errors import ConfigError, DataError


def examples(*texts):
    """Sentences, or pairs."""
    pair = isinstance(texts[0], tuple)
    first = tuple(text[0] if pair else text for text in texts)
    second = tuple(text[1] for text in texts) if pair else None
    ids = tuple(str(number) for number in range(len(texts)))
    return Examples(ids, first, second, np.arange(len(texts)) % 2)


def task(name, **splits):
    made = {split: examples(*texts) for split, texts in splits.items()}
    kind = "pair_classification" if made["train"].second else "classification"
    return Task(name, kind, ("no", "yes"), "accuracy", made, "made up")


MOVIES = task("movies", train=["A film!", "no", "Ok."], dev=["a  FILM", "other"], test=["no?"])
REVIEWS = task("reviews", train=["other", "more"], dev=["ok", "a film", "none"])
PAIRS = task("pairs", train=[("a film", "b"), ("c", "d")], dev=[("B.", "A film"), ("c", "e")])


def found(*tasks):
    return {(leak.train_task, leak.evaluation_task, leak.split): leak for leak in leaks(tasks)}


def test_report_worked_by_hand():
    report = found(MOVIES, REVIEWS)
    assert len(report) == 2 * 3
    assert report["movies", "movies", "dev"].texts == ("a  FILM",)
    assert report["movies", "movies", "test"].share == 1.0
    assert report["movies", "reviews", "dev"].positions == (0, 1)
    assert report["movies", "reviews", "dev"].share == pytest.approx(2 / 3)
    assert report["reviews", "movies", "dev"].texts == ("other",)
    assert report["reviews", "reviews", "dev"].count == 0


def test_pairs_match_in_either_order_and_never_a_single_sentence():
    report = found(PAIRS, MOVIES)
    assert report["pairs", "pairs", "dev"].texts == ("B. | A film",)
    assert report["movies", "pairs", "dev"].count == 0
    assert report["pairs", "movies", "dev"].count == 0


def test_texts_of_punctuation_only_are_not_all_the_same():
    assert normalised("?!") != normalised("...")
    assert normalised("Crème brûlée, 2 €") == "crèmebrûlée2€"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Cre\u0300me bru\u0302le\u0301e", "crème brûlée"),
        ("ＦＵＬＬ　ｗｉｄｔｈ！", "full width"),
        ("STRASSE", "straße"),
        ("I ❤\ufe0f it", "i ❤ it."),
        ("zero\u200bwidth\ufeff", "zero width"),
        ("`` quoted ''", '"quoted"'),
        ("don´t", "don't"),
        ("the index <.SPX> rose", "The index (.SPX) rose"),
    ],
)
def test_two_ways_of_writing_one_text_are_the_same_text(text, other):
    assert normalised(text) == normalised(other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("I like C++", "I like C#"),
        ("I like C++", "I like C"),
        ("राम की", "राम का"),
        ("so 😀", "so 😡"),
        ("👍🏽", "👍🏿"),
        ("👩\u200d💻", "👨\u200d💻"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
         "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"),
        ("ก่า", "ก้า"),
        ("كَتَبَ", "كُتِبَ"),
        ("5%", "5 $"),
        ("2 < 3", "2 > 3"),
        ("I <3 you", "I 3 you"),
    ],
)  # fmt: skip
def test_what_letters_marks_numbers_and_symbols_tell_apart_stays_apart(text, other):
    assert normalised(text) != normalised(other)


def test_dropping_leaves_no_leak_and_every_evaluation_example():
    selection = [task("large", train=["ok", "kept", "No"], dev=["x"]), REVIEWS, PAIRS]
    dropped = drop_leaked([*selection, task("t", train=["y", "z"], dev=["no"])])
    assert sum(leak.count for leak in leaks(dropped)) == 0
    assert dropped[0].splits["train"].first == ("kept",)
    assert dropped[0].splits["train"].labels.tolist() == [1]
    assert dropped[2].splits["train"].first == ("c",)
    for before, after in zip(selection, dropped, strict=False):
        assert before.splits["dev"] is after.splits["dev"]


def test_dropping_everything_is_an_error():
    with pytest.raises(DataError, match="'movies' has no training example left: each of its 3"):
        drop_leaked([MOVIES, REVIEWS])


def test_held_out_texts_do_not_occur_in_what_is_left():
    texts = [f"text {number % 30}" for number in range(100)]
    train, dev = hold_out(examples(*texts), 0.2)
    assert not set(keys(train)) & set(keys(dev))
    assert len(train) + len(dev) == 100
    assert 20 <= len(dev) < 24


def test_the_same_texts_are_held_out_whatever_stands_beside_them():
    few, many = (
        set(hold_out(examples(*(str(n) for n in range(count))), 0.5)[1].first)
        for count in (100, 200)
    )
    assert len(few & many) > 40


@pytest.mark.parametrize("share", [0, 1, -0.1, "half"])
def test_share_to_hold_out_must_lie_between_0_and_1(share):
    with pytest.raises(ConfigError, match="`dev_share` must lie between 0 and 1"):
        hold_out(examples("a", "b"), share)


@pytest.mark.parametrize(
    ("trained", "evaluated", "split", "percent"),
    [
        ("mr", "cs224n_sst", "dev", 61.8),
        ("subj", "cs224n_sst", "dev", 22.5),
        ("stsb", "cs224n_sts", "dev", 66.2),
        ("mrpc", "cs224n_sts", "dev", 7.4),
        ("cs224n_sst", "mr", "dev", 58.6),
        ("mr", "subj", "dev", 31.2),
        ("cs224n_sts", "mrpc", "test", 30.6),
        ("cs224n_sts", "stsb", "dev", 69.2),
    ],
)
def test_shares_of_the_real_data_sets(data_folder, trained, evaluated, split, percent):
    selection = [folder(name, str(data_folder / name)) for name in (trained, evaluated)]
    leak = found(*selection)[trained, evaluated, split]
    # These shares were counted without texts of at most 12 letters, such as "This is so bad .".
    count = sum(len(normalised(text)) > 12 for text in leak.texts)
    assert leak.count - count < 3
    assert 100 * count / leak.examples == pytest.approx(percent, abs=0.051)


def test_a_search_in_parts_finds_the_same_and_tells_how_far_it_is():
    tasks = {each.name: each for each in (MOVIES, REVIEWS, PAIRS)}
    parts = list(search_leaks(list(tasks), [6, 5, 4], tasks.__getitem__))
    assert parts[-1].leaks == leaks(tuple(tasks.values()))
    progress = [part.progress for part in parts]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert parts[0].doing == "reading movies"
    assert all(part.leaks == () for part in parts[:-1])


def test_a_search_calls_tasks_as_it_is_told():
    found = list(search_leaks(["a", "b"], [1, 1], {"a": MOVIES, "b": MOVIES}.__getitem__))[-1]
    assert {leak.train_task for leak in found.leaks} == {"a", "b"}
