"""How much computing a run is: updates, passes, tokens, arithmetic, memory traffic."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.choices import schedule_of, settings_of_phases
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.continual import make_recipe
from mtlviz.engine.estimate.checkpoints import checkpoint_of
from mtlviz.engine.estimate.facts import DataFacts, TaskFacts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.estimate.sizes import EncoderSize, ModelSize
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.phases import earlier_tasks
from mtlviz.engine.schedulers import Schedule
from mtlviz.engine.weightings import WEIGHTINGS

# English words and marks become this many word pieces in vocabularies of 30,000.
_PIECES = 1.2
_MARKS = 2


@dataclass(frozen=True)
class Work:
    """What a run computes.

    Attributes:
        updates: Updates planned.
        passes: Forward and backward passes of each task, accumulated batches counted, (K,).
        together: Tasks due at one update, at most.
        tokens: Tokens of one batch of each task, both texts of a pair together, (K,).
        texts: Encoder inputs of one batch of each task, (K,).
        training: Floating-point operations of all passes.
        scoring: Floating-point operations of all evaluations, and of the single look at a frozen
            encoder's outputs.
        traffic: Bytes that gradients and optimiser move through memory.
        by_layer: Updates at which the Gram matrix is taken by layers as well.
        layer_traffic: Bytes of `traffic` that this moves.
    """

    updates: int
    passes: NDArray[np.int64]
    together: int
    tokens: NDArray[np.float64]
    texts: NDArray[np.int64]
    training: float
    scoring: float
    traffic: float
    by_layer: int
    layer_traffic: float


def batches_per_epoch(config: RunConfig, facts: DataFacts) -> NDArray[np.int64]:
    """Updates in one pass through each task's training examples, (K,)."""
    drawn = (
        min(task.examples_per_epoch or fact.train, fact.train)
        for task, fact in zip(config.data.tasks, facts.tasks, strict=True)
    )
    size, together = config.data.batch_size, config.optimisation.accumulate
    return np.array([ceil(ceil(count / size) / together) for count in drawn], dtype=np.int64)


def schedule(config: RunConfig, facts: DataFacts) -> Schedule:
    """Who is due at which update, as far as the run goes, of U updates.

    Raises:
        ConfigError: If the scheduler cannot work with these settings.
    """
    whole = schedule_of(config, batches_per_epoch(config, facts))
    return whole.cut(config.optimisation.max_updates)


def keeps_gradients_apart(config: RunConfig) -> bool:
    """Whether an update needs each task's gradient by itself, or their sum will do."""
    probes = config.probes
    phases = (inside.optimisation for inside in settings_of_phases(config))
    return (
        any(
            chosen.combiner != "sum" or not WEIGHTINGS[chosen.weighting].method.constant
            for chosen in phases
        )
        or make_recipe(config.continual.method, **config.continual.method_options).projects
        or config.continual.method == "ewc"
        or probes.gram_every > 0
        or probes.planes_every > 0
    )


def work(
    config: RunConfig, facts: DataFacts, size: ModelSize, checkpoint: CheckpointShape | None = None
) -> Work:
    """Add up what a run computes.

    Raises:
        ConfigError: If the scheduler cannot work with these settings.
    """
    planned = schedule(config, facts)
    due = planned.due
    again = earlier_turns(config, planned)
    passes = (due | again).sum(axis=0) * config.optimisation.accumulate
    pairs = list(zip(config.data.tasks, facts.tasks, strict=True))
    each = np.array([_tokens(config, *pair) for pair in pairs])
    apart = np.array([_reads_apart(*pair) for pair in pairs])
    batch = np.array([min(config.data.batch_size, fact.train) for fact in facts.tasks])
    tokens, texts = each * batch, (1 + apart) * batch
    forward = _forward(config, size.encoder, tokens, texts, checkpoint)
    backward = forward * _backward_share(config, size.encoder)
    changing = size.encoder.trained_body + size.encoder.trained_embedding + size.encoder.inserted
    cached = changing == 0
    scores = evaluations(config, planned) * np.array([fact.dev for fact in facts.tasks])
    if cached:
        scores = np.array([fact.dev + fact.train for fact in facts.tasks])
    together = int((due | again).sum(axis=1).max())
    layered = taken_by_layer(config, size, due | again)
    read_again = 4.0 * _products((due | again)[layered].sum(axis=1), size).sum()
    return Work(
        updates=len(due),
        passes=passes,
        together=together,
        tokens=tokens,
        texts=texts,
        training=0.0
        if cached
        else float(((forward + backward) * passes).sum() + _looks(config, forward, again)),
        scoring=float((forward / batch * scores).sum()),
        traffic=len(due) * _traffic(config, size, (due | again).mean(axis=0).sum()) + read_again,
        by_layer=int(layered.sum()),
        layer_traffic=read_again,
    )


