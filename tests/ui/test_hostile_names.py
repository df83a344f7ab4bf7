"""A name that somebody gave is shown as the text it is, on every page: no picture, link or tag."""

import json
from collections.abc import Iterator

import pytest

from mtlviz.engine.config import RunConfig
from mtlviz.engine.tasks.mapping import guessed
from mtlviz.engine.tasks.sheet import read_sheet
from mtlviz.engine.tasks.upload import Wishes, check_upload
from mtlviz.engine.train import records, start
from mtlviz.runs.lease import lease
from mtlviz.runs.own_tasks import list_own, save_own
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages import PAGES
from mtlviz.ui.pages.studio import choosing
from tests.ui.harness import opened

PICTURE = "![x](http://evil/x.png)<b>:red[y]"
FORMULA = "=cmd()"
# What no Markdown, and no picture of Plotly's, may hold of the name: its parts, not escaped.
AS_MARKDOWN = ("![x](", "http://evil", ":red[y]")
AS_TAG = ("png)<b>",)
# Shown as text by Streamlit, whatever they hold: by kind of element, and field.
PLAIN = {
    ("selectbox", "options"), ("multiselect", "options"), ("selectbox", "raw_value"),
    ("selectbox", "default"), ("multiselect", "raw_values"), ("multiselect", "default"),
    ("text_input", "default"), ("text_input", "value"), ("code", "code_text"),
    ("slider", "options"), ("select_slider", "options"),
}  # fmt: skip
IDENTIFIERS = ("id", "element_id", "form_id", "url", "query_params", "json", "body_hash")


def sent_task():
    """A task whose name, classes and texts are hostile."""
    rows = [f'"{PICTURE} {n}","{(PICTURE, FORMULA)[n % 2]}"' for n in range(40)]
    content = "\n".join([f'"{PICTURE}",label', *rows]).encode()
    sheet = read_sheet(content, f"{PICTURE}.csv")
    task = check_upload(sheet, Wishes(PICTURE, guessed(sheet))).task
    assert task is not None
    return task


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A home with that task; settings of runs on it and another, and the records of each."""
    home = tmp_path_factory.mktemp("home")
    save_own(home, sent_task())
    (choice,) = list_own(home)
    tasks = [
        choice.config.model_dump(),
        {"name": FORMULA, "options": {"size": 40, "dev_size": 30}},
    ]
    configs = [
        RunConfig.from_values(
            {
                "name": f"{PICTURE} {seed}", "seed": seed, "data": {"tasks": tasks},
                "capacity": {"width": 8, "vector_width": 8, "sharing": sharing},
                "optimisation": {"epochs": 2, "learning_rate": 1e-2},
                "probes": {"embeddings_every": 2, "embeddings_examples": 10}, "device": "cpu",
            }
        )
        for seed in (0, 1) for sharing in ("hard", "separate")
    ]  # fmt: skip
    return home, [(config, list(records(start(config)))) for config in configs]


@pytest.fixture
def named(store, trained, monkeypatch):
    """The app's store with that task and finished runs on it; one more waits."""
    home, found = trained
    (store.home / "tasks").symlink_to(home / "tasks")
    for config, recorded in found:
        held = lease(store, store.create_run(config))
        held.plan(len(recorded), ["accuracy"] * 2)
        held.append(recorded)
        held.finish("finished", None)
    store.create_run(found[0][0])
    return store


def strings(message, kind: str, place: str = "") -> Iterator[tuple[str, str, str]]:
    """(kind of element, field, text) of every text in a message of Streamlit's."""
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if field.message_type is not None and hasattr(each, "ListFields"):
                yield from strings(each, kind, f"{place}{field.name}.")
            elif isinstance(each, str):
                yield kind, place + field.name, each


def shown(node) -> Iterator[tuple[str, str, str]]:
    """The same of everything on a page, whatever is unfolded."""
    if getattr(node, "proto", None) is not None:
        yield from strings(node.proto, node.type)
    for child in getattr(node, "children", {}).values():
        yield from shown(child)


def wrong(app) -> list[str]:
    """Where the name is not shown as text."""
    found = []
    for kind, place, text in shown(app._tree):
        first = place.split(".")[0]
        if kind == "bidi_component" and place == "json":
            found += [f"{kind} {at}: {each[:150]}" for at, each in of_json(json.loads(text))
                      if any(part in each for part in AS_TAG)]  # fmt: skip
        elif first in IDENTIFIERS or (kind, first) in PLAIN:
            continue
        elif any(part in text for part in (AS_TAG if kind == "html" else AS_MARKDOWN)):
            found.append(f"{kind} {place}: {text[:150]}")
    return found


def of_json(value, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of every text of the figures that a component was sent."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from of_json(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from of_json(inner, place)
    elif isinstance(value, str) and "figure" in place:
        yield place, value


SHOW_NAMES = ("studio", "run", "compare", "data")
LOOKS = {
    "studio": {fold_key("studio.tasks"): True, choosing.OPEN: True},
    "run": {"fold.run.examples": True},
    "compare": {"compare.runs_open": True, "compare.numbers_open": True},
}
QUERIES = {
    "data": {"data_task": f"own/{PICTURE}"},
    "studio": {"studio__tasks": json.dumps([{"name": PICTURE}, {"name": FORMULA}])},
    "compare": {"by": PICTURE},
    "covariance_lab": {"cov_tasks": f"own/{PICTURE},built-in/reviews"},
}


@pytest.mark.parametrize(
    "path",
    [path if path in SHOW_NAMES else pytest.param(path, marks=pytest.mark.slow)
     for path in (page.path for page in PAGES)],
)  # fmt: skip
def test_hostile_names_are_text_on_every_page(named, path):
    app = opened(path, LOOKS.get(path, {}), **QUERIES.get(path, {}))
    assert wrong(app) == []
    for _ in range(3):  # What is computed in the background comes with a later look.
        app.run()
        assert not app.exception
        assert wrong(app) == []


def test_pages_that_list_tasks_and_runs_do_show_the_name(named):
    for path in SHOW_NAMES:
        app = opened(path, LOOKS.get(path, {}), **QUERIES.get(path, {}))
        assert any("evil" in text for _, _, text in shown(app._tree)), path
