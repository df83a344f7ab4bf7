"""The README tells the truth: its paths exist and its commands are the project's own."""

import re
import tomllib
from pathlib import Path

from mtlviz.ui.pages import PAGES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_linked_file_exists():
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", README)
    assert targets, "the README should show screenshots"
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert not missing


def test_every_path_in_code_marks_exists():
    paths = re.findall(
        r"`((?:mtlviz|tests|assets|\.streamlit|\.ci)/[\w./-]*)`", README + CONTRIBUTING
    )
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert not missing


def test_the_two_commands_are_possible():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "mtlviz" in project["scripts"]
    assert "test" in project["optional-dependencies"]
    assert "pip install -e . && mtlviz" in README
    assert 'pip install -e ".[test]" && pytest' in README


def test_every_page_is_described():
    missing = [page.title for page in PAGES if f"**{page.title}**" not in README]
    assert not missing
