"""The toy lab through AppTest: every control works, links round-trip, bad values get a sentence."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.toy.config import controls_of, get, replace, to_query
from mtlviz.toy.presets import PRESETS
from tests.ui import harness
from tests.ui.harness import charts, widget

# Few repetitions and steps: what is tested here is the page, not the numbers.
opened = partial(harness.opened, "toy_lab", seeds="2", steps="10")


def settings(app: AppTest):
    return app.session_state["toy.config"]


def test_the_page_opens_with_a_verdict_and_a_film():
    app = opened()
    assert any("Training with task 2" in text.value for text in app.markdown)
    assert charts(app) >= 6


@pytest.mark.parametrize("name", PRESETS)
def test_every_story_opens_from_its_link(name):
    app = opened(preset=name)
    assert app.session_state["toy.preset"] == name
    assert settings(app) == replace(PRESETS[name].config, {"seeds": 2, "steps": 10})


def test_a_control_changes_the_settings_and_the_link():
    app = opened()
    widget(app, "toy.capacity").set_value(3).run()
    assert settings(app).capacity == 3
    assert app.query_params["capacity"] == "3"


def test_every_control_of_the_page_has_help():
    app = opened()
    for kind in ("slider", "selectbox", "number_input"):
        for element in getattr(app, kind):
            assert element.help, element.label


def test_every_control_of_the_first_task_and_the_rest_is_on_the_page():
    app = opened()
    expected = [c for c in controls_of(settings(app)).values() if c.task in (None, 0)]
    for control in expected:
        assert widget(app, f"toy.{control.key}").value == get(settings(app), control.key)


@pytest.mark.parametrize("key", ["capacity", "t2.angle", "t3.x", "combiner"])
def test_a_broken_value_in_the_link_gets_one_sentence_and_the_default(key):
    app = opened(**{key: "banana"})
    warnings = [warning.value for warning in app.warning]
    assert len(warnings) == 1
    assert "banana" in warnings[0]
    assert get(settings(app), key) == get(PRESETS["friendly"].config, key)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"capcity": "3"}, "perhaps 'capacity' was meant"),
        ({"zzzzqq": "1"}, "no control 'zzzzqq' in this app"),
        ({"story": "zzz"}, "`story` must be regression"),
        ({"lecture": "maybe"}, "`lecture` must be 0 or 1"),
        ({"hide": "nothing"}, "`hide` knows no 'nothing'"),
        ({"map_across": "bad"}, "`map_across` names no axis"),
        ({"combiner": "cagrad", "combiner.c": "-3"}, "c"),
        ({"scheduler": "temperature", "scheduler.temperature": "-1"}, "above 0"),
    ],
)
def test_what_a_link_cannot_mean_is_said_in_one_sentence(parameters, said):
    app = opened(**parameters)
    warnings = [warning.value for warning in app.warning]
    assert len(warnings) == 1
    assert said in warnings[0]
    assert not app.error


def test_hiding_the_data_takes_away_every_way_to_change_it():
    app = opened(hide="data,map")
    assert not app.get("file_uploader")
    assert not [button for button in app.button if button.key == "toy.map.start"]


def test_hidden_controls_are_not_drawn_but_hold():
    app = opened(hide="capacity,Data", capacity="4")
    drawn = {element.key for element in (*app.slider, *app.selectbox)}
    assert "toy.capacity" not in drawn
    assert "toy.t1.angle" not in drawn
    assert "toy.steps" in drawn
    assert settings(app).capacity == 4
    assert app.query_params["hide"] == "Data,capacity"


def test_a_new_seed_draws_anew_and_reset_goes_back_to_the_link_then_to_the_story():
    app = opened()
    first = settings(app)
    assert first != PRESETS["friendly"].config
    app.button(key="toy.new_seed").click().run()
    assert settings(app) == replace(first, {"seed": first.seed + 1})
    app.button(key="toy.reset").click().run()
    assert settings(app) == first
    app.button(key="toy.reset").click().run()
    assert settings(app) == PRESETS["friendly"].config


def test_the_link_of_any_settings_opens_the_same_settings():
    changed = replace(
        PRESETS["friendly"].config,
        {
            "tasks": 4,
            "t4.angle": -35,
            "combiner": "cagrad",
            "combiner.c": 0.3,
            "seeds": 2,
            "steps": 9,
        },
    )
    assert settings(opened(**to_query(changed))) == changed
