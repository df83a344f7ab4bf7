"""The story in many dimensions: the paper's regression and its one figure."""

import json
from pathlib import Path

import numpy as np
import streamlit as st

from mtlviz.figures.curves import Curve, error_changes
from mtlviz.figures.theme import task_look
from mtlviz.toy.presets import REGRESSION as STORY
from mtlviz.toy.questions import REGRESSION as QUESTION
from mtlviz.toy.regression import (
    SOURCE_TITLES,
    RegressionConfig,
    RegressionPart,
    regression_curves,
    regression_parts,
    warning,
)
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, work
from mtlviz.ui.core.controls import reset
from mtlviz.ui.core.words import MARKS, grouped
from mtlviz.ui.pages.toy.settings import REGRESSION, TOY

FILE = Path(__file__).with_name("regression.json")
_PURPOSE = "toy.regression"

Lines = list[Curve]


def section() -> None:
    """The story, the figure, and what the figure leaves open."""
    config = REGRESSION.now
    guess.enter(QUESTION.name, REGRESSION.began_as_preset)
    guess.ask(QUESTION, _same_question)
    if guess.covers("picture"):
        return
    if config != STORY.config:
        st.caption(f"Changed from “{STORY.title}”.")
        reset(REGRESSION, "Back to what the link opened; from there, to the story's own settings.")
    near = warning(config)
    if near:
        st.warning(near)
    if config == STORY.config:
        _show(_stored(), config)
    else:
        work.show(config, lambda: regression_parts(config), _PURPOSE, _so_far, _until_then)
    st.caption(
        "Source: Wu, Zhang & Ré (ICLR 2020), Figure 3, linear regression with capacity 1. "
        "Dimension, noise, number of target examples and rounds are not in the paper; ours are "
        "the sliders. Clean error on new examples, median over paired repetitions."
    )


def _same_question() -> None:
    REGRESSION.open_preset("plane")
    TOY.open_preset(QUESTION.again)


def _so_far() -> None:
    job = work.current(_PURPOSE)
    if job is not None and isinstance(job.part, RegressionPart):
        _show(_lines(job.part), REGRESSION.now)


def _until_then() -> None:
    st.caption("The story's own settings, until the first repetitions of yours are done:")
    _show(_stored(), STORY.config)


def verdicts(lines: Lines, samples: int) -> list[str]:
    """One sentence for each source: what it does to the target at the most source examples."""
    return [_verdict(line, grouped(samples)) for line in lines]


def _verdict(line: Curve, size: str) -> str:
    low, high = (100 * float(ends[-1]) for ends in line.interval)
    change = f"{100 * float(line.mean[-1]):+.0f} % error".replace("-", "−")
    interval = f"(95 % interval {low:+.0f} to {high:+.0f} %)".replace("-", "−")
    found = "helps" if high < 0 else "hurts" if low > 0 else "undecided"
    said = f"*{found}* with {size} examples"
    if found == "undecided":
        said = "cannot be told apart from no change"
    return f"{MARKS[found]} **{line.name}** {said}: {change} {interval}."


def _show(lines: Lines, config: RegressionConfig) -> None:
    if not guess.covers("answer"):
        st.markdown("  \n".join(verdicts(lines, config.samples[-1])))
    chart(
        error_changes(np.array(config.samples), lines, revision="regression"),
        key="regression.chart",
        alt="Relative change of the target's error through three sources, over the number of "
        "source examples.",
        how_to_read="Below zero the source helps, above it hurts. Bands: 95 % interval of the "
        "median over repetitions. Source sizes on a logarithmic scale.",
        height=420,
        filename="regression",
    )


def _lines(part: RegressionPart) -> Lines:
    return [
        _line(place, source, curve.median, curve.low, curve.high)
        for place, (source, curve) in enumerate(part.curves.items())
    ]


def _line(place: int, source: str, median: np.ndarray, low: np.ndarray, high: np.ndarray) -> Curve:
    look = task_look(place + 1)  # The first look belongs to the target.
    name = f"{source}: {SOURCE_TITLES[source]}"
    return Curve(name, median, (low, high), look.color, look.dash, 3.0)


def _stored() -> Lines:
    """The story's own curves, kept in a file so that the picture is there at once."""
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        _line(place, source, *(np.array(ends) for ends in kept[source]))
        for place, source in enumerate(SOURCE_TITLES)
    ]


def computed() -> dict[str, list[list[float]]]:
    """What the file holds: median, lower and upper end for each source."""
    curves = regression_curves(STORY.config)
    return {
        source: [np.round(ends, 6).tolist() for ends in (curve.median, curve.low, curve.high)]
        for source, curve in curves.items()
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(computed()) + "\n", encoding="utf-8")
