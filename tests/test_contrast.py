"""Hues and words stand out from what they stand on, on both themes (WCAG 2.2, 1.4.3, 1.4.11)."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from mtlviz.engine.combiners import COMBINERS
from mtlviz.figures import compare, theme
from mtlviz.figures.conflicts import method_look

ROOT = Path(__file__).parents[1]
THEME = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
FRONTEND = ROOT / "mtlviz/ui/component/frontend"
SCRIPT = (FRONTEND / "theme.js").read_text("utf-8")
GROUNDS = [
    (name, THEME[name][ground])
    for name in ("light", "dark")
    for ground in ("backgroundColor", "secondaryBackgroundColor")
]
GRAPHIC, TEXT = 3.0, 4.5
HUES = [theme.task_look(task).color for task in range(5)]


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_wcags():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#E69F00", "#FFFFFF") == pytest.approx(2.25, abs=0.01)


@pytest.mark.parametrize(("name", "ground"), GROUNDS)
def test_hues_of_tasks_and_of_verdicts_meet_three_to_one(name, ground):
    for hue in (*HUES, *theme.VERDICT_COLORS.values()):
        assert contrast(hue, ground) >= GRAPHIC, hue


@pytest.mark.parametrize(("name", "ground"), GROUNDS)
def test_hues_of_methods_and_of_compared_runs_meet_three_to_one(name, ground):
    hues = {method: method_look(method).color for method in COMBINERS}
    for whose, hue in (hues | {hue: hue for hue in compare._HUES}).items():
        assert contrast(hue, ground) >= GRAPHIC, whose


def test_what_moves_by_itself_keeps_still_where_less_motion_is_asked_for():
    """Films, slow motion and walks move by the one player; styles that move have a still form."""
    for style in FRONTEND.glob("*.css"):
        text = style.read_text("utf-8")
        plain, _, calm = text.partition("@media (prefers-reduced-motion: reduce)")
        for moving in re.findall(r"([^{}]+){[^{}]*\b(?:transition|animation):", plain):
            assert f"{moving.strip()} {{ transition: none; }}" in calm, (style.name, moving)
    scripts = {script.name: script.read_text("utf-8") for script in FRONTEND.glob("*.js")}
    assert [name for name in scripts if "playing: true" in scripts[name]] == ["player.js"]
    assert "prefers-reduced-motion" in scripts["player.js"]
    for name, text in scripts.items():
        assert not re.search(r"setInterval|\.animate\(|behavior: \"smooth\"", text), name


@pytest.mark.parametrize(("name", "ground"), GROUNDS)
@pytest.mark.parametrize("word", ["blue", "red", "orange", "gray", "green"])
def test_coloured_words_meet_four_and_a_half_to_one(name, ground, word):
    assert contrast(THEME[name][f"{word}TextColor"], ground) >= TEXT


def test_no_two_hues_are_one():
    for one, other in itertools.combinations(HUES, 2):
        apart = [abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) for at in (1, 3, 5)]
        assert sum(apart) > 80


def test_the_browser_and_the_settings_use_the_same_hues():
    assert re.search(r"const HUES = \[(.*?)\]", SCRIPT)[1].replace('"', "").split(", ") == HUES
    for verdict, color in theme.VERDICT_COLORS.items():
        assert f'{verdict}: "{color}"' in SCRIPT
    assert THEME["chartCategoricalColors"] == HUES
