"""The worked example of a report: three sentences, their gradients, and every combiner's answer."""

import numpy as np

from mtlviz.engine.choices import combiner_of
from mtlviz.engine.config import RunConfig
from mtlviz.engine.counterfactual import Moment
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.probing_sentences import SENTENCES, SOURCE
from mtlviz.engine.purposes import COMBINER, generator
from mtlviz.engine.records import Plane, WorkedExampleRecord
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.figures import one_update as figures
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.pages.run.combiners_table import combiners_of
from mtlviz.ui.pages.run.directions import plane
from mtlviz.ui.pages.run.update import Part, Update, gone, plain_cell, words

_LOOKS = Memo(32)


def looks_of(run: RunSummary) -> list[WorkedExampleRecord]:
    """Every look at the three sentences, oldest first; empty where none was taken."""
    name, version = run_records.name_of(run), (run.edition, run.updates)
    return _LOOKS.once(name, version, lambda: _recorded(run))


def look_at(update: Update) -> WorkedExampleRecord:
    """The look nearest before an update.

    Raises:
        ConfigError: If none was taken in this run.
    """
    looks = looks_of(update.run)
    if not looks:
        raise ConfigError("No look at the worked example was taken in this run.")
    return next((look for look in reversed(looks) if look.update <= update.number), looks[0])


def verdict(update: Update) -> Part:
    """Which two of the sentences pull apart most, and what the model says of each."""
    record = look_at(update)
    table = {"title": "", "header": list(_COLUMNS), "rows": _rows(record, update.names),
             "caption": ""}  # fmt: skip
    return words([_verdict(record, update.names)], tables=[table])


def worked_arrows(update: Update) -> Part:
    """Their gradients in the plane that is chosen."""
    record = look_at(update)
    seen = moment_of(record, update.config)
    if seen is None:
        return gone("The run's combiner cannot be used on these three gradients.")
    return plane(seen, _spread(record, len(update.names)), update)


def worked_combiners(update: Update) -> Part:
    """What every combiner would have done with them."""
    seen = moment_of(look_at(update), update.config)
    return words() if seen is None else combiners_of(seen, update, was_made=False)


def source(looks: list[WorkedExampleRecord]) -> str:
    """Where the sentences are from, and how this differs."""
    return (
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


_COLUMNS = ("task", "label", "the model says", "loss", "text", "second text")


def _rows(record: WorkedExampleRecord, names: list[str]) -> list[list[str]]:
    """The sentences with their labels and what the model says of them, as plain text."""
    answered = zip(SENTENCES, record.tasks, record.answers, record.losses, strict=True)
    return [
        [
            plain_cell(cell)
            for cell in (
                *(names[task], sentence.label, f"{answer:.2f}", f"{loss:.3f}"),
                *(sentence.first, sentence.second or ""),
            )
        ]
        for sentence, task, answer, loss in answered
    ]


def curves(looks: list[WorkedExampleRecord], names: list[str]) -> dict:
    """Cosines of the three gradients through training."""
    tasks = looks[0].tasks.tolist()
    return figures.worked_cosines(
        np.array([look.update for look in looks], dtype=np.float64),
        cosines(np.stack([look.gram for look in looks])),
        [names[task] for task in tasks],
        tasks,
    )


def _spread(record: WorkedExampleRecord, tasks: int) -> dict[str, Plane]:
    """Its projections at the places of their tasks among all tasks of the run."""
    found = {}
    for name, seen in record.planes.items():
        coordinates, share = np.full((tasks, 2), np.nan), np.full(tasks, np.nan)
        coordinates[record.tasks], share[record.tasks] = seen.coordinates, seen.share
        found[name] = Plane(coordinates, share)
    return found
