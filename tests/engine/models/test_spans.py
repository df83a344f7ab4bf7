"""Answers in a text: windows, the best span, official scores, and the rule that learns nothing."""

import re
import string
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from mtlviz.engine.answer_places import longest_question, seen_windows
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.config import HeadConfig, RunConfig
from mtlviz.engine.evaluate import evaluate
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.kinds.span_extraction import best_spans
from mtlviz.engine.kinds.span_rule import rule_answer
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.words import WordTokenizer
from mtlviz.engine.records import EvalRecord, Note
from mtlviz.engine.resuming import save
from mtlviz.engine.span_answers import Spans, question_answers
from mtlviz.engine.span_windows import read_windows
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.tasks.squad import read_squad
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.engine.text_words import located_words, split_words
from mtlviz.engine.train import records, start, train
from mtlviz.engine.training import prepare
from mtlviz.engine.unused_parameters import unused_parameters
from mtlviz.errors import ConfigError

PARAGRAPH = " ".join(f"word{number}" for number in range(200))


def asked(answers, paragraph=PARAGRAPH, question="which word ?"):
    """A question for each answer, all on one paragraph."""
    count = len(answers)
    spans = np.array([(paragraph.index(a), paragraph.index(a) + len(a)) for a in answers])
    ids = tuple(str(number) for number in range(count))
    references = tuple((answer,) for answer in answers)
    return Examples(ids, (question,) * count, (paragraph,) * count, spans, references)


def task_of(examples):
    splits = {"train": examples, "dev": examples}
    return Task("spans", "span_extraction", (), "span_f1", splits, "Made up.")


@pytest.fixture(scope="module")
def words():
    return WordTokenizer(sorted({*PARAGRAPH.split(), "which", "word", "?"}))


@pytest.fixture(params=["words", "pieces"])
def tokenizer(request, words, minilm):
    return words if request.param == "words" else CheckpointTokenizer(minilm)


def test_windows_cover_the_paragraph_and_neighbours_share_the_overlap(tokenizer):
    windows = tokenizer.windows(["which word ?"], [PARAGRAPH], 40, 10)
    assert len(windows) > 5
    places = [[place for place in window.offsets if place[1]] for window in windows]
    assert all(len(window.ids) <= 40 for window in windows)
    assert all(len(window.ids) == len(window.segments) == len(window.offsets) for window in windows)
    assert places[0][0][0] == 0
    assert places[-1][-1][1] == len(PARAGRAPH)
    for one, other in pairwise(places):
        assert one[-10:] == other[:10]


def test_windows_are_seen_without_a_tokenizer_as_its_words_are_cut(words):
    answers = ["word0", "word77 word78", "word199", " ".join(f"word{n}" for n in range(60, 130))]
    examples = asked(answers)
    found = read_windows(examples, words, 40, 10)
    for number, place in enumerate(examples.labels):
        seen = seen_windows(examples.first[number], PARAGRAPH, place, 40, 10)
        own = np.flatnonzero(found.owner == number)
        assert len(seen) == len(own)
        for window, row in zip(seen, own, strict=True):
            offsets = [tuple(each) for each in found.rows.offsets_of(row).tolist() if each[1]]
            assert window.place == (offsets[0][0], offsets[-1][1])
            assert window.words[1] - window.words[0] == len(offsets)
            assert (window.room >= 0) == (found.labels[row, 0] >= 0)
            if window.room >= 0:
                assert PARAGRAPH[slice(*window.answer)] == answers[number]


def test_a_long_question_is_cut_and_the_paragraph_is_not(tokenizer):
    windows = tokenizer.windows([PARAGRAPH], ["word1 word2"], 40, 10)
    (window,) = windows
    question = [place for place, text in enumerate(window.segments) if text == 0]
    assert len(question) <= longest_question(40, 10) + 2
    assert window.offsets[-1][1] == 11 or window.offsets[-2][1] == 11


def test_every_answer_is_learned_where_it_stands_with_most_text_around_it(tokenizer):
    answers = ["word0", "word77 word78", "word199", "word120"]
    examples = asked(answers)
    found = read_windows(examples, tokenizer, 40, 10)
    for number, answer in enumerate(answers):
        first, last = found.learned_labels[number]
        offsets = found.learned.offsets_of(number)
        assert PARAGRAPH[offsets[first][0] : offsets[last][1]] == answer
        own = np.flatnonzero(found.owner == number)
        shown = [w for w in own if found.labels[w, 0] >= 0]
        assert shown
        assert len(shown) < len(own)


