"""A home of its own for each test of a page."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from mtlviz.access import HOME_FOLDER
from mtlviz.classroom.room import Room
from mtlviz.runs import queue
from mtlviz.runs.store import Store
from mtlviz.ui.core import class_copy, run_records, session
from mtlviz.ui.core.class_mode import CLASS


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> Iterator[None]:
    """AppTest looks through all installed packages for components, for each app anew; here once."""
    with pytest.MonkeyPatch.context() as patch:
        found = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        # A test's hand is faster than any person's.
        patch.setattr(session, "_MOMENT", 0.0)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and no data sets of this machine."""
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    monkeypatch.delenv("MTLVIZ_DATA", raising=False)
    return tmp_path


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The app's store in that home; runs wait in the queue and never begin."""
    monkeypatch.setattr(queue, "tick", lambda store: [])
    made = run_records.store()
    yield made
    made.close()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A class's room on this server; who looks has no seat in it."""
    monkeypatch.setenv(HOME_FOLDER, str(tmp_path))
    monkeypatch.setenv(CLASS, "http://192.168.0.7:8501/class")
    class_copy.room.cache_clear()
    # AppTest has no cookies.
    monkeypatch.setattr(class_copy, "_seat", lambda: "")
    monkeypatch.setattr(class_copy, "_key", lambda: "")
    yield class_copy.room()
    class_copy.room().close()
    class_copy.room.cache_clear()
