"""The Covariance lab through AppTest, its settings and links, and what it says in words."""

import threading
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from mtlviz.engine.embedding_request import TaskTexts, content_key
from mtlviz.engine.measures.covariance import covariance, overlap, spectrum, where_they_differ
from mtlviz.engine.measures.task_spectra import analysed, compared
from mtlviz.engine.presets import preset
from mtlviz.errors import ConfigError
from mtlviz.runs import projections
from mtlviz.runs.embedding_store import embedding_cache, keep_embeddings, packed_clouds
from mtlviz.runs.helper import Progress
from mtlviz.runs.lease import lease
from mtlviz.runs.projections import projection_cache
from mtlviz.runs.run_clouds import RunRequest, request_key
from mtlviz.ui.core import run_records
from mtlviz.ui.pages.covariance import clouds as made_clouds
from mtlviz.ui.pages.covariance import examples, pairs, panels, planes
from mtlviz.ui.pages.covariance.clouds import Clouds, Wanted, chosen_tasks, task_texts, wanted
from mtlviz.ui.pages.covariance.questions import offered_pairs, pair_question
from mtlviz.ui.pages.covariance.settings import COVARIANCE_STORIES, CovarianceSettings
from mtlviz.ui.pages.covariance.words import verdict
from tests.ui import harness
from tests.ui.harness import charts, said

DEFAULT = CovarianceSettings()
opened = partial(harness.opened, "covariance_lab")


@pytest.fixture(autouse=True)
def no_helper(home, monkeypatch):
    # Compiling UMAP takes a minute of a processor and belongs to no test of the page.
    monkeypatch.setattr(panels, "warm_helper", lambda home: None)
    yield
    run_records.store().close()


def test_the_first_screen_is_there_without_any_process():
    app = opened()
    assert not app.error
    assert charts(app) == 10
    assert said(app, "normalised similarity: **reviews** and **similarity**")
    assert said(app, "95 % interval")


def test_controls_change_the_picture_and_the_link():
    app = opened()
    app.segmented_control(key="covariance.around").set_value("mean").run()
    app.slider(key="covariance.n").set_value(60).run()
    app.multiselect(key="covariance.tasks").set_value(["built-in/reviews", "built-in/topics"]).run()
    assert not app.exception
    assert app.query_params["cov_around"] == "mean"
    assert app.query_params["cov_n"] == "60"
    assert app.query_params["cov_tasks"] == "built-in/reviews,built-in/topics"
    assert said(app, "**reviews** and **topics**")


def test_a_search_marks_and_lists_what_holds_the_words():
    app = opened(cov_n="40")
    app.text_input(key="covariance.marks.words").set_value("Doctor").run()
    shown = next(each.value for each in app.dataframe if "label" in each.value)
    assert len(shown)
    assert all("doctor" in text for text in shown["text"])
    assert said(app, f"These words are in {len(shown)} examples")


def test_one_tasks_own_directions_can_be_the_plane():
    app = opened(cov_projection="task", cov_along="2")
    assert not app.error
    assert app.selectbox(key="covariance.along").value == 2


def test_one_task_alone_says_what_to_do_next():
    app = opened(cov_tasks="built-in/reviews")
    assert said(app, "Choose at least two tasks")
    assert said(app, "Choose a second task")


@pytest.mark.parametrize("view_name", ["alignment", "reweighting"])
def test_the_other_parts_are_drawn_instead_and_not_besides(view_name):
    app = opened(cov_view=view_name)
    assert not app.error
    assert not said(app, "Most alike")


def test_an_encoder_without_a_name_asks_for_one():
    for encoder in ("file", "table", "checkpoint"):
        app = opened(cov_encoder=encoder)
        assert any("in the controls, under Capacity" in each.value for each in app.error)


def test_a_task_that_is_gone_and_a_wrong_folder_are_one_sentence():
    app = opened(cov_tasks="data/gone,built-in/reviews")
    assert any("There is no task" in each.value for each in app.error)
    app = opened(cov_folder="/nowhere/at/all")
    assert any("There is no folder" in each.value for each in app.error)


