"""The `mtlviz` command finds its launcher, a port and, where there is a screen, the browser."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from streamlit.web import cli

from mtlviz.access import ALLOWED, visitors_access
from mtlviz.cli import main as cli_main
from mtlviz.errors import MtlvizError
from mtlviz.ui import launch
from mtlviz.ui.launch import HOSTS

ROOT = Path(__file__).parents[2]


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
    monkeypatch.setattr(launch, "has_a_screen", lambda: False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(launch, "FIRST_PORT", port)
        command = started("--server.maxUploadSize=5")
    assert command[:2] == ["streamlit", "run"]
    assert f"--server.port={port}" not in command
    assert "--server.maxUploadSize=5" in command


def test_the_command_alone_opens_the_app_in_an_empty_folder(tmp_path):
    """The README's first command, as it is typed: a server of its own, asked over its port."""
    folders = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    environment = {
        **os.environ,
        **folders,
        "PYTHONPATH": str(ROOT),
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mtlviz.cli"],
            cwd=tmp_path, env=environment, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"http://localhost:\d+", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        with urllib.request.urlopen(f"{found[0]}/_stcore/health", timeout=30) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("flags", [("--server.port=9000",), ("--server.port", "9000")])
def test_a_given_port_is_kept(started, flags, monkeypatch):
    monkeypatch.setattr(launch, "has_a_screen", lambda: False)
    assert started(*flags)[3:] == list(flags)


def test_the_browser_opens_on_a_screen_only_and_not_when_told_so(started, monkeypatch):
    opened = []
    monkeypatch.setattr(launch, "_open_browser", opened.append)
    monkeypatch.setattr(launch, "has_a_screen", lambda: True)
    started("--server.port=9000")
    assert "--no-browser" not in started("--server.port=9001", "--no-browser")
    monkeypatch.setattr(launch, "has_a_screen", lambda: False)
    started("--server.port=9002")
    assert opened == ["http://localhost:9000"]


def test_the_browser_opens_below_the_base_path(started, monkeypatch):
    opened = []
    monkeypatch.setattr(launch, "_open_browser", opened.append)
    monkeypatch.setattr(launch, "has_a_screen", lambda: True)
    started("--server.port=9000", "--server.baseUrlPath=/mtl/")
    assert opened == ["http://localhost:9000/mtl"]


def test_folders_and_names_are_left_where_the_server_reads_them(started, monkeypatch, tmp_path):
    monkeypatch.setattr(launch, "has_a_screen", lambda: False)
    monkeypatch.setenv(HOSTS, "first.example")
    monkeypatch.setenv(ALLOWED, str(tmp_path))
    (tmp_path / "more").mkdir()
    flags = ("--allow", str(tmp_path / "more"), "--host=mtl.example", "--server.port=9000")
    assert started(*flags)[3:] == ["--server.port=9000"]
    assert os.environ[HOSTS] == "first.example,mtl.example"
    assert visitors_access(os.environ[ALLOWED]).allows(tmp_path / "more")
    assert not visitors_access(os.environ[ALLOWED]).allows(tmp_path.parent)
    with pytest.raises(MtlvizError, match=r"name folders, but .* is none"):
        started("--allow", str(tmp_path / "nowhere"))


@pytest.mark.parametrize("flag", ["--nonsense", "-x", "--allowed=/"])
def test_a_flag_that_is_none_is_one_sentence(started, flag):
    with pytest.raises(MtlvizError, match=f"There is no flag '{flag}'; see mtlviz app --help"):
        started(flag)


def test_help_is_ours(capsys):
    with pytest.raises(SystemExit) as ended:
        cli_main(["app", "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert "--allow FOLDER" in text
    assert "mtlviz app" in text.splitlines()[0] or "mtlviz [app]" in text.splitlines()[0]


def test_without_a_free_port_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(launch, "_PORTS_TRIED", 0)
    with pytest.raises(MtlvizError, match="give one with"):
        launch.free_port()
