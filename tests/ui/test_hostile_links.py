"""A link of a stranger shows no file that is not offered, and ends no page."""

import functools
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtlviz import access
from mtlviz.access import visitors_access
from mtlviz.ui.pages import PAGES
from tests.ui.drawn_settings import PARTS, places
from tests.ui.harness import opened, text
from tests.ui.opened_settings import PARTS_OF, opened_settings

SECRET = "root:hushhush:0:0\nnext:hushhush:1:1\n"
GOLDEN = json.loads((Path(__file__).parents[1] / "golden/links.json").read_text())


@pytest.fixture
def hidden(tmp_path, monkeypatch):
    """A file and a folder that visitors may not read, beside a data folder that they may."""
    for name in ("home", "data", "hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "hidden" / "secret.txt").write_text(SECRET)
    os.mkfifo(tmp_path / "hidden" / "pipe.txt")
    (tmp_path / "data" / "link.txt").symlink_to(tmp_path / "hidden" / "secret.txt")
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setitem(access._process, "access", visitors_access())
    return tmp_path / "hidden"


def tasks(path, source="table"):
    two = [{"name": name, "source": source, "path": path} for name in ("a", "b")]
    return json.dumps(two)


LINKS = {
    "a table": ("studio", lambda path: {"studio__tasks": tasks(path)}),
    "a folder": ("studio", lambda path: {"studio__tasks": tasks(path, "folder")}),
    "a data set of the hub": ("studio", lambda path: {"studio__tasks": tasks(path, "hub")}),
    "a checkpoint": ("studio", lambda path: {
        "studio__capacity__encoder": "checkpoint", "studio__capacity__checkpoint": path}),
    "word vectors": ("studio", lambda path: {"studio__capacity__vectors": path}),
    "the Data page's folder": ("data", lambda path: {"data_folder": path}),
    "the Data page's task": ("data", lambda path: {
        "data_folder": path, "data_task": "folder/secret.txt"}),
    "the Covariance lab's folder": ("covariance_lab", lambda path: {"cov_folder": path}),
    "its vectors": ("covariance_lab", lambda path: {
        "cov_encoder": "file", "cov_vectors": path}),
    "its checkpoint": ("covariance_lab", lambda path: {
        "cov_encoder": "checkpoint", "cov_checkpoint": path}),
    "its table": ("covariance_lab", lambda path: {"cov_encoder": "table", "cov_checkpoint": path}),
    "the Capacity lab's folder": ("capacity_lab", lambda path: {
        "cap_view": "study", "cap_study_folder": path}),
}  # fmt: skip
PATHS = ["{}/secret.txt", "{}/pipe.txt", "{}", "link.txt", "../hidden/secret.txt", "/dev/zero"]


# Every path by the first link, two by each other: all are read by one guard.
CASES = [(link, path) for place, link in enumerate(LINKS) for path in PATHS[: 2 if place else None]]


@pytest.mark.parametrize(("link", "path"), CASES)
def test_no_page_shows_what_a_link_names_elsewhere(hidden, link, path):
    page, query = LINKS[link]
    app = opened(page, **query(path.format(hidden)))
    deadline = time.monotonic() + 1.0  # What is read in the background ends in a sentence too.
    while time.monotonic() < deadline and "…" in text(app):
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert "hushhush" not in str(app.main)
    assert str(hidden.parent) not in text(app)


ALL = [part for page in PAGES for part in page.parts()]
NAMES = sorted(
    {name for kept in GOLDEN["links"].values() for name in kept["query"]}
    | {name for part in ALL for name in part.parameters()}
    | {part.model.link_prefix + path for part in PARTS.values() for path, _ in places(part)}
    | {"nothing", "", "<b>bold</b>", "x" * 5000, "t9.angle", "scheduler.heat", "data.tasks.0.name"}
)
NASTY = [
    *("-1", "[" * 3000, "9" * 5000, "9" * 20, "-" + "9" * 400, "1e999", "-1e-999", "nan", "inf"),
    *('[{"a":1,"a":2}]', "null", "{}", "[]", '""', '"', '{"temperature":"hot"}', '[["deep"]]'),
    *("1,2,3", ",,,", "٣", "0x10", "1_0", "a\0b", "a\r\nb\u2028c", "\u202eevil", "x" * 5000),
    *("<b>", "<script>alert(1)</script>", "[click](http://evil)", "$x$ *b* `c` :red[d]", "# a"),
    *("/etc/passwd", "../../etc/shadow", "~root", "$HOME", "file:///etc/hosts", "C:\\secret"),
    '{"a":' * 400 + "1" + "}" * 400,
]
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.integers().map(str),
    st.floats().map(str),
)
PLACES = [str(Path.home()), str(Path.cwd()), str(Path(__file__).parents[2])]
LONGEST = 300


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(PARTS_OF)), st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4)
)
def test_drawn_links_are_answered_with_sentences_and_open(path, query):
    found = opened_settings(path, query)
    for sentence in found["problems"]:
        assert len(sentence) < LONGEST, sentence
        assert sentence.count("\n") == 0
        assert sentence.endswith((".", "?", "…"))
        # What the link says itself, it may be told.
        plain = functools.reduce(lambda rest, text: rest.replace(text, ""), _said(query), sentence)
        assert not any(place in plain for place in (*PLACES, "/etc")), sentence


def _said(query):
    return [repr(text)[1:-1][:50] for text in (*query, *query.values()) if text]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_is_broken_by_a_methods_option_that_is_no_number(page, store):
    query = {"studio__optimisation__scheduler": "temperature",
             "studio__optimisation__scheduler_options": '{"temperature":"hot"}'}  # fmt: skip
    app = opened(page.path, **query)
    assert not app.exception
    told = [each.value for each in app.warning if "temperature scheduler" in each.value]
    assert len(told) == 1
