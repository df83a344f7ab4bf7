"""`mtlviz doctor` says what is here and what is missing, and works where nothing is."""

import os
from importlib import import_module

import pytest

from mtlviz.cli import main
from mtlviz.engine.presets import preset
from mtlviz.runs import machine_slots, queue

# The package has a command of this name.
doctor = import_module("mtlviz.cli.doctor")


def told(capsys):
    assert main(["doctor"]) == 0
    return capsys.readouterr().out


def test_it_tells_cores_memory_data_versions_and_home(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    data = tmp_path / "data" / "mine"
    data.mkdir(parents=True)
    (data / "meta.json").write_text("{}")
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path / "data"))
    text = told(capsys)
    for about in ("mtlviz", "libraries", "cores", "memory", "GPU", "browser", "home", "data"):
        assert f" {about} " in text
    assert "1 folders" in text
    assert "mine" in text
    assert not (tmp_path / "home").exists()  # It looks and changes nothing.


@pytest.mark.parametrize("data", ["", "/no/such/folder"])
def test_what_is_missing_is_marked_and_advised(capsys, tmp_path, monkeypatch, data):
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    monkeypatch.setenv("MTLVIZ_DATA", data)
    monkeypatch.setattr(doctor, "gpus", list)
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    text = told(capsys)
    assert "– GPU" in text
    assert "– data" in text
    assert "mtlviz[hub]" in text
    assert "things are missing (–)" in text


def test_it_says_of_runs_at_once_what_the_queue_does(capsys, monkeypatch):
    monkeypatch.delenv("MTLVIZ_RUNS", raising=False)
    monkeypatch.setattr(machine_slots, "gpus", list)
    monkeypatch.setattr(machine_slots, "cores", lambda: 2)
    text = told(capsys)
    large, small = preset("default"), preset("default").with_values({"capacity.width": 8})
    large = large.with_values({"capacity.encoder": "lstm"})
    assert (queue.at_once([large]), queue.at_once([small])) == (1, 2)
    assert "1 run at a time, 2 with averaged word vectors" in text


def test_a_full_machine_misses_nothing(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._versions,))
    assert "Nothing is missing" in told(capsys)


def test_folders_of_the_user_are_shown_from_home(monkeypatch):
    monkeypatch.setenv("HOME", os.sep)
    assert doctor._shown(doctor.Path(os.sep) / "a" / "b").startswith("~")
