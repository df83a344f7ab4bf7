"""The story in many dimensions: the paper's regression, its controls and its one figure."""

import json
from pathlib import Path

import numpy as np
import streamlit as st
from pydantic.fields import FieldInfo

from mtlviz.figures.curves import Curve
from mtlviz.figures.regression import error_changes
from mtlviz.figures.theme import task_look
from mtlviz.toy.presets import REGRESSION
from mtlviz.toy.regression import (
    SOURCE_TITLES,
    RegressionConfig,
    RegressionPart,
    regression_curves,
    regression_parts,
    warning,
)
from mtlviz.toy.regression_link import FIELDS
from mtlviz.ui import state
from mtlviz.ui.component import chart
from mtlviz.ui.jobs import Job

FILE = Path(__file__).with_name("regression.json")
_JOB, _OF = "regression.job", "regression.of"

Lines = list[Curve]


def controls() -> None:
    """One widget for each setting, in the side bar."""
    config = state.regression()
    for name, field in FIELDS.items():
        low, high = (_bound(field, bound) for bound in ("ge", "le"))
        value = getattr(config, name)
        state.set_widget(f"regression.{name}", value)
        number = int if isinstance(value, int) else float
        st.slider(
            field.title or name,
            number(low),
            number(high),
            format="%g",
            key=f"regression.{name}",
            help=field.description,
            on_change=_changed,
            args=(name,),
        )


def _bound(field: FieldInfo, name: str) -> float:
    return next(getattr(limit, name) for limit in field.metadata if hasattr(limit, name))


def _changed(name: str) -> None:
    values = state.regression().model_dump() | {name: state.widget(f"regression.{name}")}
    state.set_regression(RegressionConfig.model_validate(values))


def section() -> None:
    """The story, the figure, and what the figure leaves open."""
    config = state.regression()
    if config == REGRESSION.config:
        st.markdown(REGRESSION.story)
    else:
        st.caption(f"Changed from “{REGRESSION.title}”.")
        st.button(
            "Reset",
            key="regression.reset",
            on_click=state.set_regression,
            args=(REGRESSION.config,),
            help="Back to the story's own settings.",
        )
    near = warning(config)
    if near:
        st.warning(near)
    if config == REGRESSION.config:
        _show(_stored(), config)
    else:
        job = _job_of(config)
        live = job.running
        st.fragment(_progress, run_every=0.7 if live else None)(job, live)
    st.caption(
        "Source: Wu, Zhang & Ré (ICLR 2020), Figure 3, linear regression with capacity 1. "
        "Dimension, noise, number of target examples and rounds are not in the paper; ours are "
        "the sliders. Clean error on new examples, median over paired repetitions."
    )


def _job_of(config: RegressionConfig) -> Job:
    """The job that computes these settings; one for other settings is stopped."""
    job = state.remember(_JOB, None)
    if not isinstance(job, Job) or state.remember(_OF, None) != config:
        if isinstance(job, Job):
            job.cancel()
        job = Job(regression_parts(config))
        state.put(_JOB, job)
        state.put(_OF, config)
    return job


def _progress(job: Job, live: bool) -> None:
    if live and not job.running:
        st.rerun()  # One whole run ends the timer.
    if job.error:
        st.error(job.error)
    if job.running:
        share = job.part.progress if job.part else 0.0
        left = job.seconds_left()
        text = "Computing …" if left is None else f"Computing … about {max(1, round(left))} s left"
        st.progress(share, text=text)
    if isinstance(job.part, RegressionPart):
        _show(_lines(job.part), state.regression())
    elif not job.error:
        st.caption("The story's own settings, until the first repetitions of yours are done:")
        _show(_stored(), REGRESSION.config)


def verdicts(lines: Lines, samples: int) -> list[str]:
    """One sentence for each source: what it does to the target at the most source examples."""
    size = f"{samples:,}".replace(",", "\u2009")
    return [_verdict(line, size) for line in lines]


def _verdict(line: Curve, size: str) -> str:
    low, high = (100 * float(ends[-1]) for ends in line.interval)
    change = f"{100 * float(line.mean[-1]):+.0f} % error".replace("-", "−")
    interval = f"(95 % interval {low:+.0f} to {high:+.0f} %)".replace("-", "−")
    if high < 0:
        return f":blue[▲] **{line.name}** *helps* with {size} examples: {change} {interval}."
    if low > 0:
        return f":red[▼] **{line.name}** *hurts* with {size} examples: {change} {interval}."
    return f":gray[●] **{line.name}** cannot be told apart from no change: {change} {interval}."


def _show(lines: Lines, config: RegressionConfig) -> None:
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
    curves = regression_curves(REGRESSION.config)
    return {
        source: [np.round(ends, 6).tolist() for ends in (curve.median, curve.low, curve.high)]
        for source, curve in curves.items()
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(computed()) + "\n", encoding="utf-8")
