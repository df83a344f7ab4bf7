"""The toy lab through AppTest: every control works, links round-trip, bad values get a sentence."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.engine.measures.transfer import signed
from mtlviz.toy.film import decoded
from mtlviz.toy.layout import arm_name
from mtlviz.toy.map import MapPart
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.questions import QUESTIONS
from mtlviz.toy.summary import summarise
from mtlviz.ui.core import link, session
from mtlviz.ui.core.toy_words import panel_verdict
from mtlviz.ui.pages.toy import map as map_panel
from mtlviz.ui.pages.toy.settings import TOY
from tests.ui import harness
from tests.ui.harness import charts, piece, text, widget

# Few repetitions and steps: what is tested here is the page, not the numbers.
opened = partial(harness.opened, "toy_lab", {"fold.toy.everything": True}, seeds="2", steps="10")


def settings(app: AppTest):
    return piece(app, "settings:toy")


def test_the_page_opens_with_a_verdict_and_a_film():
    app = opened()
    assert any("Training with task 2" in text.value for text in app.markdown)
    assert charts(app) >= 6


def test_a_verdict_says_where_the_repetition_in_the_picture_went_the_other_way():
    found = summarise(train(PRESETS["clouds"].config))
    arm = found.arms[2]
    mean = found.transfers[arm, 0].mean
    assert mean < -1
    same = panel_verdict(found, arm)
    assert same == {"sign": "hurts", "text": f"hurts: {signed(mean)} points"}
    other = panel_verdict(replace(found, shown={**found.shown, arm: 1.5}), arm)
    assert other["text"] == f"hurts: {signed(mean)}, here +1.5"
    assert other["hint"].startswith(f"Mean of 16 repetitions: {signed(mean)} points")
    assert panel_verdict(replace(found, shown={**found.shown, arm: 0.01}), arm) == same


def test_what_a_panel_shows_is_the_repetition_of_its_film():
    found = summarise(train(PRESETS["clouds"].config.with_values({"seeds": 4, "steps": 40})))
    ends = {panel["arm"]: decoded(panel["accuracy"])[-1, 0] for panel in found.film["panels"]}
    for arm, gain in found.shown.items():
        assert gain == pytest.approx(100 * (ends[arm_name(arm)] - ends["1"]), abs=1e-3)


@pytest.mark.parametrize("name", PRESETS)
def test_every_story_opens_from_its_link(name):
    app = opened(preset=name)
    assert piece(app, "settings:toy:preset") == name
    assert settings(app) == PRESETS[name].config.with_values({"seeds": 2, "steps": 10})


def test_a_control_changes_the_settings_and_the_link():
    app = opened()
    widget(app, "toy.capacity").set_value(3).run()
    assert settings(app).capacity == 3
    assert app.query_params["capacity"] == "3"


def test_every_control_of_the_page_has_help():
    app = opened()
    for kind in ("slider", "selectbox", "number_input"):
        for element in getattr(app, kind):
            # What a story is stands below it: its question.
            assert element.help or element.key == "toy.story", element.label


def test_every_control_of_the_first_task_and_the_rest_is_on_the_page():
    app = opened()
    expected = [key for key in settings(app).controls() if not key.startswith(("t2.", "t3."))]
    assert len(expected) > 15
    for key in expected:
        assert widget(app, f"toy.{key}").value == settings(app).value_at(key)


@pytest.mark.parametrize("key", ["capacity", "t2.angle", "t3.x", "combiner"])
def test_a_broken_value_in_the_link_gets_one_sentence_and_the_default(key):
    app = opened(**{key: "banana"})
    warnings = [warning.value for warning in app.warning]
    assert len(warnings) == 1
    assert "banana" in warnings[0]
    assert settings(app).value_at(key) == PRESETS["clouds"].config.value_at(key)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"capcity": "3"}, "perhaps 'capacity' was meant"),
        ({"zzzzqq": "1"}, "no control 'zzzzqq' in this app"),
        ({"story": "zzz"}, "Unknown preset 'zzz'"),
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


@pytest.mark.parametrize("story", ["clouds", "one_direction"])
def test_moving_one_cloud_leaves_every_other_point_and_result_as_it_was_to_the_bit(story):
    def played(**moved: str) -> dict:
        app = harness.opened("toy_lab", preset=story, seeds="8", **moved)
        return next(each["payload"] for each in harness.payloads(app, "mtlviz.film"))

    before, after = played(), played(t3__x="2.5", t3__y="-1", t3__rotation="40")
    assert before["tasks"][2] != after["tasks"][2]
    assert before["tasks"][:2] == after["tasks"][:2]
    alone, with_second, *moved = zip(before["panels"], after["panels"], strict=True)
    assert alone[0] == alone[1]
    assert with_second[0] == with_second[1]
    assert all(one["accuracy"] != other["accuracy"] for one, other in moved)


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
    assert first != PRESETS["clouds"].config
    app.button(key="toy.new_seed").click().run()
    assert settings(app) == first.with_values({"seed": first.seed + 1})
    app.button(key="toy.reset").click().run()
    assert settings(app) == first
    app.button(key="toy.reset").click().run()
    assert settings(app) == PRESETS["clouds"].config


def test_the_link_of_any_settings_opens_the_same_settings():
    changed = PRESETS["clouds"].config.with_values(
        {
            "tasks": 4,
            "t4.angle": -35,
            "combiner": "cagrad",
            "combiner.c": 0.3,
            "seeds": 2,
            "steps": 9,
        },
    )
    assert settings(opened(**changed.query(PRESETS["clouds"].config))) == changed


@pytest.mark.parametrize("story", ["moved_cloud", "regression"])
def test_back_from_a_story_leads_to_the_address_before_it(monkeypatch, story):
    monkeypatch.setattr(link, "_STALE_SECONDS", 0.0)
    app = harness.opened("toy_lab", story="regression")
    widget(app, "toy.story").set_value("clouds").run()
    assert dict(app.query_params) == {}
    widget(app, "toy.story").set_value(story).run()
    assert dict(app.query_params) in ({"preset": story}, {"story": story})
    app.query_params.clear()
    app.run()
    assert not app.exception
    assert widget(app, "toy.story").value == "clouds"
    assert dict(app.query_params) == {}


def test_the_map_keeps_its_axes_in_the_link_and_says_what_it_cannot_do():
    app = opened(map_across="t3.angle", map_arm="1+3")
    assert widget(app, "toy.looking.map_across").value == "t3.angle"
    widget(app, "toy.looking.map_up").set_value("t3.angle").run()
    assert app.query_params["map_up"] == "t3.angle"
    widget(app, "toy.map.start").click().run()
    assert harness.said(app, "The map needs two different controls.")
    widget(app, "toy.looking.target").set_value(1).run()
    assert app.query_params["target"] == "2"
    assert widget(app, "toy.looking.map_arm").value != "1+3"


def test_the_map_is_previewed_only_where_the_panels_compare_its_task(monkeypatch):
    def computed(config, up, across, arm, task):
        shape = len(up[1]), len(across[1])
        yield MapPart(1.0, np.zeros(shape), np.zeros(shape))

    monkeypatch.setattr(map_panel, "computed_map", computed)
    app = opened(map_arm="1+3")
    widget(app, "toy.map.start").click().run()

    def drawn():
        sent = harness.payloads(app, "mtlviz.chart")
        return next((each for each in sent if each["alt"].startswith("Heatmap of tr")), None)

    for _ in range(50):
        if drawn() is not None:
            break
        app.run()
    assert drawn()["preview"]["arm"] == "1+3"
    assert "the panels show it" in drawn()["how_to_read"]
    widget(app, "toy.looking.target").set_value(2).run()
    assert drawn()["alt"].startswith("Heatmap of transfer to task 1")
    assert "preview" not in drawn()
    assert "the panels show it" not in drawn()["how_to_read"]


def test_the_list_of_parts_to_hide_shows_plain_names():
    app = opened()
    titles = widget(app, "toy.share.hide").options[3:]
    assert len(titles) >= 4 + len(settings(app).controls())
    assert len(set(titles)) == len(titles)
    assert not any("_" in title or title in settings(app).controls() for title in titles)


def test_a_link_to_a_changed_story_reads_as_it_did_for_whoever_sent_it():
    shown = text(opened())
    assert "Changed from" in shown
    assert QUESTIONS["clouds"].text in shown
    asked = text(opened(hide="answers"))
    assert QUESTIONS["clouds"].text not in asked


def test_a_drag_or_a_slider_is_undone_and_no_other_change_is_taken_back():
    app = opened(seeds="2", steps="5")
    assert widget(app, "toy.undo").disabled
    start = settings(app)
    moved = start.with_values({"t3.x": 2.0})

    def after(*steps):
        """The settings, and whether undo is offered, after these steps in a session."""
        kept = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(session, "_pieces", lambda: kept)
            TOY.put(start)
            for step in steps:
                step()
            return TOY.now, TOY.can_undo

    def drag():
        TOY.move(moved)

    assert after(drag) == (moved, True)
    assert after(drag, TOY.undo) == (start, False)
    assert after(drag, lambda: TOY.move(start), TOY.undo) == (moved, True)
    assert after(drag, lambda: TOY.change_at("steps", 6), TOY.undo) == (moved, True)
    other, offered = after(drag, lambda: TOY.change(steps=6), TOY.undo)
    assert (other, offered) == (moved.changed(steps=6), False)
