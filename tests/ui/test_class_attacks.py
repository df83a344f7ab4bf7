"""A student tries every page, view, fold and button that a class's server offers."""

from pathlib import Path

import pytest

from mtlviz.engine.presets import preset
from mtlviz.runs import affinity_study, capacity_study, queue, sharing_study, stored_study
from mtlviz.runs.store import Store
from mtlviz.ui.core import run_records
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages import PAGES
from tests.ui import harness
from tests.ui.harness import text, widgets

SECRET = "nobodysbusiness"
VIEWS = [
    ("start", {}), ("lessons", {}), ("toy_lab", {}), ("words", {}), ("continual_lab", {}),
    ("conflict_lab", {}), ("conflict_lab", {"run": "1"}),
    ("covariance_lab", {"cov_encoder": "run", "cov_run": "1"}),
    ("covariance_lab", {"cov_view": "alignment"}), ("covariance_lab", {"cov_view": "reweighting"}),
    ("capacity_lab", {}), ("capacity_lab", {"cap_measured": "text", "cap_study": "1"}),
    ("capacity_lab", {"cap_view": "affinity", "cap_run": "1"}),
    ("capacity_lab", {"cap_view": "sharing", "cap_ways": "3"}),
]  # fmt: skip


@pytest.fixture
def teachers(room, tmp_path: Path, monkeypatch):
    """The teacher's own store: a run that waits, and a study of each kind."""
    monkeypatch.setattr(queue, "tick", lambda store: [])
    store = Store(tmp_path)
    config = preset("default").changed(name=SECRET)
    for kind in (capacity_study.KIND, affinity_study.KIND, sharing_study.KIND):
        stored_study.begin_study(store, kind, SECRET, [(("together", 4, 0), config)])
    yield store
    store.close()


def everything(store: Store) -> list:
    """What of a store somebody could have changed."""
    runs = [(run.id, run.name, run.status, run.stop_requested) for run in store.runs()]
    return [runs, sorted(path.name for path in Path(store.home).rglob("studies/*"))]


def opened(path, link):
    page = next(page for page in PAGES if page.path == path)
    folds = {fold_key(name): True for name in folded(page.panels())}
    return harness.opened(path, folds, **link)


def folded(panels):
    for panel in panels:
        yield from ([panel.name] if panel.folded else [])
        yield from folded(panel.parts)


def sent(app) -> str:
    """All that the server has told the browser, whatever shows it."""
    return text(app) + "".join(str(element.proto) for element in app.main) + "".join(
        str(element.proto) for element in app.sidebar
    )  # fmt: skip


@pytest.mark.parametrize(("path", "link"), VIEWS)
def test_no_view_tells_a_student_of_the_teachers_runs(teachers, path, link):
    app = opened(path, link)
    assert SECRET not in sent(app)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "link"), VIEWS)
def test_no_button_of_any_view_changes_what_others_have_or_starts_a_run(teachers, path, link):
    before = everything(teachers)
    app = opened(path, link)
    buttons = [key for key, each in widgets(app).items() if each.type == "button"]
    for key in buttons:
        button = widgets(app).get(key)  # It may have gone with another one's click.
        if button is not None and not button.disabled:
            button.click().run()
            assert SECRET not in sent(app)
    assert everything(teachers) == before
    assert not run_records.store().runs()
