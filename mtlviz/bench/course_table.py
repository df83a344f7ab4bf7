"""Where the time of the course report's runs went, as rows of a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mtlviz.bench.result import Row
from mtlviz.bench.shape import Shape


@dataclass(frozen=True)
class Took:
    """Where the time of one run went, in seconds.

    Attributes:
        whole: From the settings to the last record.
        loading: Of it reading and tokenising the data and building the model.
        updates: Of it updates, with what is recorded of them.
        evaluating: Of it development scores.
        processor: Processors' time of the whole.
        made: How many updates were made.
        scores: The last development scores, for a person.
    """

    whole: float
    loading: float
    updates: float
    evaluating: float
    processor: float
    made: int
    scores: str


def rows_of_runs(took: Mapping[str, Took]) -> Iterator[Row]:
    """Each run and its parts, then all together."""
    for name, run in took.items():
        note = f"{run.made:,} updates; development scores at the end: {run.scores}"
        yield _row(name, run.whole, run.processor, note)
        yield _row(f"{name}: loading and tokenising", run.loading)
        speed = f"{run.made / run.updates:.1f} updates a second" if run.updates else ""
        yield _row(f"{name}: updates", run.updates, note=speed)
        yield _row(f"{name}: evaluation", run.evaluating)
        rest = run.whole - run.loading - run.updates - run.evaluating
        yield _row(f"{name}: probes and the rest", rest)
    whole, processor = (
        sum(getattr(t, part) for t in took.values()) for part in ("whole", "processor")
    )
    yield _row("all together", whole, processor)


def _row(name: str, seconds: float, processor: float | None = None, note: str = "") -> Row:
    return Row(name, seconds, seconds, seconds, processor=processor, note=note)


def reading(shape: Shape, checkpoint: str) -> str:
    """What was held equal, and which encoder it was."""
    encoder = (
        f"The encoder is {'/'.join(Path(checkpoint).parts[-2:])}"
        if checkpoint
        else f"No --checkpoint was given, so the encoder is a transformer of {shape.layers} layers "
        f"and width {shape.width} with random initial weights: the times are of use, the scores not"
    )
    return (
        f"{encoder}; on {shape.device} in {shape.precision}. Each run is trained once, to its end, "
        "with its preset's own batches and development scores after every epoch; the first also "
        "waits for libraries. They follow each other, so on a busy machine only processor time "
        "compares them."
    )
