"""What the Continual lab shows: film, verdict, numbers, matrices, curves, mathematics."""

from pathlib import Path
from typing import Any

import streamlit as st

from mtlviz.engine.continual import CONTINUAL
from mtlviz.replication.result_file import results
from mtlviz.toy.continual.settings import METHODS
from mtlviz.toy.continual.stories import STORIES
from mtlviz.toy.continual.summary import BASELINE, ContinualSummary
from mtlviz.ui.component import chart, film
from mtlviz.ui.core import guess, link
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import Panel, link_to
from mtlviz.ui.core.take_home import take_pictures_home
from mtlviz.ui.pages.continual import figures, words
from mtlviz.ui.pages.continual.settings import LOOKING, TOY, in_film, task

CURSOR = "continual"
_SENTENCES = Path(__file__).with_name("sentences.md")
_MATHEMATICS = Path(__file__).with_name("mathematics.md")


def player(summary: ContinualSummary) -> None:
    """Each method's boundaries through all steps."""
    film(**film_player(summary), key="continual.player", editable=False)


def film_player(summary: ContinualSummary) -> dict[str, Any]:
    """What the film is drawn from."""
    waits, covered = guess.covers("picture"), guess.covers("answer")
    methods = [summary.methods[name] for name in in_film()]
    told = [None if covered else words.panel_verdict(each) for each in methods]
    whole = summary.opening if waits else summary.film
    panels = {panel["arm"]: panel for panel in whole["panels"]}
    payload = {**whole, "panels": [panels[each.name] for each in methods], "verdicts": told}
    titles = ", ".join(CONTINUAL[each.name].title for each in methods)
    return {
        "payload": payload,
        "alt": f"Panels of the plane, one for each method: {titles}. Points are the tasks' data, "
        "lines their true and learned boundaries, the shading how sure the first task's head is.",
        "cursor_group": CURSOR,
        "bar": not waits,
        "autoplay": f"{TOY.preset} seeing" if covered and not waits else "",
    }


def numbers(summary: ContinualSummary) -> None:
    """What each method keeps, and what it keeps it with."""
    st.subheader("Who keeps what, at what price", anchor="numbers")
    chart(key="continual.gains", **gains(summary))
    with st.expander("All numbers, and the memory that each method keeps", expanded=True):
        st.markdown(words.numbers(summary))
        st.download_button(
            "Numbers and matrices (CSV)", words.as_csv(summary), "continual.csv", "text/csv",
            key="continual.csv", help="Every number with its interval, every cell of every matrix.",
        )  # fmt: skip
    st.caption(
        f"Points of held-out accuracy ± half the 95 % interval over {summary.config.seeds} paired "
        "seeds. *Backward*: an old task's score at the end less that when it was learned. "
        "*Learned*: each task's score when it was learned. A method that refuses to learn forgets "
        "nothing, so read both. *Forgotten*: best score before the end less that at the end. "
        "*Numbers kept*: beside the model itself.",
    )


def gains(summary: ContinualSummary) -> dict[str, Any]:
    """What the chart of the methods' gains is drawn from."""
    return {
        "figure": figures.gains(summary),
        "alt": "Average score of each method less that of sequential training: "
        f"{words.gains(summary)}.",
        "how_to_read": "Right of zero and blue: the method keeps more than sequential training. "
        "Grey: the 95 % interval crosses zero, so these seeds cannot tell.",
        "height": 250,
        "filename": "continual-gains",
    }


def matrices(summary: ContinualSummary) -> None:
    """R of sequential training and of the method chosen."""
    st.subheader("Every task after every step", anchor="matrix")
    control(LOOKING, "method", look="segmented")
    names = {"left": BASELINE, "right": LOOKING.now.method}
    for column, (side, name) in zip(st.columns(2), names.items(), strict=True):
        with column:
            st.markdown(f"**{CONTINUAL[name].title}**")
            chart(key=f"continual.matrix.{side}", **matrix(summary, name))