def test_missing_embeddings_are_offered_and_kept_ones_are_shown(home, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("the 1 0\nfilm 0 1\n")
    query = {"cov_encoder": "file", "cov_vectors": str(vectors), "cov_n": "40"}
    app = opened(**query)
    assert said(app, "are not there yet")
    assert app.button(key="covariance.compute").label == "Compute the embeddings"
    settings, _ = CovarianceSettings.read(query)
    drawn = np.random.default_rng(0)
    for choice in chosen_tasks(settings):
        texts = task_texts(choice, 40, 0)
        rows = drawn.normal(size=(len(texts), 2)).astype(np.float32)
        embedding_cache(home).put(content_key(texts, settings.text_encoder), {"embeddings": rows})
    app.run()
    assert said(app, "Most alike")


def test_a_run_is_asked_for_and_its_own_tasks_are_shown(home):
    app = opened(cov_encoder="run")
    assert any("There is no run yet" in each.value for each in app.info)
    store = run_records.store()
    number = store.create_run(preset("default"))
    lease(store, number).finish("finished")
    request = RunRequest(number, None, DEFAULT.n, "outputs")
    embedding_cache(home).put(request_key(store, request), packed_clouds(list(some_clouds())))
    app = opened(cov_encoder="run", cov_run=str(number))
    assert not app.error
    assert said(app, "**one** and **two**")
    app = opened(cov_encoder="run", cov_run=str(number), cov_moment="cursor")
    assert "recorded no embeddings up to update 0" in app.error[0].value


def some_clouds():
    drawn = np.random.default_rng(0)
    for name in ("one", "two"):
        texts = tuple(f"{name} {number}" for number in range(30))
        rows = drawn.normal(size=(30, 4)).astype(np.float32)
        yield TaskTexts(name, texts, None, np.zeros(30, np.int64), ("no",)), rows


def clouds():
    texts, rows = zip(*some_clouds(), strict=True)
    return Clouds(tuple(f"key {task}" for task in range(len(rows))), texts, rows)


def test_a_link_comes_back_as_it_was():
    settings = DEFAULT.changed(
        tasks=("built-in/a", "data/b"),
        n=60,
        layer=3,
        encoder="checkpoint",
        checkpoint="x",
        around="mean",
    )
    query = settings.query()
    assert CovarianceSettings.read(query) == (settings, [])
    assert DEFAULT.query() == {}
    assert all(name.startswith("cov_") for name in query)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cov_n", "3"),
        ("cov_n", "many"),
        ("cov_view", "else"),
        ("cov_layer", "-1"),
        ("cov_tasks", ""),
    ],
)
def test_a_value_that_cannot_be_used_gets_its_sentence_and_the_default(name, value):
    settings, problems = CovarianceSettings.read({name: value, "cov_around": "mean"})
    assert len(problems) == 1
    assert name in problems[0]
    assert settings == DEFAULT.changed(around="mean")
    app = opened(**{name: value})
    assert any(name in each.value for each in app.warning)


def test_a_wrong_change_raises_one_sentence():
    with pytest.raises(ConfigError, match="`cov_n`"):
        DEFAULT.changed(n=1)


def test_the_verdict_names_the_most_and_the_least_alike_pair():
    drawn = np.random.default_rng(0)
    base = drawn.normal(size=(400, 5)) * [3, 1, 1, 0.2, 0.2]
    rows = [base[:200], base[200:], base[:200][:, ::-1]]
    found = analysed([each.astype(np.float32) for each in rows], centred=False)
    assert compared(found)[0] == (0, 1)
    text = verdict(found, ["a", "b", "c*"])
    assert "**a** and **b**" in text.partition("Least")[0]
    assert "The first cannot be told apart from one task: two halves of " in text
    assert r"c\*" in text


def test_a_pair_as_unlike_as_the_halves_of_one_task_is_said_to_be_told_apart_by_nobody():
    told = {}
    for name, story in COVARIANCE_STORIES.items():
        made = wanted(story).clouds
        told[name] = verdict(made_clouds.analysis(made, story.around == "mean"), made.names)
    assert "Neither can be told apart from one task: two halves of letters" in told["Four tasks"]
    assert "The first cannot be told apart from one task" in told["Four others"]


