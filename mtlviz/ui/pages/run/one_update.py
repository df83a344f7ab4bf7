"""One update: who pulled where, which examples made it, and what every combiner would have done."""

import numpy as np
import streamlit as st

from mtlviz.engine.choices import nothing_shared
from mtlviz.engine.config import RunConfig
from mtlviz.engine.counterfactual import Moment, moment
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.records import StepRecord
from mtlviz.figures import one_update as figures
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component import chart
from mtlviz.ui.core import run_records
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.pages.run.combiners_table import combiners_table
from mtlviz.ui.pages.run.directions import directions
from mtlviz.ui.pages.run.examples import examples


def one_update(run: RunSummary, config: RunConfig, update: int) -> None:
    """Cosines, directions, counterfactuals and examples of one update."""
    names = [task.name for task in config.data.tasks]
    record = run_records.store().step(run.id, update)
    if record is None:
        st.info(f"Update {grouped(update)} is not recorded.")
        return
    seen = moment(record)
    if reason := _missing(seen, config, names, update):
        st.info(reason)
    elif seen is not None:
        _pictures(record, seen, names)
        folded(
            "What every combiner would have done with these gradients",
            "run.combiners",
            lambda: combiners_table(seen, config, names),
        )
    examples(run, record)


def _missing(seen: Moment | None, config: RunConfig, names: list[str], update: int) -> str | None:
    """Why there is nothing to see of the gradients of an update; None if there is."""
    if seen is None:
        return nothing_shared(config) or _not_recorded(config.probes.gram_every, update)
    if not np.diagonal(seen.gram).any():
        return "Every gradient is zero at this update: nothing moves the shared weights."
    if len(seen.due) == 1:
        return (
            f"Only {escaped(names[seen.due[0]])} was due at update {grouped(update)}: with one "
            "gradient there is nothing to combine."
        )
    return None


def _not_recorded(every: int, update: int) -> str:
    """Why an update has no inner products."""
    if every and update % every == 0:
        return "The tasks share no trained weights, so they have no shared gradients."
    advice = f"they are taken every {grouped(every)} updates" if every else "they were switched off"
    return (
        f"No gradients were recorded at update {grouped(update)}: {advice}. "
        "`--set probes.gram_every=1` records all of them in a new run."
    )


def _pictures(record: StepRecord, seen: Moment, names: list[str]) -> None:
    left, right = st.columns(2)
    with left:
        # As tall as the choice of a plane beside it.
        st.markdown("**Cosines of the gradients**")
        chart(
            figures.cosine_matrix(cosines(np.asarray(record.gram, dtype=np.float64)), names),
            key="run.matrix",
            alt=f"Cosines between the tasks' gradients at update {record.update}.",
            how_to_read="Orange: the two tasks pull apart. Blue: together. Blank: no gradient.",
            height=340,
            filename="cosine-matrix",
        )
    with right:
        directions(seen, record.planes, names)
