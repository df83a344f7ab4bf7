"""Files to take home: they need nothing else, hold no markup of anybody's, and stay small."""

import re
from functools import partial

import pytest

from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.summary import summarise
from mtlviz.ui.component import take_home
from mtlviz.ui.component.take_home import LARGEST, Piece, page
from mtlviz.ui.core import run_view, session
from mtlviz.ui.pages.run.take_home import pieces as run_pieces
from mtlviz.ui.pages.toy.take_home import pieces
from tests.ui import harness
from tests.ui.test_run import recorded, step

HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def summary():
    config = PRESETS["clouds"].config.changed(steps=5, seeds=2)
    return summarise(train(config))


@pytest.fixture
def toy_pieces(summary):
    with session.apart():
        return list(pieces(summary).values())


def test_a_file_needs_nothing_else_and_is_small_enough(toy_pieces):
    made = page("Toy", [], toy_pieces)
    assert len(made.encode()) <= LARGEST
    head = made.replace(take_home._library(), "")
    assert not re.search(r'(src|href)="(?!data:)', head)
    assert 'from "./' not in head


def test_every_import_of_a_component_is_in_the_map():
    import base64

    modules = take_home._modules()
    for address in modules.values():
        text = base64.b64decode(address.partition(",")[2]).decode()
        assert set(re.findall(r'(?:from|import) "(mv/[^"]+)"', text)) <= set(modules)
        assert not re.search(r'(?:from|import) "\./', text)


def test_what_somebody_wrote_is_no_markup_there():
    made = page(HOSTILE, [HOSTILE], [Piece("film", {"alt": HOSTILE})], HOSTILE)
    assert "<script>alert" not in made


def test_a_file_that_would_be_too_large_leaves_its_charts_out_and_says_so(toy_pieces, monkeypatch):
    monkeypatch.setattr(take_home, "LARGEST", 1_000_000)
    made = page("Toy", [], toy_pieces)
    assert "The charts were left out" in made
    assert take_home._library() not in made


def test_a_run_is_offered_once_it_has_ended(store):
    finished = recorded(store, [step(update) for update in range(5)])
    app = harness.opened("run", run=str(finished))
    assert app.get("download_button")
    view = run_view.look(store.run(finished), 10, cursor="run.1")
    assert len(run_pieces(view)) == len(view.figures) >= 3
    assert len(page("Run", [], run_pieces(view)).encode()) <= LARGEST
    going = recorded(store, [step(0)], status=None)
    buttons = partial(harness.opened, "run", run=str(going))
    assert not [each for each in buttons().get("download_button") if each.label == "Take it home"]
