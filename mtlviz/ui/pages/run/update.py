"""One update of a run, as it is looked at: what all parts below the curves tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mtlviz.engine.choices import nothing_shared
from mtlviz.engine.config import RunConfig
from mtlviz.engine.counterfactual import Moment, moment
from mtlviz.engine.records import StepRecord
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.run_choice import RunChoice
from mtlviz.ui.core.words import escaped, grouped

Part = dict[str, Any]
"""What a browser needs to draw one part: a figure with its words, or sentences and tables."""


@dataclass(frozen=True, eq=False)
class Update:
    """One update.

    Attributes:
        run: The run.
        number: Number of the update.
        choice: How it is looked at: the plane, and whether all updates are made equally long.
    """

    run: RunSummary
    number: int
    choice: RunChoice

    @cached_property
    def config(self) -> RunConfig:
        """Settings of the run."""
        return run_records.run_config(self.run)

    @cached_property
    def names(self) -> list[str]:
        """Names of its tasks."""
        return [task.name for task in self.config.data.tasks]

    @cached_property
    def record(self) -> StepRecord | None:
        """What was recorded of it."""
        return run_records.store().step(self.run.id, self.number)

    @cached_property
    def moment(self) -> Moment | None:
        """Its gradients; None where they are not known."""
        return None if self.record is None else moment(self.record)

    @cached_property
    def missing(self) -> str | None:
        """Why there is nothing to see of its gradients; None if there is."""
        if self.record is None:
            return f"Update {grouped(self.number)} is not recorded."
        seen = self.moment
        if seen is None:
            every = self.config.probes.gram_every
            return nothing_shared(self.config) or _not_recorded(every, self.number)
        if not np.diagonal(seen.gram).any():
            return "Every gradient is zero at this update: nothing moves the shared weights."
        if len(seen.due) == 1:
            return (
                f"Only {escaped(self.names[seen.due[0]])} was due at update "
                f"{grouped(self.number)}: with one gradient there is nothing to combine."
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


def words(
    lines: Sequence[str] = (), notes: Sequence[str] = (), tables: Sequence[Part] = ()
) -> Part:
    """Sentences and tables as the component `live_text` takes them."""
    return {
        "lines": list(lines), "notes": list(notes), "tables": list(tables), "progress": None,
        "stage": "",
    }  # fmt: skip


def gone(sentence: str) -> Part:
    """What stands in place of a figure."""
    return {"figure": {"data": [], "layout": {}}, "alt": sentence or "Nothing to see at this "
            "update.", "how_to_read": "", "missing": sentence}  # fmt: skip


def plain_cell(value: object) -> str:
    """A cell of a table that shows exactly this text."""
    return escaped(str(value))
