"""What a model's README says: how to use it, data, settings, scores with intervals, licences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mtlviz import __version__
from mtlviz.access import shown
from mtlviz.counts import counted
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.measures.conflict import SURE
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.phase_config import written
from mtlviz.runs.results import RunResult

if TYPE_CHECKING:
    from mtlviz.engine.trained_model import TrainedModel
    from mtlviz.runs.score_matrices import ScoreMatrix

SETTINGS = "mtlviz.json"
_POOLED = {
    "mean": "the mean of the last hidden states over a text's tokens",
    "cls": "the last hidden state of the first token",
    "pooler": "the model's pooler output",
}


def model_card(
    made: TrainedModel, run: int, result: RunResult | None, matrix: ScoreMatrix | None = None
) -> str:
    """The README of a run's exported model, in Markdown.

    Args:
        made: The model.
        run: Number of the run, for people who have its store.
        result: Its scores; None if it has none yet.
        matrix: Every task's score after every phase, of a run of several.
    """
    names = ", ".join(_plain(task.name) for task in made.tasks)
    parts = (
        ["---", f"library_name: {_library(made)}", "---"],
        [f"# {_plain(made.config.name) or names}", ""],
        [f"One model for {counted(len(made.tasks), 'task')} ({names}), trained by mtlviz "
         f"{__version__}"
         f" (run {run})."],
        ["", "## Use", "", *_use(made)],
        ["", "## Data", "", *_data(made)],
        ["", "## Scores", "", *_scores(result), *_matrix(matrix)],
        ["", "## Settings", "", *_settings(made)],
        ["", "## Licences", "", *_licences(made)],
    )  # fmt: skip
    return "\n".join(line.rstrip() for part in parts for line in part) + "\n"


def _library(made: TrainedModel) -> str:
    return "transformers" if made.config.capacity.encoder == "checkpoint" else "mtlviz"


def _use(made: TrainedModel) -> Iterator[str]:
    """Which file is what."""
    from mtlviz.engine.transformers_folder import BESIDE, OTHER, encoder_places

    capacity, places = made.config.capacity, list(encoder_places(made))
    if capacity.encoder == "checkpoint":
        where = "DIR" if places == ["."] else f'DIR/"{places[0]}"'
        yield f"`AutoModel.from_pretrained({where})` opens the encoder" + (
            "." if places == ["."] else f"; each task has one of its own: {', '.join(places)}."
        )
        yield f"A text's vector is {_POOLED[capacity.pooling]}, of at most "
        yield f"{made.config.data.max_length} tokens."
    else:
        noun = ENCODERS[capacity.encoder].method.noun
        yield f"The encoder, {noun}, has no architecture in transformers: its tensors are in "
        yield f"`{OTHER}` and its words in `words.json`. mtlviz opens it as a run of its store."
    yield "`heads.json` says, step by step, how each task's head turns vectors into an answer; "
    yield "its tensors are in `heads.safetensors`."
    if _adds(made):
        way = SHARING[capacity.sharing]
        yield f"The way of sharing is {way.title}: {way.help}"
        yield f"What it adds is in `{BESIDE}` and is needed for a task's own answers"
        yield "(`lora/` has the same for peft, where it is a LoRA); the encoder alone lacks it."


def _adds(made: TrainedModel) -> bool:
    from mtlviz.engine.transformers_folder import beside

    return bool(beside(made.model.sharing))


def _data(made: TrainedModel) -> Iterator[str]:
    yield "| task | what | examples | from |"
    yield "| --- | --- | --- | --- |"
    for task in made.tasks:
        sizes = ", ".join(f"{len(rows):,} {name}" for name, rows in task.splits.items())
        asked = KINDS[task.kind].asked(task)
        yield f"| {_plain(task.name)} | {_plain(asked)} | {sizes} | {_plain(task.origin)} |"


def _scores(result: RunResult | None) -> Iterator[str]:
    if result is None:
        yield "This run was never scored."
        return
    yield "| task | score | development set | 95 % interval | without learning |"
    yield "| --- | --- | --- | --- | --- |"
    for name, metric, score, error, floor in zip(
        result.tasks, result.metrics, result.scores, result.errors, result.baselines, strict=True
    ):
        low, high = (score + side * SURE * error for side in (-1, 1))
        # No score is above one, whatever a symmetric interval says.
        interval = f"{_number(low)} to {_number(min(high, 1.0) if high == high else high)}"
        numbers = (_number(score), interval, _number(floor))
        yield f"| {_plain(name)} | {metric.replace('_', ' ')} | {' | '.join(numbers)} |"
    yield ""
    yield "Intervals come from the number of examples alone; runs with other seeds vary more. The "
    yield "evaluation was chosen by these same scores, which makes them slightly hopeful."


def _matrix(matrix: ScoreMatrix | None) -> Iterator[str]:
    """Every task after every phase; nothing for one phase."""
    if matrix is None or len(matrix.phases) < 2:
        return
    yield ""
    yield "Every task after every phase, as the run went on:"
    yield ""
    yield f"| after | {' | '.join(map(_plain, matrix.tasks))} |"
    yield f"| --- |{' --- |' * len(matrix.tasks)}"
    for phase, row in zip(matrix.phases, matrix.scores, strict=True):
        yield f"| {_plain(phase)} | {' | '.join(map(_number, row))} |"


def _settings(made: TrainedModel) -> Iterator[str]:
    config = made.config
    chosen, capacity = config.optimisation, config.capacity
    if capacity.encoder == "checkpoint":
        yield f"- encoder: from checkpoint {_plain(shown(capacity.checkpoint))}"
    else:
        yield f"- encoder: {capacity.encoder}, width {capacity.width}"
    yield f"- sharing: {capacity.sharing}"
    if chosen.phases:
        yield f"- phases, one after another: {_plain(written(chosen.phases))}"
    yield f"- scheduler: {chosen.scheduler}; combiner: {chosen.combiner}; "
    yield f"  weighting: {chosen.weighting}" + (
        "; these hold where a phase names no other" if chosen.phases else ""
    )
    if chosen.phases:
        yield (f"- against forgetting: {config.continual.method}; heads: {config.data.heads}")
    yield (
        f"- seed {config.seed}, {counted(chosen.epochs, 'epoch')}, learning rate "
        f"{chosen.learning_rate:g}"
    )
    yield f"- all settings: `{SETTINGS}`, for `mtlviz train --config {SETTINGS}`; a checkpoint or "
    yield "  data of the machine it was trained on are named without their folder there"


def _licences(made: TrainedModel) -> Iterator[str]:
    """What is known of licences; nothing is made up."""
    if all(task.source == "synthetic" for task in made.config.data.tasks):
        yield "Its training data are sentences that mtlviz makes (MIT licence)."
    else:
        yield "mtlviz does not know the licences of its training data: before you pass this model "
        yield "on, read what each source above says. No text of the data is in these files, but "
        yield "the vocabulary of a run that learned its own words is."
    if made.config.capacity.encoder == "checkpoint":
        yield "The encoder began as another model, whose licence holds for it too."


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"


def _plain(text: str) -> str:
    """A name or sentence that cannot break a table or become markup."""
    marked = text.replace("\\", "\\\\")
    for sign in "|<>[]`*_":
        marked = marked.replace(sign, f"\\{sign}")
    return " ".join(marked.split())