def matrix(summary: ContinualSummary, name: str) -> dict[str, Any]:
    """What R of one method is drawn from."""
    return {
        "figure": figures.matrix(summary, name),
        "alt": f"{CONTINUAL[name].title}: score of each task after each step, and its change "
        "since it was learned.",
        "how_to_read": "Rows: after which step. Columns: tasks. [In brackets]: when learned. "
        "Below, orange ▼ is forgotten and blue ▲ gained since; above, the change since the "
        "untrained model. ● cannot be told from none.",
        "height": 90 + 62 * len(summary.config.phases),
        "filename": f"continual-matrix-{name}",
    }


def over_training(summary: ContinualSummary) -> None:
    """Scores over the updates, with the steps marked."""
    st.subheader("Forgotten, and recovered", anchor="curves")
    names = dict(enumerate(figures.task_names(summary.config)))
    control(LOOKING, "task", look="segmented", choices={**names, -1: "all so far"}, value=task())
    chart(key="continual.curves", **curves(summary))


def curves(summary: ContinualSummary) -> dict[str, Any]:
    """What the curves over training are drawn from."""
    return {
        "figure": figures.over_training(summary, task(), LOOKING.now.method, link.lecture()),
        "alt": "Held-out accuracy over the updates under each method; dashed upright lines mark "
        "where the next task arrives.",
        "how_to_read": "Upright lines: the next task arrives. Thick: joint, sequential and the "
        "method chosen above, with 95 % bands. Drag the line to move the film.",
        "height": 340,
        "cursor_group": CURSOR,
        "filename": "continual-curves",
    }


def taken_home(summary: ContinualSummary) -> None:
    """A button that hands out what is on screen."""
    title = f"Continual lab: {STORIES[TOY.preset].title}"
    take_pictures_home("continual", title, words.verdicts(summary))


def sentences(_: ContinualSummary) -> None:
    """The same methods on real sentences, as a data file of the Replication page has them."""
    result = results()["continual-scenarios"]
    before, after = _SENTENCES.read_text(encoding="utf-8").split("TABLE")
    st.markdown(before + words.on_sentences(result) + after)
    st.code(result.command, language="bash", wrap_lines=True)
    link_to("replication", "Beside an earlier measurement, cell by cell")


def runs(_: ContinualSummary) -> None:
    """Where text runs of several phases show the same matrix."""
    st.markdown(
        "A text run of several phases has this matrix on its own page, and Compare puts methods "
        "side by side over paired seeds. Choose phases, and what is done against forgetting, in "
        "the Studio."
    )
    link_to("studio", "Start text runs in phases: Studio")
    link_to("run", "The matrix of one run: Run")
    link_to("compare", "Methods side by side: Compare")


def mathematics(_: ContinualSummary) -> None:
    """The formulas behind the page, each with its source."""
    st.markdown(_MATHEMATICS.read_text(encoding="utf-8"))
    known = [CONTINUAL[name] for name in METHODS]
    lines = [f"- **{spec.title}**: {spec.help} {spec.source}" for spec in known]
    st.markdown("\n".join(lines))


PANELS = (
    Panel("continual.player", "The film", player, hideable=False),
    Panel("continual.numbers", "The numbers", numbers, reveals="answer"),
    Panel("continual.matrix", "The matrices", matrices, reveals="answer"),
    Panel("continual.curves", "The curves", over_training, reveals="answer"),
    Panel("continual.take_home", "Take it home", taken_home, reveals="answer"),
    Panel(
        "continual.sentences", "The table on real sentences", sentences,
        reveals="answer", folded="The same on real sentences",
    ),
    Panel("continual.runs", "Text runs", runs, folded="Text runs in phases"),
    Panel(
        "continual.mathematics", "The mathematics", mathematics, hideable=False,
        reveals="answer", folded="The mathematics",
    ),
)  # fmt: skip
