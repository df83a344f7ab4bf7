"""The conflict lab through AppTest: its numbers are the engine's, and links round-trip."""

from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.gram import update_norm
from mtlviz.errors import ConfigError, DataError
from mtlviz.runs.lease import lease
from mtlviz.runs.store import Store
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_updates import combination, picture, scene
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.gradnorm_toy import GradNormToy
from mtlviz.toy.landscapes.settings import WalkConfig
from mtlviz.toy.landscapes.trajectories import Walk, last
from mtlviz.ui.pages.conflict import endings, from_run, gradnorm, lessons, panels, walks
from mtlviz.ui.pages.conflict.words import theorem, verdict
from tests.runs import stand_in
from tests.ui import harness

opened = partial(harness.opened, "conflict_lab")
payloads = partial(harness.payloads, component="mtlviz.arrows")


def settings(app: AppTest) -> ArrowsConfig:
    return harness.piece(app, "settings:conflict")


def walking(app: AppTest) -> WalkConfig:
    return harness.piece(app, "settings:conflict.walk")


# --- settings and links ---


@pytest.mark.parametrize("name", ARROW_PRESETS)
def test_every_preset_opens_from_its_link_with_a_verdict(name):
    config = ARROW_PRESETS[name].config
    app = opened(conflict=name)
    assert settings(app) == config
    assert any("plain sum" in text.value for text in app.markdown)
    assert app.query_params.get("conflict", "conflict") in (name, [name])


@pytest.mark.parametrize(
    "values",
    [
        {"arrows": ((1.25, -0.5), (0.0, 0.0), (-3.0, 3.0)), "order": (2, 0, 1)},
        {"gram": ((1.0, -0.3), (-0.3, 1 / 3))},
        {"methods": (), "match": True},
    ],
)
def test_the_link_of_any_arrows_opens_the_same_arrows(values):
    config = ArrowsConfig().changed(**values)
    assert ArrowsConfig.read(config.query()) == (config, [])
    assert settings(opened(**config.query())) == config


@pytest.mark.parametrize(
    "values",
    [
        {"landscape": "nash", "walkers": ("famo",), "starts": ((-8.5, 7.5), (0.1, 0.0))},
        {"optimiser": "sgd", "steps": 1234, "rate": 0.0125},
    ],
)
def test_the_link_of_any_walk_opens_the_same_walk(values):
    config = WalkConfig().changed(**values)
    assert WalkConfig.read(config.query()) == (config, [])
    assert walking(opened(**config.query())) == config


def test_an_order_may_stand_before_the_arrows_it_is_for():
    query = {"order": "312", "match": "maybe", "arrows": "1:0_0:1_1:1"}
    config, [problem] = ArrowsConfig.read(query)
    assert config.order == (2, 0, 1)
    assert problem == "`match` must be 0 or 1, got 'maybe'."


@pytest.mark.parametrize(
    ("parameter", "value", "part"),
    [
        ("arrows", "banana", "must be numbers such as"),
        ("arrows", "1:0", "at least 2"),
        ("arrows", "4:0_1:1", "within ±3"),
        ("order", "11", "must name each of 2 tasks once, got '11'"),
        ("show", "magic", "Unknown combiner 'magic'"),
        ("gram", "1:2_2:1", "no inner products"),
        ("gram", "1:0.5_0.2:1", "no inner products"),
        ("gram", "1:2:3_4:5", "must be square"),
        ("landscape", "moon", "Unknown landscape 'moon'"),
        ("walk", "3", "must be from 10 to 500000"),
        ("rate", "inf", "should be a number"),
        ("conflict", "moon", "Unknown preset 'moon'"),
    ],
)
def test_a_broken_value_in_the_link_gets_one_sentence_and_the_default(parameter, value, part):
    app = opened(**{parameter: value})
    assert settings(app) == ArrowsConfig()
    assert walking(app) == WalkConfig()
    [warning] = app.warning
    assert harness.said(app, part)
    assert "\n\n" not in warning.value


def test_the_toys_link_is_left_alone_by_the_conflict_labs():
    app = opened(conflict="sharp", arrows="1:0_0:1", order="21", show="mgda", walk="50")
    assert not app.warning


def test_another_number_of_arrows_starts_from_the_usual_order():
    config = ArrowsConfig().changed(arrows=((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)))
    assert config.order == (0, 1, 2)
    with pytest.raises(ConfigError, match="each of 3 tasks once"):
        config.changed(order=(0, 1))


# --- numbers ---


def test_the_verdict_names_whom_the_sum_hurts_and_who_hurts_nobody():
    config = ArrowsConfig()
    text = verdict(picture(config))
    assert "tasks 1 and 2 (cosine −0.67)" in text
    assert "plain sum **hurts task 2**" in text
    assert text.endswith("PCGrad, MGDA and CAGrad hurt nobody.")