def test_an_answer_longer_than_any_window_is_learned_as_far_as_one_shows_it(words):
    long = " ".join(f"word{number}" for number in range(60, 130))
    found = read_windows(asked([long]), words, 40, 10)
    assert (found.labels == -1).all()
    first, last = found.learned_labels[0]
    assert last - first > 30


def test_the_right_logits_give_every_answer_back_over_all_windows(tokenizer):
    answers = ["word0", "word77 word78", "word199"]
    examples = asked(answers)
    found = read_windows(examples, tokenizer, 40, 10)
    parts = []
    for window, (first, last) in enumerate(found.labels):
        logits = np.full((1, len(found.rows.offsets_of(window)), 2), -5.0, dtype=np.float32)
        if first >= 0:
            logits[0, first, 0] = logits[0, last, 1] = 5.0
        parts.append(Spans.of(logits, or_none=False))
    spans = Spans.joined(parts, [np.array([window]) for window in range(len(parts))])
    assert [each.given for each in question_answers(found, examples, spans)] == answers


@pytest.mark.parametrize("seed", range(5))
def test_the_best_spans_are_the_best_of_all_that_are_allowed(seed):
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(3, 12, 2)).astype(np.float32)
    logits[:, generator.permutation(12)[:5]] = -np.inf
    scores, spans = best_spans(logits, 4, count=12)
    for row in range(3):
        every = {
            (first, last): float(logits[row, first, 0]) + float(logits[row, last, 1])
            for first in range(12)
            for last in range(first, min(12, first + 4))
        }
        best = sorted((sum_ for sum_ in every.values() if np.isfinite(sum_)), reverse=True)[:12]
        assert scores[row].tolist() == pytest.approx(best + [-np.inf] * (12 - len(best)))
        for score, place in zip(scores[row], spans[row], strict=True):
            assert np.isneginf(score) or every[tuple(place)] == pytest.approx(score)


def test_a_window_proposes_pairs_of_its_twenty_best_starts_and_ends_alone():
    logits = np.zeros((1, 60, 2), dtype=np.float32)
    logits[0, :, 0] = np.arange(60)
    logits[0, :, 1] = -np.arange(60)
    # The twenty best starts are the last tokens, the twenty best ends the first: none in order.
    scores, spans = best_spans(logits)
    assert np.isneginf(scores).all()
    assert not spans.any()


def test_no_span_is_allowed_where_no_text_is():
    scores, spans = best_spans(np.full((1, 4, 2), -np.inf, dtype=np.float32))
    assert np.isneginf(scores).all()
    assert not spans.any()


def spans_of(*windows):
    """What windows propose: lists of (score, first, last), and maybe what no answer scores."""
    scores = np.full((len(windows), 3), -np.inf)
    places = np.zeros((len(windows), 3, 2), dtype=np.int64)
    for row, (proposed, _) in enumerate(windows):
        for column, (score, *place) in enumerate(proposed):
            scores[row, column], places[row, column] = score, place
    none = [none for _, none in windows]
    return Spans(scores, places, None if None in none else np.array(none))


def test_an_answer_of_two_windows_stands_once_with_its_best_score(words):
    examples = asked(["word10"])
    found = read_windows(examples, words, 40, 18)
    first, second = (found.rows.offsets_of(window)[:, 0].tolist() for window in (0, 1))
    place = PARAGRAPH.index("word18")
    one, other = first.index(place), second.index(place)
    empty = ([], None)
    rest = [empty] * (len(found.owner) - 2)
    windows = ([(2.0, one, one), (1.0, 4, 4)], None), ([(3.0, other, other)], None)
    (answer,) = question_answers(found, examples, spans_of(*windows, *rest))
    assert [(each.text, each.score) for each in answer.best] == [("word18", 3.0), ("word0", 1.0)]
    assert answer.best[0].place == (place, place + 6)
    assert answer.given == "word18"


def test_no_window_with_room_for_an_answer_gives_the_empty_one(words):
    examples = asked(["word10"])
    found = read_windows(examples, words, 40, 18)
    (answer,) = question_answers(found, examples, spans_of(*[([], None)] * len(found.owner)))
    assert (answer.best, answer.given) == ((), "")


@pytest.mark.parametrize(
    ("threshold", "given"), [(0.0, ""), (0.4, ""), (0.5, "word0"), (-3.0, ""), (9.0, "word0")]
)
def test_no_answer_is_given_where_its_lowest_score_is_ahead_by_more_than_the_threshold(
    words, threshold, given
):
    examples = asked(["word10"])
    found = read_windows(examples, words, 150, 20, or_none=True)
    windows = spans_of(([(1.0, 4, 4)], 1.5), ([(0.5, 5, 5)], 4.0))
    (answer,) = question_answers(found, examples, windows, threshold)
    assert answer.given == given
    assert [each.score for each in answer.best] == [1.5, 1.0, 0.5]
    assert answer.best[0].text == ""


