"""What the view of many tasks knows of a run: three maps of its tasks, and their groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.affinity import mean_of_known
from mtlviz.engine.measures.clusters import Agreement, Clusters, agreement, clustered
from mtlviz.engine.measures.grouping import resampled
from mtlviz.engine.tasks.families import planted_families
from mtlviz.errors import MtlvizError
from mtlviz.runs import affinity_study
from mtlviz.runs.prediction_jobs import kept_affinity
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.pages.capacity.affinity_run import AffinityRun

Array = NDArray[np.float64]
_COSINES, _SIMILARITIES, _CLUSTERS = Memo(32), Memo(64), Memo(64)
_RESAMPLES = 40


@dataclass(frozen=True, eq=False)
class ManyTasks:
    """Maps of K tasks, and their groups. What no run recorded is None.

    Attributes:
        similarity: How alike the texts look to the encoder, less the mean of all pairs, (K, K).
        conflict: Cosines of the gradients, mean over the second half of training, (K, K).
        lookahead: Lookahead affinity in per cent, (K, K).
        estimate: Estimated change of loss by company, in thousandths, (K, K).
        clusters: The groups; None where there can be none.
        problem: Why there are none; empty if there are.
        planted: Family that each task was made in; None where nobody planted any.
        agreement: How well the groups agree with the families.
    """

    similarity: Array | None
    conflict: Array | None
    lookahead: Array
    estimate: Array | None
    clusters: Clusters | None
    problem: str
    planted: tuple[int, ...] | None
    agreement: Agreement | None

    def by(self, name: str) -> Array | None:
        """The map that tasks are grouped by."""
        return {"conflict": self.conflict, "lookahead": self.lookahead,
                "estimate": self.estimate}[name]  # fmt: skip


def many_tasks(subject: AffinityRun, by: str, count: int | None) -> ManyTasks:
    """Everything that is known of many tasks.

    Args:
        subject: The run with its other seeds.
        by: What they are grouped by: "conflict", "lookahead" or "estimate".
        count: How many groups; None to find their number.

    Raises:
        MtlvizError: The store cannot be read.
    """
    store = run_records.store()
    runs = [store.run(number) for number in subject.runs]
    found = [
        _COSINES.once(run_records.name_of(run), run.edition,
                      partial(affinity_study.late_cosines, store, run.id))
        for run in runs
    ]  # fmt: skip
    recorded = [each for each in found if len(each)]
    alike = [
        _SIMILARITIES.once(run_records.name_of(run), run.edition,
                           partial(affinity_study.late_similarity, store, run.id))
        for run in runs
    ]  # fmt: skip
    seen = [each for each in alike if each is not None]
    estimate = kept_affinity(store, subject.run)
    measured: dict[str, Sequence[Array]] = {
        "conflict": recorded, "lookahead": subject.measured,
        "estimate": [] if estimate is None else [estimate[None]],
    }  # fmt: skip
    tasks = run_records.run_config(next(r for r in runs if r.id == subject.run)).data.tasks
    planted = planted_families(tasks)
    clusters, problem = _groups(subject, by, count, measured[by])
    return ManyTasks(
        _centred(np.mean(seen, axis=0)) if seen else None,
        np.mean([mean_of_known(each) for each in recorded], axis=0) if recorded else None,
        100 * subject.average.mean,
        None if estimate is None else 1000 * estimate,
        clusters, problem, planted,
        None if planted is None or clusters is None
        else agreement(clusters.labels, planted, np.random.default_rng(0)),
    )  # fmt: skip


def _groups(
    subject: AffinityRun, by: str, count: int | None, measured: Sequence[Array]
) -> tuple[Clusters | None, str]:
    """The groups, or why there are none."""
    if not measured:
        return None, ""
    key = (run_records.store().home, subject.run, tuple(subject.runs), by, count)
    version = tuple(len(each) for each in measured)
    try:
        return _CLUSTERS.once(key, version, lambda: _clustered(measured, count)), ""
    except MtlvizError as error:
        return None, str(error)


def _clustered(measured: Sequence[Array], count: int | None) -> Clusters:
    """Groups by the mean over runs; resampled where there is more than one measurement."""
    drawn = np.random.default_rng(0)
    filled = [np.nan_to_num(each) for each in measured]
    single = len(measured) == 1 and len(measured[0]) == 1
    again = [] if single else [resampled(filled, drawn) for _ in range(_RESAMPLES)]
    return clustered(np.mean([mean_of_known(each) for each in measured], axis=0), count, again)


def _centred(similarity: Array) -> Array:
    others = ~np.eye(len(similarity), dtype=bool)
    return similarity - np.nanmean(similarity[others])