def test_opposite_gradients_stand_still_rather_than_help():
    config = ARROW_PRESETS["opposite"].config
    text = verdict(picture(config))
    assert "PCGrad stands still; MGDA stands still" in text


def test_the_theorems_angle_condition_holds_where_one_task_dominates_a_conflict():
    [sentence] = theorem(scene(ARROW_PRESETS["four_to_one"].config).gram)
    assert "condition (a) holds" in sentence
    [sentence] = theorem(scene(ARROW_PRESETS["sharp"].config).gram)
    assert "fails" in sentence
    [sentence] = theorem(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert "zero gradient" in sentence


def test_loaded_gradients_are_drawn_in_their_best_plane_with_the_share_kept():
    gram = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.25))
    app = opened(gram="_".join(":".join(map(str, row)) for row in gram))
    drawn, _ = payloads(app)
    assert not drawn["editable"]
    assert "task 1: 100%, task 2: 100%, task 3: 0%" in drawn["note"]
    # The numbers are those of the full gradients, not of their picture.
    np.testing.assert_allclose(drawn["gram"], gram)


# --- the page ---


def test_the_arrows_get_the_engines_weights_and_the_chosen_methods_only():
    app = opened(show="nash,cagrad", arrows="2:0_-1:1")
    drawn, _ = payloads(app)
    assert [method["name"] for method in drawn["methods"]] == ["nash", "cagrad"]
    gram = np.array([[4.0, -2.0], [-2.0, 2.0]])
    for method in drawn["methods"]:
        expected = make_combiner(method["name"])(gram, np.random.default_rng(0)).weights
        np.testing.assert_allclose(method["weights"], expected)
    assert update_norm(gram, np.array(drawn["methods"][0]["weights"])) == pytest.approx(2**0.5)


def test_more_tasks_keep_the_arrows_and_an_order_is_typed():
    app = opened()
    app.segmented_control(key="conflict.tasks").set_value(3).run()
    assert not app.exception
    assert settings(app).arrows[:2] == ArrowsConfig().arrows
    app.text_input(key="conflict.order").set_value("3 1 2").run()
    assert settings(app).order == (2, 0, 1)
    assert app.query_params["order"] in ("312", ["312"])
    app.text_input(key="conflict.order").set_value("3 3").run()
    assert any("each of 3 tasks once" in error.value for error in app.error)
    app.button(key="conflict.reset").click().run()
    assert settings(app) == ArrowsConfig()


def test_every_control_of_the_page_has_help():
    app = opened(conflict="three")
    for kind in ("selectbox", "number_input", "multiselect", "text_input", "toggle", "button"):
        for element in getattr(app, kind):
            assert element.help, element.label


def test_a_teachers_link_hides_the_answer_and_keeps_the_picture():
    app = opened(hide="conflict.verdict,conflict.numbers,conflict.landscape")
    [drawn] = payloads(app)
    assert not drawn["numbers"]
    assert not any("plain sum **hurts" in text.value for text in app.markdown)
    assert app.query_params["hide"]


def test_the_arrows_are_answered_before_anything_else_of_the_page(monkeypatch):
    drawn = []
    for part, module in (("_board", panels), ("_header", panels), ("_orders", lessons)):
        original = getattr(module, part)

        def noted(*given, part=part, original=original):
            drawn.append(part)
            return original(*given)

        monkeypatch.setattr(module, part, noted)
    app = opened(conflict="three")
    assert drawn[:3] == ["_board", "_header", "_orders"]
    # On the page the sentences still stand above the picture.
    kinds = [element.type for element in app.main]
    assert kinds.index("selectbox") < kinds.index("bidi_component")


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_programs_differ_by_as_many_updates_whatever_the_gradients_units(scale):
    config = ARROW_PRESETS["three"].config
    gram = scale**2 * scene(config).gram
    tiny = scene(config.changed(gram=tuple(map(tuple, gram.tolist())), order=config.order))
    weights = {name: combination(name, gram, config.order).weights for name in lessons.PROGRAMS}
    said = lessons.variants_sentence(tiny, weights)
    assert said.startswith("4 different updates from one name")
    assert "0.00" not in said


def test_programs_that_agree_are_said_to_agree():
    config = ARROW_PRESETS["three"].config.changed(arrows=((1, 0), (1, 0.1), (0.9, 0.2)))
    gram = scene(config).gram
    same = {name: combination("sum", gram, config.order).weights for name in lessons.PROGRAMS}
    assert lessons.variants_sentence(scene(config), same) == "Here all four make the same update."


# --- the landscape ---