@pytest.mark.parametrize("name", COVARIANCE_STORIES)
def test_the_picture_shows_what_is_asked(name):
    story = COVARIANCE_STORIES[name]
    made = wanted(story).clouds
    found = made_clouds.analysis(made, story.around == "mean")
    question = pair_question(found, made.names, name)
    offered = offered_pairs(found)
    seen = [overlap(*where_they_differ(*(found.spectra[task] for task in pair)))
            for pair in offered]  # fmt: skip
    first, second = sorted(seen, reverse=True)[:2]
    assert seen.index(first) == question.right
    assert first > 1.2 * second  # To the eye, not only to a ruler.
    planes = [where_they_differ(*(found.spectra[task] for task in pair)) for pair in offered]
    assert pairs.seen_otherwise(found, offered, planes) is None
    turned = [planes[1], planes[0], *planes[2:]]
    right = offered[question.right]
    wrong = pairs.seen_otherwise(found, offered, turned if question.right < 2 else planes[::-1])
    assert wrong not in (None, right)


def test_every_change_of_the_first_view_is_taken_back_alike():
    app = opened()
    harness.widget(app, "covariance.n").set_value(100).run()
    harness.widget(app, "covariance.around").set_value("mean").run()
    assert app.query_params == {"cov_n": "100", "cov_around": "mean"}
    harness.widget(app, "covariance.undo").click().run()
    assert app.query_params == {"cov_n": "100"}
    harness.widget(app, "covariance.reset").click().run()
    assert not app.query_params
    harness.widget(app, "covariance.view").set_value("alignment").run()
    harness.widget(app, "align.turn").set_value(20.0).run()
    harness.widget(app, "align.undo").click().run()
    assert app.query_params == {"cov_view": "alignment"}
    harness.widget(app, "covariance.view").set_value("covariance").run()
    assert harness.widget(app, "covariance.undo").disabled  # A look at another part is no change.


def test_a_story_of_other_tasks_forgets_what_was_searched():
    app = opened()
    harness.widget(app, "covariance.marks.words").set_value("doctor").run()
    assert said(app, "These words are in")
    harness.widget(app, "covariance.preset").set_value("Four others").run()
    assert not said(app, "These words are in")
    assert app.query_params == {"cov_story": "Four others"}


def test_neighbours_are_the_nearest_by_cosine_of_all_tasks():
    made = clouds()
    found = examples.neighbours(made, (1, 4))
    assert found[0] == (1, 4)
    assert len(found) == len(set(found)) == 16
    target = made.rows[1][4]
    near = [
        made.rows[task][number] @ target / np.linalg.norm(made.rows[task][number])
        for task, number in found
    ]
    assert near == sorted(near, reverse=True)
    assert examples.neighbours(made, (7, 0)) == []


def test_the_plane_of_one_task_shows_its_own_largest_spread():
    made = clouds()
    plane = planes.linear_plane(DEFAULT.changed(projection="task", along=2), made)
    spread = np.diag(covariance(plane.coordinates[1], centred=True))
    values = np.linalg.eigvalsh(covariance(made.rows[1], centred=True))
    np.testing.assert_allclose(spread, values[:-3:-1], rtol=1e-4)


def test_of_many_points_an_even_part_is_drawn_and_every_marked_one(monkeypatch):
    monkeypatch.setattr(planes, "DRAWN", 10)
    made = clouds()
    plane = planes.linear_plane(DEFAULT, made)
    drawn = planes.drawn_clouds(plane, made, {(0, 17)})
    assert len(drawn[1].points) == 5
    assert 17 in drawn[0].numbers
    assert drawn[0].marked.sum() == 1
    assert drawn[0].texts[list(drawn[0].numbers).index(17)] == "one 17"