def test_the_first_token_stands_for_no_answer_and_begins_none():
    logits = np.zeros((1, 5, 2), dtype=np.float32)
    logits[0, :3] = [[2.0, 1.0], [-np.inf, -np.inf], [4.0, 1.0]]
    found = Spans.of(logits, or_none=True)
    assert found.none.tolist() == [3.0]
    assert found.places[0, 0].tolist() == [2, 2]
    kind = KINDS["span_or_none"]
    assert kind.predict(None, logits).tolist() == [[2, 2]]
    logits[0, 0] = 5.0
    assert kind.predict(None, logits).tolist() == [[0, 0]]


def test_a_question_without_an_answer_is_learned_in_its_first_window(tokenizer):
    examples = replace(asked(["word5", "word7"]), references=(("word5",), ()))
    examples.labels[1] = 0
    found = read_windows(examples, tokenizer, 40, 10, or_none=True)
    assert found.learned_labels[1].tolist() == [0, 0]
    own = found.owner == 1
    assert own.sum() > 1
    assert not found.labels[own].any()
    places = found.learned.pad(np.array([0, 1]), tokenizer.pad_id).places
    assert places[:, 0].all()
    assert (
        not read_windows(asked(["word5"]), tokenizer, 40, 10)
        .rows.pad(np.array([0]), tokenizer.pad_id)
        .places[:, 0]
        .any()
    )


@pytest.mark.parametrize(
    "text",
    ["Don't stop, it's 3.50!", "a ﬁne “quote” ½ naïve café", "日本語 text", "", "  x\u200b "],
)
def test_located_words_are_the_words_and_stand_where_they_are_said_to(text):
    found = located_words(text)
    assert [word for word, _, _ in found] == split_words(text)
    for word, first, last in found:
        if text.isascii():
            assert text[first:last].lower() == word
        assert 0 <= first < last <= len(text)


def normal(text):
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def official(prediction, references):
    """EM and F1 as the official script of SQuAD v1.1 computes them, written anew."""

    def f1(reference):
        given, wanted = normal(prediction).split(), normal(reference).split()
        same = sum((Counter(given) & Counter(wanted)).values())
        if not same:
            return 0.0
        precision, recall = same / len(given), same / len(wanted)
        return 2 * precision * recall / (precision + recall)

    return max(float(normal(prediction) == normal(r)) for r in references), max(map(f1, references))


def official_v2(prediction, references):
    """The same of v2.0: `get_raw_scores` and `compute_f1` of its script, written anew."""
    gold = [each for each in references if normal(each)] or [""]

    def f1(reference):
        wanted, given = normal(reference).split(), normal(prediction).split()
        if not wanted or not given:
            return float(wanted == given)
        same = sum((Counter(wanted) & Counter(given)).values())
        precision, recall = same / len(given), same / len(wanted)
        return 2 * precision * recall / (precision + recall) if same else 0.0

    return max(float(normal(prediction) == normal(each)) for each in gold), max(map(f1, gold))


@pytest.mark.parametrize(("version", "script"), [("", official), ("_v2", official_v2)])
def test_scores_equal_the_official_ones_on_ten_thousand_pairs_the_empty_answer_included(
    version, script
):
    generator = np.random.default_rng(0)
    parts = ["the", "a", "An", "Eiffel", "tower.", "1,889", "-", "’", "Paris", "of", "(old)", "."]

    def text():
        return " ".join(generator.choice(parts, size=generator.integers(0, 6)))

    given = [text() for _ in range(10_000)]
    references = [tuple(text() for _ in range(generator.integers(1, 4))) for _ in given]
    scores = np.array(
        [script(one, several) for one, several in zip(given, references, strict=True)]
    )
    assert METRICS[f"span_em{version}"](given, references) == pytest.approx(scores[:, 0].mean())
    assert METRICS[f"span_f1{version}"](given, references) == pytest.approx(scores[:, 1].mean())


@pytest.mark.parametrize(
    ("answer", "accepted", "v1", "v2"),
    [
        # An empty answer to "." is right in v1.1, but shares no word with it.
        ("", (".",), (1.0, 0.0), (1.0, 1.0)),
        # In v2.0 an accepted answer of nothing is dropped where there is another one.
        ("", (".", "Paris"), (1.0, 0.0), (0.0, 0.0)),
        ("the", (), None, (1.0, 1.0)),
        ("Paris", (), None, (0.0, 0.0)),
        ("Paris", ("paris.", "Lyon"), (1.0, 1.0), (1.0, 1.0)),
    ],
)
def test_empty_answers_by_the_rules_of_both_versions(answer, accepted, v1, v2):
    scores = {
        version: tuple(
            METRICS[f"span_{name}{version}"]([answer], [accepted]) for name in ("em", "f1")
        )
        for version in (("",) if v1 else ()) + ("_v2",)
    }
    assert scores.get("") == v1
    assert scores["_v2"] == v2


