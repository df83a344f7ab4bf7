"""The picture that opens the page: who gains and who loses against training alone."""

from typing import Any

import streamlit as st

from mtlviz.engine.measures.transfer import ONE_SEED, OUTCOMES, UNCHANGED, Outcome, signed
from mtlviz.figures import compare as figures
from mtlviz.runs.comparison import Group
from mtlviz.ui.component import chart
from mtlviz.ui.core import lesson_progress, run_actions
from mtlviz.ui.core.words import counted, escaped, listed
from mtlviz.ui.pages.compare.baseline import measured_against, offer_runs
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns
from mtlviz.ui.pages.compare.notes import one_seed
from mtlviz.ui.pages.compare.seeds import offer_seeds

# Room for four lines of text in a cell, and for slanted names of tasks on a telephone.
_ROW, _HEAD, _LINE = 72, 64, 18
_MOST_TOLD = 6
_COLORS = {"helps": "blue", "hurts": "red"}
_CHANCE = (
    "Each cell stands for itself: of twenty intervals of 95 %, about one leaves out zero by chance."
)


def transfer_section(compared: ComparedRuns) -> None:
    """Sentence, matrix, what it is measured against, and the way to a baseline."""
    run_actions.show_problem()
    # A block for each part, so that what comes later does not make the picture anew.
    said, picture, below, offer = (st.container() for _ in range(4))
    with said:
        counts, *lines = headline(compared) or [""]
        # A lesson asks about single tasks, and its picture needs the room.
        for sentence in lines if lesson_progress.needs_room("compare") else (counts, *lines):
            st.markdown(sentence)
    with picture:
        if compared.has_transfer:
            chart(key="compare.matrix", **matrix(compared))
    with below:
        measured_against(compared)
    with offer:
        offer_seeds(compared)
        offer_runs(compared)


def headline(compared: ComparedRuns) -> list[str]:
    """One line a group: which tasks it helps, which it hurts."""
    if not compared.has_transfer:
        return []
    lines = [_line(compared, group) for group in compared.together][:_MOST_TOLD]
    found = [
        each.found.outcome for (label, _), each in compared.transfers.items()
        if each.found is not None and label in {group.label for group in compared.together}
    ]  # fmt: skip
    told = {outcome: found.count(outcome) for outcome in OUTCOMES}
    single = f"; {told['one seed']} with {ONE_SEED}" if told["one seed"] else ""
    same = f", leaves the score {UNCHANGED} in {told['unchanged']}" * (told["unchanged"] > 0)
    return [
        f"Against training each task alone, of {counted(len(found), 'comparison')} training "
        "together "
        f"**helps in {told['helps']}, hurts in {told['hurts']}**{same}, and in "
        f"{told['undecided']} cannot be told from zero{single}.",
        "\n".join(f"- {line}" for line in lines),
    ]


def _line(compared: ComparedRuns, group: Group) -> str:
    """`PCGrad ▲ helps letters (+4.8) · ▼ hurts topics (−23.1) · ● exactly as it was reviews`."""
    told: dict[Outcome, list[str]] = {outcome: [] for outcome in OUTCOMES}
    found = [compared.transfers[group.label, task] for task in compared.tasks]
    for each in found:
        if each.found is not None:
            by = f" ({signed(each.found.mean)})" * (not each.found.unchanged)
            told[each.found.outcome].append(f"**{escaped(each.task)}**{by}")
    if not any(told.values()):
        return f"**{escaped(group.label)}**: its tasks were not trained alone with the same budget."
    parts = [
        f":{_COLORS.get(outcome, 'gray')}[{said}] {listed(told[outcome])}"
        for outcome, said in OUTCOMES.items()
        if told[outcome]
    ]
    return f"**{escaped(group.label)}** {' · '.join(parts)}{one_seed(found)}"


def matrix(compared: ComparedRuns) -> dict[str, Any]:
    """What the picture of transfer is drawn from."""
    groups = [group.label for group in compared.together if compared.has_any(group)]
    lines = max(figures.narrow(group).count("<br>") + 1 for group in groups)
    cells = [[compared.transfers[group, task].found for task in compared.tasks] for group in groups]
    return {
        "figure": compared.once(
            "matrix", lambda: figures.transfer_matrix(groups, compared.tasks, cells)
        ),
        "alt": f"Signed transfer of {listed(list(compared.tasks))} in each group of runs, in "
        "points.",
        "how_to_read": "Points gained (blue ▲) or lost (vermillion ▼) by training together, ± half "
        f"the 95 % interval over paired seeds; grey: neither can be said. {_CHANCE}",
        "height": max(_ROW, _LINE * lines) * len(groups) + _HEAD,
        "filename": "transfer",
    }
