"""A home of its own for each test of a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mtlviz.runs import queue
from mtlviz.runs.store import Store
from mtlviz.ui.core import run_records


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
