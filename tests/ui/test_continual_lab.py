"""The Continual lab through AppTest: the question first, the verdict, controls, links, files."""

import csv
import io
from functools import partial

import pytest

from mtlviz.engine.continual import CONTINUAL
from mtlviz.replication.result_file import results
from mtlviz.toy.continual.settings import METHODS, SCENARIOS, ContinualToyConfig
from mtlviz.toy.continual.stories import ASKED, STORIES
from mtlviz.toy.continual.summary import summarise
from mtlviz.ui.pages.continual import words
from mtlviz.ui.pages.continual.panels import _SENTENCES as SENTENCES
from tests.ui import harness
from tests.ui.harness import charts, payloads, piece, text, widget

SMALL = {"con_seeds": "3", "con_steps": "20", "con_points": "30"}
opened = partial(harness.opened, "continual_lab", **SMALL)


def settings(app):
    return piece(app, "settings:continual")


def test_the_page_tells_who_forgets_with_an_interval_and_shows_every_method():
    app = opened()
    told = text(app)
    assert "*forgets*: −" in told
    assert "95 % interval" in told
    for name in METHODS:
        assert CONTINUAL[name].title in told
    assert charts(app) == 5  # The gains, two matrices, the curves, and the film.


@pytest.mark.parametrize("name", STORIES)
def test_every_story_opens_from_its_link(name):
    app = opened(con_story=name)
    assert piece(app, "settings:continual:preset") == name
    small = {"seeds": 3, "steps": 20, "points": 30}
    assert settings(app) == STORIES[name].config.changed(**small)


def test_the_question_stands_alone_until_it_is_answered():
    app = harness.opened("continual_lab", {"guess:skip_all": False})
    assert charts(app) == 1
    assert "forgets" not in text(app)
    asked = [widget(app, f"guess.guess.{place}").label for place in range(len(ASKED))]
    assert asked == [answer for answer, _ in ASKED.values()]
    widget(app, "guess.guess.0").click().run()
    assert "forgets" not in text(app)
    widget(app, "guess.saw.1").click().run()
    told = text(app)
    assert "**Not so.**" in told
    assert "*forgets*" in told


@pytest.mark.parametrize("name", STORIES)
def test_until_others_are_chosen_the_film_shows_every_method_that_the_question_offers(name):
    app = harness.opened("continual_lab", {"guess:skip_all": False}, con_story=name)
    for press in ("guess.guess.0", "guess.saw.1", "guess.anew", "guess.skip"):
        assert _in_film(app) == ["joint", *ASKED] == widget(app, "continual.film").value
        widget(app, press).click().run()
    assert _in_film(app) == ["joint", *ASKED] == widget(app, "continual.film").value
    widget(app, "continual.film").set_value(["joint", "ewc"]).run()
    assert _in_film(app) == ["joint", "ewc"]


def test_where_nothing_is_asked_the_film_shows_what_is_set():
    assert _in_film(opened(hide="questions")) == list(ContinualToyConfig().film)


def _in_film(app):
    (film,) = payloads(app, "mtlviz.film")
    return [panel["arm"] for panel in film["payload"]["panels"]]


def test_the_scenario_is_the_first_control_and_changes_what_is_trained():
    app = opened()
    scenario = widget(app, "continual.scenario")
    assert next(iter(app.sidebar.selectbox)).key == scenario.key
    assert scenario.options == list(SCENARIOS.values())
    scenario.set_value("drift").run()
    assert settings(app).scenario == "drift"
    assert app.query_params["con_scenario"] == "drift"
    assert "| forward |" in text(app)


@pytest.mark.parametrize(("path", "value"), [("capacity", 7), ("memory", 20), ("tasks", 4)])
def test_a_control_changes_the_settings_and_the_link(path, value):
    app = opened()
    widget(app, f"continual.{path}").set_value(value).run()
    assert getattr(settings(app), path) == value
    assert app.query_params[f"con_{path}"] == str(value)
    assert not app.exception


def _matrix(app):
    """Whose matrix stands beside that of sequential training."""
    alts = [sent["alt"] for sent in payloads(app, "mtlviz.chart")]
    return [alt.partition(":")[0] for alt in alts if ": score of each task" in alt][1]


