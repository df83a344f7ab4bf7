"""A wheel holds all that the app reads, and works in an empty folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked: what an installation has."""
    pytest.importorskip("hatchling")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = out.glob("*.whl")
    with zipfile.ZipFile(file) as packed:
        packed.extractall(out / "site")
    return out / "site"


def test_it_holds_every_file_of_the_package(wheel):
    tracked = subprocess.run(
        ["git", "ls-files", "mtlviz"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    missing = [name for name in tracked if not (wheel / name).exists()]
    # A setting of the linter alone.
    assert [name for name in missing if not name.endswith("pyproject.toml")] == []
    assert (wheel / "mtlviz/app.py").exists()
    assert (wheel / "mtlviz/.streamlit/config.toml").exists()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["--version"], "mtlviz 0.2"),
        (["--help"], "mtlviz doctor"),
        (["doctor"], "with recorded runs"),
        (["runs", "open", "built-in"], "recorded"),
        (["replicate", "arithmetic", "--out", "found.json"], "Wrote found.json"),
        (["train", "--list-presets"], "default"),
    ],
)
def test_it_works_in_an_empty_folder(wheel, tmp_path, call, said):
    values = {**os.environ, "PYTHONPATH": str(wheel), "MTLVIZ_HOME": str(tmp_path / "home")}
    values.pop("MTLVIZ_DATA", None)
    command = [sys.executable, "-P", "-m", "mtlviz.cli", *call]
    ended = subprocess.run(
        command, cwd=tmp_path, env=values, check=True, capture_output=True, text=True
    )
    assert said in ended.stdout
