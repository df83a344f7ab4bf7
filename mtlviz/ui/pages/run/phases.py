"""The phases of a run: every task's score at every switch, what was forgotten, what came back."""

import numpy as np
import streamlit as st

from mtlviz.engine.measures.forgetting import changes, recoveries, scores_after
from mtlviz.ui.core.phase_words import change_in_words, phase_names, recovery_in_words
from mtlviz.ui.core.run_view import RunView
from mtlviz.ui.core.words import escaped, grouped, score, table


def phases(view: RunView) -> None:
    """A table of scores at the switches, and sentences on it; nothing for a run without phases."""
    if len(view.phases) < 2:
        return
    scores, errors = scores_after(view.evaluations, view.phases)
    st.subheader("Phases: forgetting and recovery", anchor="phases")
    st.markdown(table(["after phase", "updates", *map(escaped, view.tasks)], _rows(view)))
    told = [
        *(change_in_words(each, view.phases, view.tasks)
          for each in changes(scores, errors, view.phases)),
        *(recovery_in_words(each, view.phases, view.tasks)
          for each in recoveries(view.evaluations, view.phases, scores)),
    ]  # fmt: skip
    st.markdown("\n".join(f"- {each}" for each in told))
    st.caption(
        "Bold: the tasks that trained in the phase. ± is the standard error of one score; that of "
        "a difference is taken as if the two scores were of different examples, so it is rather "
        "too large. Recovery is known to the nearest score: more frequent scores show it finer."
    )


def _rows(view: RunView) -> list[list[str]]:
    scores, errors = scores_after(view.evaluations, view.phases)
    rows = []
    for number, name in enumerate(phase_names(view.phases, view.tasks)):
        due = view.phases[number].due
        cells = [
            f"**{text}**" if due[task] and text != "–" else text
            for task, text in enumerate(map(score, scores[number], errors[number]))
        ]
        rows.append([f"{number + 1} · {escaped(name)}{_changed(view, number)}",
                     _span(view, number), *cells])  # fmt: skip
    return rows


def _span(view: RunView, number: int) -> str:
    """From which update to which."""
    start = view.phases[number].update
    later = view.phases[number + 1 : number + 2]
    done = int(np.max(view.steps.update, initial=-1)) + 1
    stop = later[0].update if later else max(done, *(each.update for each in view.evaluations), 0)
    return f"{grouped(start)} to {grouped(stop)}"


def _changed(view: RunView, number: int) -> str:
    """What was begun anew at the switch to a phase."""
    phase = view.phases[number]
    fresh = [escaped(view.tasks[task]) for task in np.flatnonzero(phase.fresh)]
    told = [f"fresh head of {name}" for name in fresh]
    told += ["new optimiser"] * phase.optimiser_reset
    return f" ({', '.join(told)})" if told else ""
