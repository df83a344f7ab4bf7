"""What a run leaves behind: plain results whose size does not grow with the model.

Numbers not measured are NaN here and null in JSON, never zero.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import DataError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plane:
    """The tasks' gradients seen in a plane of two fixed directions.

    Attributes:
        coordinates: Coordinates of each task's gradient along the two directions, (K, 2).
        share: Share of each gradient's length that the plane keeps, 0 to 1, (K,).
    """

    coordinates: Array
    share: Array


@dataclass(frozen=True, eq=False)
class StepRecord:
    """One update. K is the number of tasks of the run; tasks not due have NaN.

    Attributes:
        update: Number of the update, from 0.
        epoch: Epoch of the schedule, from 0.
        due: Whether each task took part, (K,).
        losses: Mean training loss of each due task's batches, unscaled, (K,).
        loss_weights: What the weighting multiplied each loss by, (K,).
        weights: Weight of each task's own gradient in the shared update, loss weights included and
            before clipping, (K,).
        coefficients: Row i is task i's part of the update in the tasks' own gradients; its columns
            add up to `weights`, (K, K). None where no Gram matrix was taken.
        gram: Inner products of the tasks' own (unscaled) gradients, (K, K), or None.
        order: For each due task (row) the due tasks it met in turn, by number in the run, so that
            D due tasks give (D, D − 1); None where the combiner has no order or no Gram matrix was
            kept.
        planes: Gradients in planes of fixed directions, by name of the plane.
        clipping: Factor by which the shared update was shortened, or where nothing is shared the
            smallest by which a task's own was; 1 if none was.
        learning_rate: Step size of the shared parameters.
        tokens: Tokens read.
        seconds: Time taken, probes included. The only entry that differs between equal runs.
        examples: Numbers of the training examples that each task read, −1 where there is none,
            (K, at most 256); None where they were not kept.
        layers: `gram` by layers of the encoder, (B, K, K): its embedding layer, each layer above
            it, and what stands beside it; NaN where nothing of a layer is shared and trained. None
            where it was not taken.
    """

    kind: ClassVar[str] = "step"
    update: int
    epoch: int
    due: NDArray[np.bool_]
    losses: Array
    loss_weights: Array
    weights: Array
    coefficients: Array | None
    gram: Array | None
    order: NDArray[np.int64] | None
    planes: dict[str, Plane]
    clipping: float
    learning_rate: float
    tokens: int
    seconds: float
    examples: NDArray[np.int32] | None = None
    layers: Array | None = None


@dataclass(frozen=True)
class GroupScore:
    """Scores of some of a task's examples, which its kind scores apart as well.

    Attributes:
        name: What they have in common, in words.
        count: How many they are.
        metrics: Every metric of them.
        errors: Their standard errors.
    """

    name: str
    count: int
    metrics: dict[str, float]
    errors: dict[str, float]


@dataclass(frozen=True, eq=False)
class EvalRecord:
    """Scores on the development split.

    Attributes:
        update: Updates done before this evaluation.
        epoch: Epoch just finished or under way, from 0.
        scores: Main metric of each task, (K,).
        errors: Standard error of each score, (K,).
        losses: Mean loss of each task, (K,).
        metrics: Every metric of each task, one dictionary a task.
        baselines: Score of the answer without learning that its kind calls the floor,
            (K,); NaN where that has none, as with a correlation.
        best: Whether the mean score is the best so far.
        seconds: Time taken.
        ceilings: Score of people, where the data tell, (K,) with NaN; None in old records.
        groups: Groups of examples of each task that are scored apart as well; None in old records.
    """

    kind: ClassVar[str] = "evaluation"
    update: int
    epoch: int
    scores: Array
    errors: Array
    losses: Array
    metrics: list[dict[str, float]]
    baselines: Array
    best: bool
    seconds: float
    ceilings: Array | None = None
    groups: list[list[GroupScore]] | None = None

    def ceiling(self, task: int) -> float:
        """What people score on a task; NaN where the data do not tell."""
        return math.nan if self.ceilings is None else float(self.ceilings[task])

    def groups_of(self, task: int) -> list[GroupScore]:
        """The groups of a task's examples that are scored apart as well."""
        return [] if self.groups is None else self.groups[task]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Embeddings of a fixed set of development examples of each task.

    Attributes:
        update: Updates done before.
        embeddings: For each task the shared embedding of its probe examples, (N, D).
        labels: For each task the labels of its probe examples, (N,).
        seconds: Time taken.
    """

    kind: ClassVar[str] = "snapshot"
    update: int
    embeddings: list[NDArray[np.float32]]
    labels: list[Array]
    seconds: float


@dataclass(frozen=True, eq=False)
class AffinityRecord:
    """Lookahead affinity: how a step on one task's loss alone changes another's.

    Attributes:
        update: Updates done before.
        affinity: Row i, column j: 1 − (loss of j after a step on i) / (loss of j before), (K, K).
            Positive helps.
        learning_rate: Size of the plain gradient step.
        seconds: Time taken.
    """

    kind: ClassVar[str] = "affinity"
    update: int
    affinity: Array
    learning_rate: float
    seconds: float


@dataclass(frozen=True, eq=False)
class WorkedExampleRecord:
    """Gradients of a few fixed sentences, one for each of M tasks, without dropout.

    Attributes:
        update: Updates done before.
        tasks: Numbers of the tasks, (M,).
        losses: Loss of each task on its sentence, (M,).
        answers: What the model says: number of the class, or the score, (M,).
        gram: Inner products of the gradients, (M, M).
        planes: The gradients in planes of fixed directions, by name of the plane.
        learning_rate: Step size of the coming update.
        seconds: Time taken.
    """

    kind: ClassVar[str] = "worked_example"
    update: int
    tasks: NDArray[np.int64]
    losses: Array
    answers: Array
    gram: Array
    planes: dict[str, Plane]
    learning_rate: float
    seconds: float


@dataclass(frozen=True, eq=False)
class PhaseRecord:
    """A phase that begins; runs without phases have none. All tasks were scored just before.

    Attributes:
        update: Updates done before.
        phase: Its number, from 0.
        due: Whether each task trains in it, (K,).
        fresh: Whether each task's head has begun anew, (K,).
        optimiser_reset: Whether the optimiser has begun anew.
        trained: Numbers of the model that may change in it.
    """

    kind: ClassVar[str] = "phase"
    update: int
    phase: int
    due: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    optimiser_reset: bool
    trained: int


LONGEST_NOTE = 2000
"""Characters of a note's text."""


