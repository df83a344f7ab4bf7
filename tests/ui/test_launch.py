"""The `mtlviz` command finds its launcher, a port and, where there is a screen, the browser."""

import socket
import sys

import pytest
from streamlit.web import cli

from mtlviz.errors import MtlvizError
from mtlviz.ui import launch


@pytest.fixture
def started(monkeypatch):
    """Run `open_app` with the server replaced, and return the command line it would have run."""
    monkeypatch.setattr(cli, "main", lambda: None)
    monkeypatch.setattr(sys, "argv", [])

    def run(*arguments):
        launch.open_app(arguments)
        return sys.argv

    return run


def test_the_launcher_and_its_settings_are_found():
    script = launch.launcher_script()
    assert script.name == "app.py"
    assert (script.parent / ".streamlit" / "config.toml").is_file()


def test_the_server_gets_a_free_port_and_the_given_flags(started, monkeypatch):
    monkeypatch.setattr(launch, "_has_a_screen", lambda: False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(launch, "FIRST_PORT", port)
        command = started("--server.maxUploadSize=5")
    assert command[:2] == ["streamlit", "run"]
    assert f"--server.port={port}" not in command
    assert "--server.maxUploadSize=5" in command


@pytest.mark.parametrize("flags", [("--server.port=9000",), ("--server.port", "9000")])
def test_a_given_port_is_kept(started, flags, monkeypatch):
    monkeypatch.setattr(launch, "_has_a_screen", lambda: False)
    assert started(*flags)[3:] == list(flags)


def test_the_browser_opens_on_a_screen_only_and_not_when_told_so(started, monkeypatch):
    opened = []
    monkeypatch.setattr(launch, "_open_browser", opened.append)
    monkeypatch.setattr(launch, "_has_a_screen", lambda: True)
    started("--server.port=9000")
    assert "--no-browser" not in started("--server.port=9001", "--no-browser")
    monkeypatch.setattr(launch, "_has_a_screen", lambda: False)
    started("--server.port=9002")
    assert opened == ["http://localhost:9000"]


def test_without_a_free_port_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(launch, "_PORTS_TRIED", 0)
    with pytest.raises(MtlvizError, match="give one with"):
        launch.free_port()