def test_the_rule_takes_a_new_name_of_the_sentence_that_is_most_like_the_question():
    text = "The tower stands in Lyon. Gustave Eiffel built the tower in 1889. It has 3 floors."
    assert rule_answer("Who built the tower?", text) == "Gustave Eiffel"
    assert rule_answer("When was the tower built?", text) == "1889"
    assert rule_answer("How many floors has it?", text) == "3"


def run_of(encoder, tasks, tmp=None, **others):
    capacity = {"encoder": encoder, "width": 8, "vector_width": 8, "depth": 1, "attention_heads": 2}
    return RunConfig.from_values(
        {
            "data": {"tasks": tasks, "batch_size": 8, "max_length": 32, **others.pop("data", {})},
            "capacity": capacity | others.pop("capacity", {}),
            "optimisation": {"epochs": 1, "learning_rate": 1e-2},
            "device": "cpu",
            **others,
        }
    )


def both_kinds(**options):
    size = {"size": 24, "dev_size": 16}
    spans = {"name": "spans", "options": {"asks": "answer", **size}}
    return [{**spans, **options}, {"name": "classes", "options": size}]


@pytest.mark.parametrize("encoder", ["mean", "cnn"])
def test_an_encoder_without_a_vector_for_each_token_is_refused(encoder):
    config = run_of(encoder, both_kinds())
    with pytest.raises(ConfigError, match=f"the {encoder} encoder makes none; choose another"):
        start(config)


def test_windows_too_short_and_an_overlap_too_large_are_refused():
    with pytest.raises(ConfigError, match="at least 16 tokens"):
        start(run_of("lstm", both_kinds(), data={"max_length": 12}))
    with pytest.raises(ConfigError, match="overlap of at most half of max_length 32, got 17"):
        run_of("lstm", both_kinds(), data={"overlap": 17})


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_frozen_transformer_carries_spans_beside_classes(pooling):
    capacity = {"pooling": pooling, "frozen": True}
    probes = {"embeddings_every": 2, "embeddings_examples": 5}
    found = list(train(run_of("transformer", both_kinds(), capacity=capacity, probes=probes)))
    scored = [record for record in found if isinstance(record, EvalRecord)][-1]
    assert np.isfinite(scored.scores).all()
    assert np.isfinite(scored.losses).all()
    assert set(scored.metrics[0]) == {"span_f1", "span_em"}


def test_answers_are_never_taken_from_the_question_or_a_mark(tiny_checkpoint):
    config = run_of("checkpoint", both_kinds(), capacity={"checkpoint": tiny_checkpoint})
    tasks = load_tasks(config.data, np.random.default_rng(0))
    tokenizer = build_tokenizer(config, tasks)
    model = build(config, tasks, tokenizer, torch.Generator().manual_seed(0)).eval()
    batches = TaskBatches(tasks[0], "dev", tokenizer, HeadConfig(), 16, 32)
    batch = batches.collate(np.arange(16))
    logits = model(0, batch)
    assert logits.shape == (16, batch.first.ids.shape[1], 2)
    assert torch.equal(torch.isfinite(logits).all(2), batch.first.places)
    assert model.loss(0, logits, batch.labels).isfinite()
    assert batch.first.places[torch.arange(16), batch.labels[:, 0]].all()


def long_task(count=12):
    """Questions on a paragraph of several windows: which number follows the marked word."""
    generator = np.random.default_rng(0)
    texts, spans, references = [], [], []
    for _ in range(count):
        filler = [f"word{n}" for n in generator.integers(0, 30, size=60)]
        place = int(generator.integers(60))
        filler[place] = "marked"
        text = " ".join(filler)
        texts.append(text)
        spans.append((text.index("marked"), text.index("marked") + 6))
        references.append(("marked",))
    ids = tuple(str(number) for number in range(count))
    examples = Examples(ids, ("which ?",) * count, tuple(texts), np.array(spans), tuple(references))
    return replace(task_of(examples), name="spans")


