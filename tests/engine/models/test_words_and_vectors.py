import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.config import CapacityConfig
from mtlviz.engine.models.build import build_tokenizer
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.vectors import BOUND, word_vectors
from mtlviz.engine.models.words import SEPARATOR, UNKNOWN, WordTokenizer
from mtlviz.engine.text_words import split_words
from mtlviz.errors import DataError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def table(path, words, seed=0):
    vectors = word_vectors(CapacityConfig(vectors=str(path)), WordTokenizer(words))
    return vectors.table(generator(seed)), vectors.coverage


def test_words_are_lower_cased_and_clitics_stand_alone():
    assert split_words("Isn't it the film's END?") == [
        "is",
        "n't",
        "it",
        "the",
        "film",
        "'s",
        "end",
        "?",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("राम की किताब", ["राम", "की", "किताब"]),
        ("Cre\u0300me bru\u0302le\u0301e", ["crème", "brûlée"]),
        ("كتابٌ جديد", ["كتابٌ", "جديد"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("ง่าย มาก", ["ง่าย", "มาก"]),
        ("私は学生。", ["私", "は", "学", "生", "。"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("ok👍🏽 👩\u200d💻❤\ufe0f 🇩🇪🇫🇷", ["ok", "👍🏽", "👩\u200d💻", "❤\ufe0f", "🇩🇪", "🇫🇷"]),
        ("Naïve, don’t", ["naïve", ",", "do", "n't"]),
        ("co\u00adop\ufeff a\u200bb", ["coop", "a", "b"]),
    ],
)
def test_words_are_whole_in_every_script(text, words):
    assert split_words(text) == words


def test_most_frequent_word_comes_first_and_rare_words_are_unknown():
    tokenizer = WordTokenizer.from_texts(["b a a", "b a c"])
    assert tokenizer.words == ("a", "b")
    (row,) = tokenizer.encode(["b c a"], None, 9)
    assert row.ids == [4, UNKNOWN, 3]
    assert row.segments is None


def test_empty_text_is_one_unknown_word():
    (row,) = WordTokenizer(["a"]).encode([" "], None, 9)
    assert row.ids == [UNKNOWN]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a a", "b", [3, 3, SEPARATOR, 4]),
        ("a a a a a a", "b", [3, 3, 3, SEPARATOR, 4]),
        ("a", "b b b b b b", [3, SEPARATOR, 4, 4, 4]),
        ("a a a a a a", "b b b b b b", [3, 3, SEPARATOR, 4, 4]),
    ],
)
def test_of_a_pair_the_longer_text_is_cut(first, second, expected):
    (row,) = WordTokenizer(["a", "b"]).encode([first], [second], 5)
    assert row.ids == expected
    border = expected.index(SEPARATOR)
    assert row.segments == [0] * (border + 1) + [1] * (len(expected) - border - 1)


def test_random_vectors_are_bounded_and_padding_is_zero():
    capacity = CapacityConfig(vector_width=4)
    drawn = word_vectors(capacity, WordTokenizer(["a", "b"])).table(generator())
    assert drawn.shape == (5, 4)
    assert not drawn[0].any()
    assert 0 < drawn[1:].abs().max() <= BOUND


def test_vectors_from_a_file_go_to_their_words_and_coverage_is_counted(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("cat 1 2\n. . 5 6\ndog 3 4\n")
    vectors, coverage = table(path, ["dog", "bird", "cat"])
    assert_close(vectors[3], torch.tensor([3.0, 4.0]))
    assert_close(vectors[5], torch.tensor([1.0, 2.0]))
    assert vectors[4].any()
    assert (coverage.found, coverage.total) == (2, 3)
    assert coverage.share == pytest.approx(2 / 3)
    other, _ = table(path, ["dog", "bird", "cat"], seed=1)
    assert torch.equal(other[3], vectors[3])
    assert not torch.equal(other[4], vectors[4])


def test_header_line_of_word2vec_text_is_no_vector(tmp_path):
    path = tmp_path / "vectors.vec"
    path.write_text("2 3\ncat 1 2 3\ndog 4 5 6\n")
    vectors, _ = table(path, ["2", "dog"])
    assert_close(vectors[4], torch.tensor([4.0, 5.0, 6.0]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cat 1 2\ndog 3\n", "line 2: a word and 2 numbers expected"),
        ("cat 1 two\n", "not numbers"),
        ("cat 1 nan\n", "not finite"),
        ("bird 1 2\n", "know no word"),
    ],
)
def test_malformed_vector_files_are_refused(tmp_path, text, message):
    path = tmp_path / "glove.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        table(path, ["cat", "dog"])


def test_missing_vector_file_is_refused():
    with pytest.raises(DataError, match="There is no file"):
        table("no/such/glove.txt", ["cat"])


def test_vectors_of_a_checkpoint_come_with_its_tokenizer(
    make_run, tasks, tiny_checkpoint, make_model
):
    settings = {"encoder": "mean", "vectors": tiny_checkpoint}
    assert isinstance(build_tokenizer(make_run(**settings), tasks), CheckpointTokenizer)
    model, *_ = make_model(**settings)
    assert model.sharing.encoder.embedding_width == 16


def test_vocabulary_takes_words_of_any_split_that_the_file_knows(tmp_path, make_run, tasks):
    path = tmp_path / "glove.txt"
    path.write_text("bad 1 2\nzebra 3 4\n")
    words = build_tokenizer(make_run(encoder="mean", vectors=str(path)), tasks).words
    assert "bad" in words
    assert "zebra" not in words


def test_untrained_vectors_are_frozen(make_model):
    model, *_ = make_model(encoder="mean", train_vectors=False)
    assert not model.sharing.encoder.words.weight.requires_grad
