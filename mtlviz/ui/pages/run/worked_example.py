"""The worked example of a report: three sentences, their gradients, and every combiner's answer."""

import numpy as np
import streamlit as st

from mtlviz.engine.choices import combiner_of
from mtlviz.engine.config import RunConfig
from mtlviz.engine.counterfactual import Moment
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.probing_sentences import SENTENCES, SOURCE
from mtlviz.engine.purposes import COMBINER, generator
from mtlviz.engine.records import Plane, WorkedExampleRecord
from mtlviz.errors import MtlvizError
from mtlviz.figures import one_update as figures
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component import chart
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.pages.run.combiners_table import combiners_table
from mtlviz.ui.pages.run.directions import directions

_LOOKS = Memo(32)


def worked_example(run: RunSummary, config: RunConfig, update: int) -> None:
    """The three sentences at the look nearest before an update; nothing where none was taken."""
    looks = _LOOKS.once(
        run_records.name_of(run), (run.edition, run.updates), lambda: _recorded(run)
    )
    if not looks:
        return
    names = [task.name for task in config.data.tasks]
    title = "The worked example: a singer and an army"
    folded(title, "run.worked", lambda: _drawn(looks, config, names, update))


def _drawn(
    looks: list[WorkedExampleRecord], config: RunConfig, names: list[str], update: int
) -> None:
    record = [look for look in looks if look.update <= update][-1]
    st.markdown(_verdict(record, names))
    _sentences(record, names)
    left, right = st.columns(2)
    with left:
        _curves(looks, names)
    seen = moment_of(record, config)
    with right:
        if seen is not None:
            directions(seen, _spread(record, len(names)), names, prefix="run.worked.plane")
    if seen is not None:
        combiners_table(seen, config, names, key="run.worked.combiners", was_made=False)
    st.caption(
        f"{SOURCE}. There, one model at the start of training: paraphrase and similarity "
        "agreed (cosine 0.7), both opposed sentiment. Here: this run's model, without dropout, "
        f"at {grouped(len(looks))} moments; gradients of single sentences vary far more than "
        "those of batches."
    )


def _recorded(run: RunSummary) -> list[WorkedExampleRecord]:
    """The gradients of the worked example through a run, oldest first."""
    found = run_records.store().records(run.id, kinds=(WorkedExampleRecord.kind,))
    return [record for _, record in found if isinstance(record, WorkedExampleRecord)]


def moment_of(record: WorkedExampleRecord, config: RunConfig) -> Moment | None:
    """The gradients of the sentences, with the update that the run's combiner makes of them.

    The losses count equally; a combiner that remembers is asked as if this were its first update.
    None where the combiner cannot be used on them.
    """
    order = np.argsort(record.tasks)
    gram, losses = record.gram[np.ix_(order, order)], record.losses[order]
    drawn = generator(config.seed, COMBINER, record.update)
    try:
        weights = combiner_of(config)(gram, drawn, losses).weights
    except MtlvizError:
        return None
    return Moment(
        record.tasks[order], gram, weights, np.ones(len(order)), losses,
        record.learning_rate, record.update,
    )  # fmt: skip


def _verdict(record: WorkedExampleRecord, names: list[str]) -> str:
    """Which two of the sentences pull apart most, in a sentence with a number."""
    found = cosines(record.gram)
    pairs = [(found[i, j], i, j) for i in range(len(found)) for j in range(i)]
    cosine, i, j = min(pairs)
    first, second = (escaped(names[record.tasks[k]]) for k in (j, i))
    word = "pull apart" if cosine < 0 else "agree least"
    after = f"After {grouped(record.update)} updates" if record.update else "Before training"
    number = f"{cosine:+.2f}".replace("-", "−")
    return f"{after} **{first}** and **{second}** {word} on these sentences: cosine {number}."


def _sentences(record: WorkedExampleRecord, names: list[str]) -> None:
    """The sentences with their labels and what the model says of them, as plain text."""
    rows = [
        {
            "task": names[task],
            "label": sentence.label,
            "the model says": round(float(answer), 2),
            "loss": round(float(loss), 3),
            "text": sentence.first,
            "second text": sentence.second or "",
        }
        for sentence, task, answer, loss in zip(
            SENTENCES, record.tasks, record.answers, record.losses, strict=True
        )
    ]
    st.dataframe(rows, hide_index=True, key="run.worked.sentences", height="content")


def _curves(looks: list[WorkedExampleRecord], names: list[str]) -> None:
    tasks = looks[0].tasks.tolist()
    chart(
        figures.worked_cosines(
            np.array([look.update for look in looks], dtype=np.float64),
            cosines(np.stack([look.gram for look in looks])),
            [names[task] for task in tasks],
            tasks,
        ),
        key="run.worked.cosines",
        alt="Cosines between the gradients of the three sentences through training.",
        how_to_read="Below zero the sentences pull the shared weights apart. One sentence a task, "
        "so the lines are rough.",
        height=340,
        filename="worked-example",
    )


def _spread(record: WorkedExampleRecord, tasks: int) -> dict[str, Plane]:
    """Its projections at the places of their tasks among all tasks of the run."""
    found = {}
    for name, plane in record.planes.items():
        coordinates, share = np.full((tasks, 2), np.nan), np.full(tasks, np.nan)
        coordinates[record.tasks], share[record.tasks] = plane.coordinates, plane.share
        found[name] = Plane(coordinates, share)
    return found