def test_the_first_walk_is_shown_at_once_with_its_verdict():
    app = opened()
    _, film = payloads(app)
    assert film["steps"][-1] == 100_000
    assert any("does not arrive from 2 of 3" in text.value for text in app.markdown)


def test_the_kept_walk_is_what_the_code_computes_over_its_first_steps():
    kept = walks.kept()
    frame = int(np.searchsorted(kept.steps, 1500))
    asked = walks.first_plan()
    short = Walk(asked.landscape, asked.methods, asked.starts, int(kept.steps[frame]), frames=2)
    found = last(short, np.random.default_rng(0))
    np.testing.assert_allclose(found.points[:, :, -1], kept.points[:, :, frame], atol=2e-4)
    np.testing.assert_allclose(found.losses[:, :, -1], kept.losses[:, :, frame], atol=2e-2)


@pytest.mark.slow
def test_the_kept_walk_ends_where_the_code_ends():
    found = last(walks.first_plan(), np.random.default_rng(0))
    np.testing.assert_allclose(found.points[:, :, -1], walks.kept().points[:, :, -1], atol=0.3)


def test_a_new_landscape_brings_its_own_steps_and_starts():
    app = opened(starts="1:1")
    app.selectbox(key="conflict.walk.landscape").set_value("nash").run()
    assert walking(app).steps == LANDSCAPES["nash"].steps
    assert walking(app).walk_starts == LANDSCAPES["nash"].starts


def test_no_method_at_all_is_said_in_a_sentence():
    app = opened(walkers="")
    assert any("at least one method" in error.value for error in app.error)


def test_end_points_are_judged_by_the_published_optimum_and_the_pareto_set():
    landscape = LANDSCAPES["cagrad"]
    losses = np.array([3.0, 1.0])
    assert endings.ending(landscape, np.array([0.0, -8.36]), losses).kind == "best"
    assert endings.ending(landscape, np.array([-3.4, -8.38]), losses).kind == "front"
    stuck = endings.ending(landscape, np.array([-5.07, 2.18]), losses)
    assert stuck.text == "○ short of it (−5.07, 2.18), mean loss 2"
    assert endings.ending(landscape, np.array([np.nan, 0]), losses).kind == "lost"


# --- gradients from a run, GradNorm's toy ---


@pytest.fixture
def recorded_run(tmp_path, monkeypatch):
    """A run whose even updates keep inner products; task 2 is missing from every third."""
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    store = Store(tmp_path)
    settings = stand_in.config(updates=6)
    held = lease(store, store.create_run(settings))
    held.append(stand_in.all_records(settings))
    yield held.run, settings
    held.finish("finished")
    store.close()


def test_the_gradients_of_a_recorded_step_replace_the_arrows(recorded_run):
    _, settings_of_run = recorded_run
    expected = stand_in.step(settings_of_run.seed, 4).gram
    gram, due = from_run.gram_of(stand_in.step(settings_of_run.seed, 4))
    np.testing.assert_allclose(gram, expected)
    assert due == [0, 1]
    app = opened(gram="_".join(":".join(map(repr, row)) for row in gram))
    drawn, _ = payloads(app)
    np.testing.assert_allclose(drawn["gram"], expected)
    app.button(key="conflict.run.back").click().run()
    assert settings(app) == ArrowsConfig()


@pytest.mark.parametrize(("update", "part"), [(3, "without its gradients"), (0, "has 1")])
def test_a_step_without_a_picture_says_why(update, part):
    with pytest.raises(DataError, match=part):
        from_run.gram_of(stand_in.step(0, update))


def test_gradnorms_toy_counts_up_to_the_end_and_compares_the_usual_arms():
    small = GradNormToy(steps=4, inputs=5, outputs=3, width=4, layers=1, batch=4, frames=3)
    last_stage = list(gradnorm.stages(small))[-1]
    assert last_stage.progress == 1
    assert last_stage.curves.ratio_sums[:, 0] == pytest.approx([2, 2, 2, 2])


def loading():
    import streamlit as st

    from mtlviz.ui.core.link import open_link
    from mtlviz.ui.pages import entry
    from mtlviz.ui.pages.conflict import from_run
    from mtlviz.ui.pages.conflict.settings import ARROWS

    open_link(entry("conflict"))
    from_run.load(*st.session_state["asked"])
    st.text(from_run.source() or ARROWS.problem("gram"))


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (4, "Run 1, update 4: task 1 is first, task 2 is second."),
        (3, "Update 3 was recorded without its gradients' products."),
        (99, "Run 1 keeps no record of update 99."),
    ],
)
def test_loading_a_step_says_where_it_came_from_or_why_not(recorded_run, update, said):
    app = AppTest.from_function(loading, default_timeout=20)
    app.session_state["asked"] = (recorded_run[0], update)
    app.run()
    assert not app.exception
    assert app.text[0].value == said
