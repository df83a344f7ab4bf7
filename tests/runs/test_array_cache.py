"""The cache of arrays: kept, renewed, damaged, too full."""

import os

import numpy as np
import pytest

from mtlviz.runs.array_cache import ArrayCache
from mtlviz.runs.failures import StoreError


@pytest.fixture
def cache(tmp_path):
    return ArrayCache(tmp_path / "kept")


def test_what_was_put_is_got(cache):
    assert cache.get("a") is None
    assert not cache.has("a")
    cache.put("a", {"x": np.arange(3), "y": np.ones((2, 2), np.float32)})
    assert cache.has("a")
    found = cache.get("a")
    np.testing.assert_array_equal(found["x"], [0, 1, 2])
    assert found["y"].dtype == np.float32
    assert not list(cache.folder.glob("*.partial"))


def test_what_is_forgotten_or_damaged_is_not_there(cache):
    cache.put("a", {"x": np.arange(3)})
    (cache.folder / "a.npz").write_bytes(b"PK nonsense")
    assert cache.get("a") is None
    cache.forget("a")
    cache.forget("a")
    assert not cache.has("a")


def test_the_longest_unused_go_first(tmp_path):
    cache = ArrayCache(tmp_path, most_bytes=3000)
    for number, key in enumerate("abc"):
        cache.put(key, {"x": np.zeros(100)})  # About 1,100 bytes each.
        os.utime(tmp_path / f"{key}.npz", (number, number)) if cache.has(key) else None
    assert cache.get("b") is not None  # Used now.
    cache.put("d", {"x": np.zeros(100)})
    assert [key for key in "abcd" if cache.has(key)] == ["b", "d"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(StoreError):
        ArrayCache(tmp_path / "kept").put("a", {"x": np.zeros(1)})


def test_a_file_that_another_process_deletes_meanwhile_is_no_error(cache, monkeypatch):
    cache.put("a", {"x": np.zeros(1)})
    missing = cache.folder / "gone.npz"
    monkeypatch.setattr(type(missing), "glob", lambda self, pattern: iter([missing]))
    cache.put("b", {"x": np.zeros(1)})
    assert cache.has("b")
