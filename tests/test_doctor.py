"""`mtlviz doctor` says what is here and what is missing, and works where nothing is."""

import os
from importlib import import_module

import pytest

from mtlviz.cli import main

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


def test_a_full_machine_misses_nothing(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._versions,))
    assert "Nothing is missing" in told(capsys)


def test_folders_of_the_user_are_shown_from_home(monkeypatch):
    monkeypatch.setenv("HOME", os.sep)
    assert doctor._shown(doctor.Path(os.sep) / "a" / "b").startswith("~")
