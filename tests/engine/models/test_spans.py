"""Answers in a text: windows, the best span, official scores, and the rule that learns nothing."""

import re
import string
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.config import HeadConfig, RunConfig
from mtlviz.engine.evaluate import evaluate
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.kinds.span_extraction import best_spans
from mtlviz.engine.kinds.span_rule import rule_answer
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.tokens import longest_question
from mtlviz.engine.models.words import WordTokenizer
from mtlviz.engine.records import EvalRecord
from mtlviz.engine.resuming import save
from mtlviz.engine.span_windows import answer_texts, read_windows
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.tasks.squad import read_squad
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.engine.text_words import located_words, split_words
from mtlviz.engine.train import records, start, train
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


def test_a_long_question_is_cut_and_the_paragraph_is_not(tokenizer):
    windows = tokenizer.windows([PARAGRAPH], ["word1 word2"], 40, 10)
    (window,) = windows
    question = [place for place, text in enumerate(window.segments) if text == 0]
    assert len(question) <= longest_question(40) + 2
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
    scores, spans = [], []
    for window, (first, last) in enumerate(found.labels):
        logits = np.full((1, len(found.rows.offsets_of(window)), 2), -5.0, dtype=np.float32)
        if first >= 0:
            logits[0, first, 0] = logits[0, last, 1] = 5.0
        score, span = best_spans(logits, 30)
        scores.append(score[0])
        spans.append(span[0])
    assert answer_texts(found, examples, np.array(scores), np.array(spans)) == answers


@pytest.mark.parametrize("seed", range(5))
def test_the_best_span_is_the_best_of_all_that_are_allowed(seed):
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(3, 12, 2)).astype(np.float32)
    logits[:, generator.permutation(12)[:5]] = -np.inf
    score, spans = best_spans(logits, 4)
    for row in range(3):
        every = {
            (first, last): logits[row, first, 0] + logits[row, last, 1]
            for first in range(12)
            for last in range(first, min(12, first + 4))
        }
        assert score[row] == pytest.approx(max(every.values()))
        assert every[tuple(spans[row])] == pytest.approx(score[row])


def test_no_span_is_allowed_where_no_text_is():
    score, spans = best_spans(np.full((1, 4, 2), -np.inf, dtype=np.float32), 30)
    assert score[0] == -np.inf
    assert spans.tolist() == [[0, 0]]


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


def official(prediction, references):
    """EM and F1 as the official script of SQuAD v1.1 computes them, written anew."""

    def normal(text):
        text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
        return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())

    def f1(reference):
        given, wanted = normal(prediction).split(), normal(reference).split()
        same = sum((Counter(given) & Counter(wanted)).values())
        if not same:
            return 0.0
        precision, recall = same / len(given), same / len(wanted)
        return 2 * precision * recall / (precision + recall)

    return max(float(normal(prediction) == normal(r)) for r in references), max(map(f1, references))


def test_scores_equal_the_official_ones_on_ten_thousand_pairs_the_empty_answer_included():
    generator = np.random.default_rng(0)
    parts = ["the", "a", "An", "Eiffel", "tower.", "1,889", "-", "’", "Paris", "of", "(old)", "."]

    def text():
        return " ".join(generator.choice(parts, size=generator.integers(0, 6)))

    given = [text() for _ in range(10_000)]
    references = [tuple(text() for _ in range(generator.integers(1, 4))) for _ in given]
    scores = np.array(
        [official(one, several) for one, several in zip(given, references, strict=True)]
    )
    assert METRICS["span_em"](given, references) == pytest.approx(scores[:, 0].mean())
    assert METRICS["span_f1"](given, references) == pytest.approx(scores[:, 1].mean())
    # An empty answer to "." is right, but shares no word with it.
    assert (METRICS["span_em"]([""], [(".",)]), METRICS["span_f1"]([""], [(".",)])) == (1.0, 0.0)


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


TABLE = [("small/dev.json", 384, 508)]
WHOLE = [
    ("small/train.json", 384, 2_014),
    ("train-v1.1-subset.json", 384, 4_028),
    ("train-v1.1-subset.json", 256, 4_499),
    ("dev-v1.1-subset.json", 384, 5_101),
    ("dev-v1.1-subset.json", 256, 5_834),
]


@pytest.mark.parametrize(
    ("file", "length", "expected"),
    [*TABLE, *(pytest.param(*row, marks=pytest.mark.slow) for row in WHOLE)],
)
def test_windows_of_squad_and_their_ceiling_are_as_measured(
    data_folder, minilm, file, length, expected
):
    examples = read_squad(data_folder / "squad" / file)
    found = read_windows(examples, CheckpointTokenizer(minilm), length, 128)
    assert len(found.owner) == expected
    right = np.where(found.labels[:, 0] >= 0, 0.0, -1.0)
    texts = answer_texts(found, examples, right, np.maximum(found.labels, 0))
    first = [(reference[0],) for reference in examples.references]
    assert METRICS["span_em"](texts, first) > 0.995


def test_the_floor_of_squad_is_a_rule_well_above_guessing(data_folder):
    examples = read_squad(data_folder / "squad" / "small" / "dev.json")
    floor = KINDS["span_extraction"].floor(task_of(examples))
    assert floor.score == pytest.approx(0.2825, abs=5e-4)
    sentences = [re.split(r"(?<=[.!?])\s", text)[0] for text in examples.second]
    assert METRICS["span_f1"](sentences, examples.references) < 0.11
