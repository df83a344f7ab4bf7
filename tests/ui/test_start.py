"""The start page shows what was computed before, and it is what the code computes."""

import json
from urllib.parse import urljoin

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mtlviz.toy.film import decoded
from mtlviz.ui import server
from mtlviz.ui.pages.start import film
from mtlviz.ui.pages.toy import regression
from tests.ui.harness import charts, opened, payloads, text, widget


def same(stored, computed):
    """Equal up to the last digits, which may differ between processors."""
    if isinstance(stored, dict) and "bdata" in stored:
        return decoded(stored) == pytest.approx(decoded(computed), rel=1e-3, abs=1e-4, nan_ok=True)
    if isinstance(stored, dict):
        return stored.keys() == computed.keys() and all(
            same(stored[k], computed[k]) for k in stored
        )
    if isinstance(stored, list):
        return len(stored) == len(computed) and all(map(same, stored, computed))
    close = pytest.approx(computed, rel=1e-3, abs=1e-6) if isinstance(stored, float) else computed
    return stored == close


def test_the_kept_film_is_what_the_toy_computes():
    assert same(film.stored(), film.computed())


def test_the_kept_regression_is_what_the_toy_computes():
    assert same(json.loads(regression.FILE.read_text()), regression.computed())


def test_the_page_opens_with_a_film_and_ways_on(store):
    app = opened("start")
    assert charts(app) == 1
    assert len(app.get("page_link")) == 5


def test_the_film_waits_for_the_guess_and_the_verdict_for_what_was_seen():
    app = opened("start", {"guess:skip_all": False})
    stored = film.stored()
    assert payloads(app, "mtlviz.film")[0]["payload"] == stored["start"]
    assert not payloads(app, "mtlviz.film")[0]["bar"]
    widget(app, "guess.guess.0").click().run()
    shown = payloads(app, "mtlviz.film")[0]
    assert shown["payload"] == stored["payload"] | {"verdicts": []}
    assert shown["autoplay"]
    assert "decides" not in text(app)
    widget(app, "guess.saw.0").click().run()
    assert payloads(app, "mtlviz.film")[0]["payload"]["verdicts"] == stored["verdicts"]
    assert stored["sentences"][0] in text(app)
    assert app.query_params == {}


def test_whoever_only_watches_gets_the_film_with_its_verdict_at_the_end():
    app = opened("start", {"guess:skip_all": False})
    widget(app, "guess.skip").click().run()
    shown = payloads(app, "mtlviz.film")[0]
    assert shown["verdict_at_end"]
    assert shown["autoplay"]
    assert shown["payload"]["verdicts"] == film.stored()["verdicts"]


def test_the_regression_story_opens_with_its_picture_and_its_own_controls():
    app = opened("toy_lab", story="regression", reg__cosine="banana")
    assert charts(app) == 1
    assert any("banana" in warning.value for warning in app.warning)
    assert {slider.key for slider in app.slider} >= {"regression.cosine", "regression.stretch"}
    assert app.query_params["story"] == "regression"


def test_the_regressions_verdicts_carry_sign_number_and_interval():
    curve = regression._line(0, "T2", *(np.array([0.0, x]) for x in (-0.9, -0.96, -0.74)))
    unsure = regression._line(1, "T3", *(np.array([0.0, x]) for x in (0.1, -0.2, 0.5)))
    sentences = regression.verdicts([curve, unsure], 1600)
    assert (
        "*helps* with 1\u2009600 examples: −90 % error (95 % interval −96 to −74 %)" in sentences[0]
    )
    assert "cannot be told apart" in sentences[1]


@pytest.mark.parametrize("base", ["", "/lab"])
@pytest.mark.parametrize("query", ["", "?lecture=1&hide=answers"])
def test_the_pages_own_name_opens_it_too(base, query):
    browser = TestClient(Starlette(routes=server.routes()), follow_redirects=False)
    answer = browser.get(f"{base}/start{query}")
    assert answer.is_redirect
    assert urljoin(f"http://testserver{base}/start{query}", answer.headers["location"]) == (
        f"http://testserver{base}/{query}"
    )


def test_the_page_stands_where_runs_cannot_be_stored(tmp_path, monkeypatch):
    place = tmp_path / "home"
    place.write_text("A file where the home folder should be.")
    monkeypatch.setenv("MTLVIZ_HOME", str(place))
    app = opened("start")
    assert len(app.error) == 1
    assert len(app.get("page_link")) == 5