@dataclass(frozen=True, eq=False)
class Note:
    """Something a person should know about the run.

    Attributes:
        update: Updates done before.
        topic: "divergence", "early_stopping", "leakage", "data", "unknown_words", "isolation",
            "unused_parameters", "continual", "slow_format" or "compile".
        text: One or two sentences; of a longer one than `LONGEST_NOTE` the end is left out.
    """

    kind: ClassVar[str] = "note"
    update: int
    topic: str
    text: str

    def __post_init__(self) -> None:
        """Say of a text that nobody reads to its end, and no pack takes, that it is cut."""
        if (length := len(self.text)) > LONGEST_NOTE:
            said = f" … (The rest of these {length:,} characters is left out.)"
            object.__setattr__(self, "text", self.text[: LONGEST_NOTE - len(said)] + said)


Record = (
    StepRecord | EvalRecord | Snapshot | AffinityRecord | WorkedExampleRecord | PhaseRecord | Note
)

_KINDS: dict[str, type[Record]] = {record.kind: record for record in get_args(Record)}
_TYPES = {"due": bool, "fresh": bool, "order": np.int64, "tasks": np.int64, "examples": np.int32}
_SINGLE = {"embeddings"}
_LISTS = {"embeddings", "labels"}


def best_evaluation(evaluations: Sequence[EvalRecord]) -> EvalRecord:
    """The evaluation with the best mean score, the last one where none is marked.

    Args:
        evaluations: At least one, oldest first.
    """
    return next((each for each in reversed(evaluations) if each.best), evaluations[-1])


def to_json(record: Record) -> dict[str, Any]:
    """The record as dictionaries, lists and numbers that JSON can hold, NaN as null."""
    values = {
        entry.name: _plain(getattr(record, entry.name)) for entry in dataclasses.fields(record)
    }
    return {"kind": record.kind, **values}


def from_json(values: dict[str, Any]) -> Record:
    """The record that `to_json` wrote.

    Raises:
        DataError: If the kind is unknown or an entry is missing or unexpected.
    """
    entries = dict(values)
    kind = entries.pop("kind", None)
    if kind not in _KINDS:
        raise DataError(f"Unknown record kind {kind!r}. Known: {', '.join(sorted(_KINDS))}.")
    try:
        return _KINDS[kind](**{name: _rich(name, value) for name, value in entries.items()})
    except (TypeError, ValueError) as error:
        raise DataError(f"A stored {kind} record cannot be read: {error}.") from error


def _plain(value: Any) -> Any:
    """Arrays as lists, planes and dictionaries entry by entry, NaN as None."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Plane):
        return _plain({"coordinates": value.coordinates, "share": value.share})
    if isinstance(value, GroupScore):
        return _plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _rich(name: str, value: Any) -> Any:
    """Undo `_plain` for the entry of this name."""
    if name == "planes":
        return {
            plane: Plane(_array(entry["coordinates"]), _array(entry["share"]))
            for plane, entry in value.items()
        }
    if name == "metrics":
        return [_numbers(task) for task in value]
    if name == "groups":
        return value and [[_group(each) for each in task] for task in value]
    if name in _LISTS:
        return [_array(entry, name) for entry in value]
    if isinstance(value, list):
        return _array(value, name)
    return _number(value) if name in _NUMBERS else value


def _group(entry: dict[str, Any]) -> GroupScore:
    found = {name: _numbers(entry[name]) for name in ("metrics", "errors")}
    return GroupScore(entry["name"], entry["count"], **found)


def _numbers(entries: dict[str, Any]) -> dict[str, float]:
    return {name: _number(entry) for name, entry in entries.items()}


_NUMBERS = {"clipping", "learning_rate", "seconds"}


def _number(value: float | str | None) -> float:
    """A number from JSON, null as NaN, "inf" as infinity."""
    return math.nan if value is None else float(value)


def _array(values: list[Any], name: str = "") -> NDArray[Any]:
    """An array from nested lists, null as NaN, of the type the entry's name asks for."""
    if name in _TYPES:
        return np.asarray(values, dtype=_TYPES[name])
    # Converting through object arrays lets numpy turn None into NaN at any depth.
    array = np.asarray(values, dtype=object).astype(np.float64)
    return array.astype(np.float32) if name in _SINGLE else array