def test_the_matrix_follows_the_method_chosen():
    app = opened()
    assert _matrix(app) == CONTINUAL["replay"].title
    widget(app, "continual.looking.method").set_value("ewc").run()
    assert _matrix(app) == CONTINUAL["ewc"].title
    assert app.query_params["con_method"] == "ewc"


def test_a_task_of_a_link_that_there_is_not_shows_the_last_one():
    app = opened(con_tasks="2", con_task="5")
    assert widget(app, "continual.looking.task").value == 1


@pytest.mark.parametrize("query", [{"con_scenario": "chaos"}, {"con_film": "magic"}])
def test_a_broken_value_gets_one_sentence_and_the_default(query):
    app = opened(**query)
    assert len(app.warning) == 1
    assert settings(app).scenario == "sequence"


def test_every_control_has_help():
    app = opened()
    for kind in ("slider", "selectbox", "number_input", "multiselect", "segmented_control"):
        for element in getattr(app, kind):
            assert element.help or element.key == "continual.looking.task", element.label


def test_settings_that_would_keep_the_page_waiting_are_refused_with_what_is_faster():
    app = harness.opened(
        "continual_lab", con_tasks="5", con_points="300", con_seeds="32", con_capacity="12",
        con_steps="300",
    )  # fmt: skip
    assert [
        each.value.startswith("These settings would train for about") for each in app.error
    ] == [True]
    assert charts(app) == 0


@pytest.fixture(scope="module")
def found():
    return summarise(ContinualToyConfig(points=30, seeds=3, steps=20))


def test_the_file_holds_every_number_and_every_cell(found):
    rows = list(csv.DictReader(io.StringIO(words.as_csv(found))))
    average = next(row for row in rows if (row["method"], row["number"]) == ("gem", "average"))
    assert float(average["mean"]) == pytest.approx(
        found.methods["gem"].numbers["average"].mean, 1e-5
    )
    cells = [row for row in rows if row["number"] == "score"]
    assert len(cells) == len(METHODS) * 3 * 3
    assert {row["method"] for row in rows} == set(METHODS)
    # Joint training has no gap to itself.
    assert (
        float(next(r for r in rows if (r["method"], r["number"]) == ("joint", "gap"))["mean"]) == 0
    )


def test_the_film_says_how_much_each_method_forgot(found):
    told = words.panel_verdict(found.methods["sequential"])
    assert told["sign"] == found.methods["sequential"].lost.verdict
    assert "old tasks" in told["text"]
    assert words.panel_verdict(found.methods["joint"]) is None


def test_clouds_that_stand_at_the_planes_edge_are_told():
    told = "clouds of tasks 1 and 5 would lie beyond it"
    assert told in text(opened(con_tasks="5", con_gap="3"))
    assert told not in text(opened(con_tasks="5", con_gap="2"))


def test_the_table_on_real_sentences_is_the_data_files():
    result = results()["continual-scenarios"]
    told = words.on_sentences(result)
    assert told.startswith("| method | own heads | one head | growing classes |")
    joint = result.values["growing classes/joint/average"]
    assert f"{joint.mean:.1f} ({joint.low:.1f} to {joint.high:.1f})" in told
    assert "| alone |" in told
    assert "| – |" in told


def test_what_is_said_below_the_table_on_real_sentences_is_what_it_shows():
    told = " ".join(SENTENCES.read_text(encoding="utf-8").split())

    def averages(scenario):
        found = results()["continual-scenarios"].values.items()
        return {name.split("/")[1]: value for name, value in found
                if name.startswith(scenario) and name.endswith("/average")}  # fmt: skip

    assert "growing classes replay of 20 is furthest ahead, and still 19 points below joint" in told
    classes = averages("growing classes")
    joint = classes.pop("joint").mean
    assert max(classes, key=lambda name: classes[name].mean) == "replay 20"
    assert round(joint - classes["replay 20"].mean) == 19
    assert "one head memories and a mild LwF end alike, a little ahead of going on, and EWC" in told
    head = averages("one head")
    alike = [head[name] for name in ("replay 5", "replay 20", "A-GEM 20", "GEM 20", "LwF 1")]
    assert max(each.low for each in alike) < min(each.high for each in alike)
    assert min(each.mean for each in alike) > head["sequential"].mean
    assert max(head[f"EWC {many}"].mean for many in (100, 10000)) < head["sequential"].low