def test_long_paragraphs_train_score_over_all_windows_and_resume(tmp_path):
    tasks = [long_task()]
    config = run_of(
        "lstm", [{"name": "spans"}], data={"max_length": 24}, probes={"evaluate_every": 2}
    ).changed_at("optimisation.epochs", 12)
    training = start(config, tasks=tasks)
    assert len(training.dev[0].scored()) > 2 * len(training.dev[0]) == 24
    whole = [record for record in records(training) if isinstance(record, EvalRecord)]
    assert whole[-1].scores[0] > 0.9
    (again,) = evaluate(training.model, training.dev, torch.device("cpu"))
    assert (again.score, again.loss) == (whole[-1].scores[0], whole[-1].losses[0])
    first = start(config, tasks=tasks)
    early = []
    for record in records(first):
        early.append(record)
        if isinstance(record, EvalRecord) and record.update == 6:
            break
    save(first, tmp_path / "run.safetensors")
    late = records(start(config, tasks=tasks, resume=tmp_path / "run.safetensors"))
    scores = [r.scores[0] for r in [*early, *late] if isinstance(r, EvalRecord)]
    assert scores == [record.scores[0] for record in whole]


# Of the facts' table: file, longest window, overlap, windows, questions with several windows,
# windows that hold the answer, EM and F1 of the answer's own tokens read back, in percent.
TABLE = [
    ("small/dev.json", 384, 128, 508, 8, None, 100.0, 100.0),
    ("small/train.json", 384, 128, 2_014, 14, None, 99.60, None),
    ("train-v1.1-subset.json", 384, 128, 4_028, 28, 4_002, 99.67, 99.70),
    ("train-v1.1-subset.json", 256, 128, 4_499, 448, None, None, None),
    ("train-v1.1-subset.json", 192, 64, 5_436, 1_208, None, None, None),
    ("train-v1.1-subset.json", 128, 64, 10_032, 3_110, 5_646, None, None),
    ("dev-v1.1-subset.json", 384, 128, 5_101, 104, 4_992, 99.94, 99.97),
    ("dev-v1.1-subset.json", 256, 128, 5_834, 607, None, None, None),
    ("dev-v1.1-subset.json", 192, 64, 7_059, 1_625, None, None, None),
    ("dev-v1.1-subset.json", 128, 64, 13_253, 3_979, 7_082, None, None),
]


@pytest.mark.parametrize(
    "row", [TABLE[0], *(pytest.param(r, marks=pytest.mark.slow) for r in TABLE[1:])]
)
def test_windows_of_squad_and_their_ceiling_are_as_measured(data_folder, minilm, row):
    file, length, overlap, windows, several, holding, em, f1 = row
    examples = read_squad(data_folder / "squad" / file)
    found = read_windows(examples, CheckpointTokenizer(minilm), length, overlap)
    assert len(found.owner) == windows
    assert (np.bincount(found.owner) > 1).sum() == several
    holds = found.labels[:, 0] >= 0
    assert holding is None or holds.sum() == holding
    spans = Spans(np.where(holds, 0.0, -np.inf)[:, None], found.labels[:, None], None)
    texts = [each.given for each in question_answers(found, examples, spans)]
    for metric, expected in (("span_em", em), ("span_f1", f1)):
        score = 100 * METRICS[metric](texts, examples.references)
        assert expected is None or score == pytest.approx(expected, abs=0.006)


def test_the_floor_of_squad_is_a_rule_well_above_guessing(data_folder):
    examples = read_squad(data_folder / "squad" / "small" / "dev.json")
    floor = KINDS["span_extraction"].floor(task_of(examples))
    assert floor.score == pytest.approx(0.2825, abs=5e-4)
    sentences = [re.split(r"(?<=[.!?])\s", text)[0] for text in examples.second]
    assert METRICS["span_f1"](sentences, examples.references) < 0.11


@pytest.mark.parametrize("pooling", ["pooler", "mean"])
def test_what_no_span_head_reads_is_told_and_nothing_of_the_run_moves(tiny_checkpoint, pooling):
    capacity = {"checkpoint": tiny_checkpoint, "pooling": pooling}
    training = prepare(run_of("checkpoint", both_kinds(), capacity=capacity))
    notes = {note.topic: note.text for note in training.pending if isinstance(note, Note)}
    if pooling == "mean":
        assert "unused_parameters" not in notes
        return
    # The pooler is one layer of 16 by 16 with its biases.
    total = sum(parameter.numel() for parameter in training.shared)
    assert f"{16 * 17 / total:.1%} for 'spans' of the" in notes["unused_parameters"]
    state = training.dropout.state()
    assert unused_parameters(training) == notes["unused_parameters"]
    assert all(torch.equal(state[name], value) for name, value in training.dropout.state().items())
    assert all(parameter.grad is None for parameter in training.model.parameters())
