"""train(config): the one training loop, as an iterator of records.

Which tasks are due, how their losses are scaled and how their gradients become one update is
decided by a table and two objects; the loop has no branch for any method. To stop, stop asking.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.evaluate import evaluate
from mtlviz.engine.passes import task_loss
from mtlviz.engine.probes import lookahead_affinity
from mtlviz.engine.purposes import AFFINITY, DROPOUT, generator
from mtlviz.engine.randomness import RandomStream
from mtlviz.engine.ranks import ALONE, LostRank, Ranks
from mtlviz.engine.records import AffinityRecord, EvalRecord, Note, Record, Snapshot
from mtlviz.engine.resuming import restored
from mtlviz.engine.step import Diverged, is_due, learning_rate, make_update
from mtlviz.engine.switch import switch
from mtlviz.engine.tasks import Task
from mtlviz.engine.training import Training, prepare
from mtlviz.errors import ConfigError


def train(
    config: RunConfig, *, tasks: Sequence[Task] | None = None, resume: Path | None = None
) -> Iterator[Record]:
    """Train, and hand out what happens as it happens.

    The same settings and seed give the same records, bit for bit on a CPU with the same number of
    threads, apart from `seconds`.

    Args:
        config: The run's settings.
        tasks: Its tasks where they are loaded already.
        resume: A checkpoint of this run to go on from; the records then go on where it was taken.

    Yields:
        Records in the order of the updates; a `Note` says why a run ended early.

    Raises:
        MtlvizError: If a setting, the data or the checkpoint is wrong.
    """
    yield from records(start(config, tasks=tasks, resume=resume))


def start(
    config: RunConfig,
    *,
    tasks: Sequence[Task] | None = None,
    resume: Path | None = None,
    ranks: Ranks = ALONE,
) -> Training:
    """A run that is ready for `records`, new or gone on from a checkpoint; see `train`."""
    if resume is None:
        return prepare(config, tasks, ranks)
    return restored(config, tasks, Path(resume), ranks)


def records(training: Training) -> Iterator[Record]:
    """Drive a run to its end; between two records it can be saved.

    Raises:
        ConfigError: If its settings ask for more processes than have come together.
    """
    ranks, wanted = training.ranks, training.config.processes
    if ranks.size != wanted:
        raise ConfigError(
            f"These settings ask for {wanted} processes, but {ranks.size} are at work; `mtlviz "
            "train`, the app and `torchrun` start as many as are asked for."
        )
    try:
        while True:
            while training.pending:
                training.progress.emitted += 1
                yield training.pending.popleft()
            if not ranks.goes_on(not training.finished):
                return
            _advance(training)
    except GeneratorExit:
        # Who asked for records wants no more of them.
        with suppress(LostRank):
            ranks.goes_on(False)
        raise


def follow(training: Training) -> None:
    """Take part in every update of a run that another process records, until it says to end.

    Dropout is drawn by rank and update, so that a checkpoint need not know of this process.
    """
    seed, ranks = training.config.seed, training.ranks
    while ranks.goes_on(True):
        drawn = generator(seed, DROPOUT, ranks.rank, training.progress.update)
        training.dropout = RandomStream(int(drawn.integers(2**62)), training.device)
        _advance(training)
        training.pending.clear()


def _advance(training: Training) -> None:
    """One update with the probes before it and the evaluation after it, all into `pending`.

    Where a phase begins, the switch comes first.
    """
    began = time.perf_counter()
    if training.schedule.phase(training.progress.update) != training.progress.phase:
        training.past.finish(training)
        training.pending.append(switch(training))
    started = time.perf_counter()
    if training.progress.update == 0 and training.config.data.heads != "own":
        # What is known before a task is learned is told from the untrained model.
        training.pending.append(_scored(training, best=False))
    if training.ranks.rank == 0:
        _probe(training)
    training.progress.probe_seconds += time.perf_counter() - started
    try:
        training.pending.append(make_update(training))
    except Diverged as diverged:
        _stop(training, "divergence", str(diverged))
    else:
        training.progress.update += 1
        if _evaluation_is_due(training):
            _evaluate(training)
    training.progress.seconds += time.perf_counter() - began


def _probe(training: Training) -> None:
    """Snapshots and affinities that are due before the next update."""
    probes, update = training.config.probes, training.progress.update
    if training.probe_set is not None and is_due(probes.embeddings_every, update):
        started = time.perf_counter()
        embeddings, labels = training.probe_set.embeddings(training.model, training.device)
        seconds = time.perf_counter() - started
        training.pending.append(Snapshot(update, embeddings, labels, seconds))
    if is_due(probes.affinity_every, update) and training.shared:
        training.pending.append(_affinity(training))
    if training.worked_example and training.shared and is_due(probes.worked_example_every, update):
        record = training.worked_example.measured(
            training.model, training.shared, training.planes, update, learning_rate(training)
        )
        training.pending.append(record)


def _affinity(training: Training) -> AffinityRecord:
    """Lookahead affinity on one extra training batch of every task, due or not."""
    seed, update = training.config.seed, training.progress.update
    batches = []
    for task, feed in enumerate(training.streams):
        order = generator(seed, AFFINITY, update, task).permutation(len(feed.batches))
        chosen = np.sort(order[: feed.batches.batch_size])
        batches.append(feed.batches.collate(chosen).to(training.device))
    # The state is put back before every loss, so that all losses see the same dropout masks.
    masks = training.dropout.state()

    def loss(task: int, batch: object) -> object:
        training.dropout.restore(masks)
        with training.dropout.active():
            # Differences of nearly equal losses: half precision would leave only rounding.
            return task_loss(training, task, batch, "float32")

    training.model.train()
    rate = learning_rate(training)
    affinity, seconds = lookahead_affinity(loss, batches, training.shared, rate)
    training.dropout.restore(masks)
    return AffinityRecord(update, affinity, rate, seconds)


def _evaluation_is_due(training: Training) -> bool:
    """At the last update of a phase, and every so many updates or at the end of each epoch."""
    update, every = training.progress.update, training.config.probes.evaluate_every
    if update == training.total or update in training.schedule.starts:
        return True
    if every is not None:
        return update % every == 0
    return training.schedule.epoch[update] != training.schedule.epoch[update - 1]


def _evaluate(training: Training) -> None:
    """Score all tasks, keep the best state, and stop where patience has run out."""
    progress, optimisation = training.progress, training.config.optimisation
    record = _scored(training, best=False)
    # An undefined score (the correlation of a constant) has earned nothing.
    mean = float(np.mean(np.nan_to_num(record.scores, nan=0.0)))
    best = progress.best_score is None or mean > progress.best_score
    record = replace(record, best=best)
    if best:
        progress.best_score, progress.best_update, progress.stale = mean, progress.update, 0
        training.keep_as_best()
    else:
        progress.stale += 1
    training.best_record = record if best else training.best_record
    training.pending.append(record)
    is_last = progress.phase == len(training.schedule.starts) - 1
    if optimisation.patience is not None and is_last and progress.stale >= optimisation.patience:
        reason = (
            f"The mean development score has not risen for {progress.stale} evaluations, "
            f"so training stopped; the best was after {progress.best_update} updates."
        )
        _stop(training, "early_stopping", reason)


def _scored(training: Training, *, best: bool) -> EvalRecord:
    """The scores of all tasks now."""
    started, update = time.perf_counter(), training.progress.update
    precision = training.config.optimisation.precision
    training.ranks.check_same(p for p in training.model.parameters() if p in training.trainable)
    found = evaluate(training.model, training.dev, training.device, precision, ranks=training.ranks)
    return EvalRecord(
        update=update,
        epoch=int(training.schedule.epoch[max(update - 1, 0)]),
        scores=np.array([score.score for score in found]),
        errors=np.array([score.error for score in found]),
        losses=np.array([score.loss for score in found]),
        metrics=[score.metrics for score in found],
        baselines=np.array(training.baselines),
        best=best,
        seconds=time.perf_counter() - started,
        ceilings=np.array(training.ceilings),
        groups=[score.groups for score in found],
    )


def _stop(training: Training, topic: str, reason: str) -> None:
    """End the run before its last update, and say why; a run that is at its end just ends."""
    if training.progress.update < training.total:
        training.progress.stopped = True
        training.pending.append(Note(training.progress.update, topic, reason))