def test_a_kept_projection_is_shown_without_computing(home):
    made, settings = clouds(), DEFAULT.changed(projection="umap")
    assert planes.arranged_plane(settings, made) is None
    to_arrange, _ = planes.points_to_arrange(made)
    key = projections.projection_key(to_arrange, planes.asked(settings))
    kept = np.arange(120, dtype=np.float32).reshape(60, 2)
    projection_cache(home).put(key, {"coordinates": kept})
    plane = planes.arranged_plane(settings, made)
    np.testing.assert_array_equal(np.concatenate(plane.coordinates), kept)
    assert not plane.linear


def test_at_most_so_many_points_are_arranged(monkeypatch):
    monkeypatch.setattr(planes, "PROJECTED", 20)
    to_arrange, numbers = planes.points_to_arrange(clouds())
    assert to_arrange.shape == (20, 4)
    assert [len(each) for each in numbers] == [10, 10]


def test_built_in_tasks_under_random_vectors_need_no_computing():
    found = wanted(DEFAULT)
    assert found.clouds is not None
    assert {rows.shape[1] for rows in found.clouds.rows} == {50}


def test_tasks_of_one_name_are_told_apart():
    texts = tuple(TaskTexts("same", ("a",), None, np.zeros(1)) for _ in range(3))
    found = Clouds(("1", "2", "3"), texts, (np.zeros((1, 2), np.float32),) * 3)
    assert found.names == ["same", "same (2)", "same (3)"]


def test_a_spectrum_that_was_kept_is_not_computed_again(home, monkeypatch):
    kept, rows = clouds(), np.ones((3, 2), np.float32)
    keep_embeddings(home, "kept", kept.rows[0])
    monkeypatch.setattr(made_clouds, "spectrum", lambda rows, *, centred: "computed")
    for centred in (False, True):
        found = made_clouds.task_spectrum("kept", centred, kept.rows[0])
        assert_array_equal(found.values, spectrum(kept.rows[0], centred=centred).values)
        assert_array_equal(found.directions, spectrum(kept.rows[0], centred=centred).directions)
    assert made_clouds.task_spectrum("not kept", False, rows) == "computed"


def test_examples_of_one_embedding_are_said_to_spread_nowhere(monkeypatch):
    one, two = clouds().rows
    still = Clouds(("1", "2"), clouds().texts, (one, np.full_like(two, 0.1)))
    monkeypatch.setattr(panels, "wanted", lambda settings: Wanted(still, None, "", "key"))
    app = opened(cov_around="mean")
    assert said(app, "All examples of two have one embedding here")
    assert not charts(app)
    app = opened()  # Around the origin it still lies somewhere.
    assert said(app, "**one** and **two**")


def test_stopping_a_projection_goes_back_to_pca(monkeypatch):
    never = threading.Event()

    def project(home, to_arrange, asked):
        while not never.wait(0.01):
            yield Progress(0.3, "Arranging the points")

    monkeypatch.setattr(projections, "project", project)
    app = opened(cov_n="40", cov_projection="umap")
    assert said(app, "Until then: PCA of all tasks")
    app.button(key="covariance.projection.stop").click().run()
    never.set()
    assert not app.exception
    assert not said(app, "Until then")
    assert app.selectbox(key="covariance.projection").value == "pca"


def test_a_task_that_shrinks_to_a_point_is_told_and_its_own_plane_offered(monkeypatch):
    generator = np.random.default_rng(0)
    # The second task spreads along directions that those of all tasks leave out.
    wide = np.concatenate([generator.normal(size=(40, 2)) * 9, np.zeros((40, 2))], axis=1)
    small = np.concatenate([np.zeros((40, 2)), generator.normal(size=(40, 2))], axis=1)
    texts = tuple(task_texts(each, 40, 0) for each in chosen_tasks(DEFAULT)[:2])
    made = Clouds(("a", "b"), texts, (wide.astype(np.float32), small.astype(np.float32)))
    monkeypatch.setattr(panels, "wanted", lambda settings: Wanted(made, None, "", "a"))
    app = opened()
    assert said(app, "All of letters shrinks to a point here")
    app.button(key="covariance.its_plane").click().run()
    assert app.query_params["cov_projection"] == "task"
    assert app.query_params["cov_along"] == "2"
    assert not said(app, "All of letters shrinks")
