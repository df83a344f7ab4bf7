"""A stored run as a program sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.affinity import average_affinity, mean_of_known
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.predictions import Predictions, labelled_split, texts_of
from mtlviz.engine.records import EvalRecord
from mtlviz.engine.tasks.task import SplitName, Texts
from mtlviz.engine.tasks.text_file import checked, cleaned, read_examples
from mtlviz.errors import DataError, unknown_choice
from mtlviz.figures import runs as run_figures
from mtlviz.figures.affinity import affinity_heatmap
from mtlviz.figures.continual import run_matrix
from mtlviz.figures.one_update import cosine_matrix
from mtlviz.runs.export_formats import EXPORT_FORMATS
from mtlviz.runs.flat_settings import flat
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.score_matrices import matrix_of
from mtlviz.runs.scored_run import ScoredRun, scored_run
from mtlviz.runs.stored_model import stored_model

if TYPE_CHECKING:
    from mtlviz.engine.evaluate import TaskScore
    from mtlviz.engine.trained_model import TrainedModel


@dataclass(frozen=True)
class Score:
    """A task's development score, at the evaluation of the run with the best mean.

    Attributes:
        metric: What is measured.
        value: The score.
        error: Its standard error from the number of examples; other seeds vary more.
        floor: What an answer without learning scores; NaN where that is no number.
    """

    metric: str
    value: float
    error: float
    floor: float


@dataclass(frozen=True)
class Run:
    """A stored run.

    Attributes:
        number: Its number in the store.
        home: The home folder of the store.
    """

    number: int
    home: Path

    @property
    def config(self) -> RunConfig:
        """Its settings."""
        with opened_store(self.home) as store:
            return store.config(self.number)

    @property
    def status(self) -> str:
        """Where it is: queued, running, finished, stopped, failed or interrupted."""
        with opened_store(self.home) as store:
            return store.run(self.number).status

    @property
    def scores(self) -> dict[str, Score]:
        """Its development scores by task; NaN before the first evaluation."""
        found = scored(self)
        rows = zip(found.metrics, found.scores, found.errors, found.baselines, strict=True)
        return {
            task: Score(metric, *map(float, numbers))
            for task, (metric, *numbers) in zip(found.tasks, rows, strict=True)
        }

    @cached_property
    def model(self) -> TrainedModel:
        """Its model as it scored best, loaded once."""
        with opened_store(self.home) as store:
            return stored_model(store, self.number)

    def predict(
        self, task: str, texts: Sequence[str], second: Sequence[str] | None = None
    ) -> Predictions:
        """What a task's head says of some texts: see `.values`, `.words` and `.odds(place)`.

        Args:
            task: Name of a task of the run.
            texts: The texts, or the first of each pair; the question for answers in a text.
            second: The second of each pair; the paragraph for answers in a text.

        Raises:
            MtlvizError: There is no such task, or the texts do not fit it.
        """
        if isinstance(texts, str) or isinstance(second, str):
            raise DataError("Texts are a list of texts, got one text alone; put it into a list.")
        loaded = self.model.tasks[self.model.number(task)]
        ids = tuple(str(place + 1) for place in range(len(texts)))
        given = Texts(ids, tuple(texts), None if second is None else tuple(second))
        return self.model.predict(task, checked(loaded, cleaned(loaded, given), "The list"))

    def predict_split(self, task: str, split: SplitName = "test") -> Predictions:
        """What a task's head says of a whole split, which may have no labels.

        Raises:
            MtlvizError: There is no such task, or it has no such split.
        """
        return self.model.predict(task, texts_of(self.model.tasks[self.model.number(task)], split))

    def evaluate(
        self, task: str, split: SplitName = "dev", *, file: str | Path | None = None
    ) -> TaskScore:
        """A task's score and its standard error on a labelled split, or on a file of yours.

        Raises:
            MtlvizError: There is no such task, split or file, or it has no labels.
        """
        loaded = self.model.tasks[self.model.number(task)]
        examples = labelled_split(loaded, split) if file is None else None
        return self.model.evaluate(task, examples or read_examples(loaded, str(file))[0])

    def figures(self) -> dict[str, dict[str, Any]]:
        """Pictures by name as plotly takes them: `plotly.graph_objects.Figure(FIGURE)`.

        Losses and scores; where they were recorded, cosines between the tasks' gradients over the
        updates and their means, and lookahead affinity; of a run of phases the matrix of every task
        after each of them.
        """
        with opened_store(self.home) as store:
            names = [task.name for task in store.config(self.number).data.tasks]
            steps = store.steps_array(self.number)
            evaluations = [each for _, each in store.records(self.number, kinds=("evaluation",))]
            affinities = [each for _, each in store.records(self.number, kinds=("affinity",))]
            metrics = store.run(self.number).metrics or ("score",) * len(names)
            matrix = matrix_of(store, self.number)
        span = max(1.0, len(steps.update) / 20)
        found = {
            "losses": run_figures.loss_curves(steps.update, steps.losses, names, span),
            "scores": run_figures.score_curves(evaluations, names, metrics),
        }
        angles = cosines(steps.gram)
        if np.isfinite(angles[:, *np.triu_indices(len(names), k=1)]).any():
            found["cosines"] = run_figures.cosine_curves(steps.update, angles, names, span)
            found["mean cosines"] = cosine_matrix(mean_of_known(angles), names)
        if affinities:
            every = np.array([each.affinity for each in affinities])
            alone = [(task,) for task in range(len(names))]
            found["affinity"] = affinity_heatmap(
                average_affinity([every]), names, alone, revision="affinity"
            )
        if matrix is not None and len(matrix.phases) > 1:
            found["every task after every phase"] = run_matrix(
                matrix.phases, matrix.tasks, matrix.scores, matrix.errors, matrix.learned,
                revision="matrix",
            )  # fmt: skip
        return found

    def export(self, folder: str | Path, format: str = "mtlviz") -> Path:
        """Write it into a new folder as files, `hf` for transformers, or `peft` for a LoRA.

        Raises:
            MtlvizError: There is no such format, or the folder is taken.
        """
        if format not in EXPORT_FORMATS:
            raise unknown_choice("export format", format, EXPORT_FORMATS)
        with opened_store(self.home) as store:
            return EXPORT_FORMATS[format].write(store, self.number, folder)


def load(number: int, *, home: str | Path | None = None) -> Run:
    """A stored run by its number.

    Raises:
        MtlvizError: There is no such run.
    """
    with opened_store(home) as store:
        return Run(store.run(number).id, store.home)


def scored(run: Run) -> ScoredRun:
    """A run as comparing sees it."""
    with opened_store(run.home) as store:
        summary, settings = store.run(run.number), flat(store.config(run.number))
        evaluations = [each for _, each in store.records(run.number, kinds=("evaluation",))]
        due = store.steps_array(run.number).due
    known = [each for each in evaluations if isinstance(each, EvalRecord)]
    return scored_run(summary, settings, known, tuple(map(int, due.sum(axis=0))))
