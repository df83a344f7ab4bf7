"""Embeddings and projections on demand, through their real processes and the disk."""

import numpy as np
import pytest

from mtlviz.engine import resuming, train
from mtlviz.engine.embedding_request import TaskTexts, VectorEncoder
from mtlviz.engine.embeddings import embedded
from mtlviz.engine.presets import preset
from mtlviz.engine.run_embeddings import run_embeddings
from mtlviz.errors import MtlvizError
from mtlviz.runs import embedding_jobs, embedding_worker, projection_worker, projections
from mtlviz.runs.checkpoints import checkpoint_path
from mtlviz.runs.embedding_store import packed_clouds, unpacked_clouds
from mtlviz.runs.failures import StoreError
from mtlviz.runs.helper import Progress
from mtlviz.runs.projections import Projection
from mtlviz.runs.run_clouds import RunRequest, computed_clouds, recorded_updates, request_key
from mtlviz.runs.store import Store

SINGLE = TaskTexts("one", ("a good film", "bad"), None, np.array([1, 0]), ("no", "yes"))
PAIR = TaskTexts("two", ("who came",), ("nobody came",), np.array([2.5]))
ENCODER = VectorEncoder(width=6)


def test_missing_embeddings_are_computed_by_a_process_and_kept(tmp_path):
    texts = [SINGLE, PAIR]
    assert embedding_jobs.kept_embeddings(tmp_path, texts, ENCODER) is None
    told = list(embedding_jobs.embed(tmp_path, texts, ENCODER))
    assert told[0] == Progress(0.0, "Starting a process")
    assert told[-1].progress == 1
    kept = embedding_jobs.kept_embeddings(tmp_path, texts, ENCODER)
    for mine, theirs in zip(kept, embedded(texts, ENCODER), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    # All are there: no process is started.
    assert list(embedding_jobs.embed(tmp_path, texts, ENCODER)) == []


def test_a_missing_file_of_vectors_is_one_sentence(tmp_path):
    missing = VectorEncoder(vectors=str(tmp_path / "none.txt"))
    request = {
        "encoder": missing.model_dump(),
        "keys": ["k"],
        "texts": [{"name": "one", "first": ["a"], "second": None}],
    }
    with pytest.raises(MtlvizError, match="There is no file"):
        embedding_worker.work(tmp_path, request, lambda share, stage: None)


def test_clouds_survive_being_written():
    rows = [np.eye(2, dtype=np.float32), np.ones((1, 2), np.float32)]
    found = unpacked_clouds(packed_clouds(list(zip((SINGLE, PAIR), rows, strict=True))))
    for (texts, array), given, expected in zip(found, (SINGLE, PAIR), rows, strict=True):
        assert (texts.name, texts.first, texts.second) == (given.name, given.first, given.second)
        assert texts.label_names == given.label_names
        np.testing.assert_array_equal(texts.labels, given.labels)
        np.testing.assert_array_equal(array, expected)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A store with a run of three updates, its records and its checkpoint."""
    from mtlviz.runs.lease import lease

    home = tmp_path_factory.mktemp("home")
    store = Store(home)
    config = preset("default").changed_at("optimisation.max_updates", 3)
    config = config.changed_at("probes.embeddings_every", 2)
    number = store.create_run(config)
    held = lease(store, number)
    training = train.start(config)
    held.append(list(train.records(training)))
    resuming.save(training, checkpoint_path(store.folder(number), held.length()))
    held.finish("finished")
    yield store, number, config
    store.close()


def test_a_runs_newest_checkpoint_embeds_its_development_examples(stored):
    store, number, config = stored
    request = RunRequest(number, None, 20, "outputs")
    key = request_key(store, request)
    embedding_worker.work(store.home, {"run": vars(request), "key": key}, lambda share, stage: None)
    found = embedding_jobs.kept_run_clouds(store, request)
    path = next(store.folder(number).glob("checkpoint-*"))
    expected = run_embeddings(config, path, 20, "outputs")
    for (texts, rows), (other, theirs) in zip(found, expected, strict=True):
        assert texts.first == other.first
        np.testing.assert_allclose(rows, theirs, atol=1e-6)
    assert list(embedding_jobs.embed_run(store, request)) == []


def test_recorded_embeddings_are_those_last_taken_before_the_update(stored):
    store, number, _ = stored
    assert recorded_updates(store, number) == [0, 2]
    snapshots = [record for _, record in store.records(number, kinds=("snapshot",))]
    for update, expected in ((0, 0), (1, 0), (2, 1), (30, 1)):
        clouds = computed_clouds(store, RunRequest(number, update, 20, "outputs"))
        np.testing.assert_array_equal(clouds[0][1], snapshots[expected].embeddings[0])


def test_a_run_without_checkpoint_or_record_says_so(stored):
    store, _, config = stored
    empty = store.create_run(config.changed_at("probes.embeddings_every", 0))
    for update in (None, 1):
        with pytest.raises(StoreError, match=r"no (checkpoint|embeddings)"):
            computed_clouds(store, RunRequest(empty, update, 20, "outputs"))


def points():
    drawn = np.random.default_rng(0)
    return np.concatenate([drawn.normal(size=(40, 5)), drawn.normal(size=(40, 5)) + 8]).astype("f4")


def work(home, asked, told):
    key = projections.projection_key(points(), asked)
    projections.projection_cache(home).put("given", {"points": points()})
    request = {"key": key, "points": "given", "projection": vars(asked)}
    projection_worker.work(home, request, lambda share, stage: told.append(share))
    return projections.kept_projection(home, key)


def test_tsne_keeps_two_far_groups_apart_and_is_the_same_for_a_seed(tmp_path):
    asked, told = Projection("tsne"), []
    first, second = work(tmp_path, asked, told), work(tmp_path, asked, [])
    np.testing.assert_array_equal(first, second)
    assert first.shape == (80, 2)
    assert told == sorted(told)
    gap = np.linalg.norm(first[:40].mean(0) - first[40:].mean(0))
    assert gap > 2 * max(first[:40].std(), first[40:].std())


@pytest.mark.slow
def test_umap_runs_in_its_lasting_process_and_is_the_same_for_a_seed(tmp_path):
    asked = Projection("umap")
    told = list(projections.project(tmp_path, points(), asked))
    assert "Compiling UMAP, once after each start of the app" in [part.stage for part in told]
    key = projections.projection_key(points(), asked)
    first = projections.kept_projection(tmp_path, key)
    projections.projection_cache(tmp_path).forget(key)
    list(projections.project(tmp_path, points(), asked))
    np.testing.assert_array_equal(first, projections.kept_projection(tmp_path, key))
    projections.warm_helper(tmp_path).close()


def test_the_key_of_a_projection_changes_with_points_and_method():
    key = projections.projection_key(points(), Projection("umap"))
    assert key == projections.projection_key(points(), Projection("umap"))
    assert key != projections.projection_key(points() + 1, Projection("umap"))
    assert key != projections.projection_key(points(), Projection("tsne"))
    assert key != projections.projection_key(points(), Projection("umap", 1))


def test_too_few_points_and_unknown_methods_are_refused():
    from mtlviz.engine.projection import projected

    with pytest.raises(MtlvizError, match="At least 5 points"):
        projected(points()[:4], "umap", 0, lambda share, stage: None)
    with pytest.raises(MtlvizError, match="Unknown projection"):
        projected(points(), "pca", 0, lambda share, stage: None)