def taken_by_layer(config: RunConfig, size: ModelSize, due: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At which of U updates the Gram matrix is taken by layers of the encoder as well, (U,).

    Where several tasks share trained weights, and it is taken at all.
    """
    every, gram = config.probes.layers_every, config.probes.gram_every
    if not (every and gram and size.shared):
        return np.zeros(len(due), dtype=np.bool_)
    updates = np.arange(len(due))
    return (updates % every == 0) & (updates % gram == 0) & (due.sum(axis=1) > 1)


def _products(due: NDArray[np.int64] | float, size: ModelSize) -> NDArray[np.float64]:
    """Numbers read for the inner products of each pair of so many tasks' gradients."""
    return np.asarray(due * (due + 1.0) * size.shared)


def earlier_turns(config: RunConfig, planned: Schedule) -> NDArray[np.bool_]:
    """At which updates tasks of earlier phases take part as well, (U, K).

    They do with what a method against forgetting keeps of them: each is one more gradient.
    """
    recipe = make_recipe(config.continual.method, **config.continual.method_options)
    found = np.zeros_like(planned.due)
    if not (recipe.examples or recipe.distillation or recipe.retraining):
        return found
    stops = [*planned.starts[1:], len(planned.due)]
    for number, (start, stop) in enumerate(zip(planned.starts, stops, strict=True)):
        earlier = list(earlier_tasks(config, number)) if number else []
        if recipe.distillation and config.data.heads != "own":
            earlier = earlier[:1]
        if recipe.retraining:
            start = stop - round(recipe.retraining * (stop - start))
        found[start:stop, earlier] = True
    return found


def _looks(config: RunConfig, forward: NDArray[np.float64], again: NDArray[np.bool_]) -> float:
    """Operations beyond the updates' own passes: of the old model, and of single examples."""
    recipe = make_recipe(config.continual.method, **config.continual.method_options)
    found = float((forward * again.sum(axis=0)).sum()) if recipe.distillation else 0.0
    if recipe.stiffness:
        # A pass forward and, of two classes, two backward for each example.
        examples = recipe.fisher_examples / config.data.batch_size
        found += 5.0 * examples * float(forward.sum())
    return found + 3.0 * recipe.slopes / config.data.batch_size * float(forward.sum())


def _tokens(config: RunConfig, task: TaskConfig, fact: TaskFacts) -> float:
    """Tokens of one example of a task."""
    first, second = fact.words
    if checkpoint_of(config) is not None:
        first, second = _PIECES * first + _MARKS, _PIECES * second + (_MARKS if second else 0)
    longest = config.data.max_length
    if _reads_apart(task, fact):
        return min(first, longest) + min(second, longest)
    return min(first + second, longest)


def _reads_apart(task: TaskConfig, fact: TaskFacts) -> bool:
    return KINDS[fact.kind].reads_apart(task.head)


def _forward(
    config: RunConfig,
    encoder: EncoderSize,
    tokens: NDArray[np.float64],
    texts: NDArray[np.int64],
    checkpoint: CheckpointShape | None,
) -> NDArray[np.float64]:
    """Operations of one batch's forward pass, (K,): two a parameter and what passes it."""
    method = ENCODERS[config.capacity.encoder].method
    passed = encoder.body + encoder.inserted
    if method.per_text:
        return 2.0 * passed * texts + tokens * encoder.table[1]
    layers = len(checkpoint.layers) if checkpoint else config.capacity.depth
    attention = 4.0 * layers * encoder.width * tokens / texts if method.attends else 0.0
    return tokens * (2.0 * passed + attention)


def _backward_share(config: RunConfig, encoder: EncoderSize) -> float:
    """Operations backward for each forward: two, one of them only for what trains."""
    share = 2.0 * encoder.trained_body / encoder.body if encoder.body else 0.0
    # What trains below, or inside, is reached through all above it.
    if (encoder.trained_embedding or encoder.inserted) and encoder.body:
        share = 1.0 + encoder.trained_body / encoder.body
    return share + (1.0 if config.optimisation.gradient_checkpointing else 0.0)


def evaluations(config: RunConfig, planned: Schedule) -> int:
    """One at the end of each epoch, the last one cut short or not, or so often; and at switches."""
    every, last = config.probes.evaluate_every, len(planned.epoch)
    if not every:
        return len(np.unique(planned.epoch))
    return len({*range(every, last, every), *planned.starts[1:], last})


def _traffic(config: RunConfig, size: ModelSize, due: float) -> float:
    """Bytes an update moves through memory.

    AdamW touches a parameter seven times; a gradient is written and read; the Gram matrix reads two
    gradients for each pair of due tasks.
    """
    once = 2.0 * due * size.shared
    pairs = float(_products(due, size)) if keeps_gradients_apart(config) else 0.0
    return 4.0 * (7.0 * size.trained + once + pairs)
