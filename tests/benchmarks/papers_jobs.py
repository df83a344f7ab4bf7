"""Runs whose scores are kept as lines of JSON, so that a cut experiment goes on where it was."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtlviz.engine.config import ProbeConfig, RunConfig
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.engine.tasks import Task

NEVER = 10**9
"""Evaluate after the last update only: no choice of a best moment flatters a score."""

QUIET = ProbeConfig(gram_every=0, planes_every=0, evaluate_every=NEVER)


@dataclass(frozen=True)
class Job:
    """One training run whose scores become one line of results.

    Attributes:
        key: What tells it from the others: experiment, method, seed and so on.
        config: Its settings.
        tasks: Loads its tasks.
        test: Whether to score on the test splits as well.
    """

    key: dict[str, str | int]
    config: RunConfig
    tasks: Callable[[], Sequence[Task]]
    test: bool = False


def run(job: Job) -> dict:
    """Train one run to its end and score it."""
    from mtlviz.engine.train import records, start

    began, used = time.perf_counter(), time.process_time()
    training = start(job.config, tasks=job.tasks())
    made = [*records(training)]
    steps = [record for record in made if isinstance(record, StepRecord)]
    scored = [record for record in made if isinstance(record, EvalRecord)]
    final = scored[-1] if scored else None
    if final is None or training.progress.update < training.total:
        raise RuntimeError(f"The run {job.key} stopped early.")
    return {
        **job.key,
        "tasks": [task.name for task in training.tasks],
        "scores": final.scores.tolist(),
        "scores_over_time": [record.scores.tolist() for record in scored],
        "errors": final.errors.tolist(),
        "baselines": final.baselines.tolist(),
        "test": test_scores(training) if job.test else [],
        "examples": [len(task.splits["train"]) for task in training.tasks],
        "updates": len(steps),
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - used,
    }


def test_scores(training) -> list[float]:
    """Scores of a trained model on the test splits."""
    from mtlviz.engine.batches import TaskBatches
    from mtlviz.engine.evaluate import evaluate
    from mtlviz.engine.models.build import build_tokenizer

    data = training.config.data
    tokenizer = build_tokenizer(training.config, training.tasks)
    splits = [
        TaskBatches(task, "test", tokenizer, chosen.head, data.batch_size, data.max_length)
        for task, chosen in zip(training.tasks, data.tasks, strict=True)
    ]
    return [found.score for found in evaluate(training.model, splits, training.device)]


def run_missing(jobs: Sequence[Job], out: Path, worker: tuple[int, int]) -> None:
    """Run this worker's share of the jobs that the file of results does not hold yet."""
    number, workers = worker
    run_in_turn(list(jobs)[number::workers], out)


def run_in_turn(jobs: Iterable[Job], out: Path) -> None:
    """Run those jobs that the file of results does not hold yet; each may follow from those before.

    Raises:
        RuntimeError: A run stopped early.
    """
    for job in jobs:
        if any(job.key.items() <= line.items() for line in lines(out)):
            continue
        line = json.dumps(run(job))
        with out.open("a") as file:
            file.write(line + "\n")
        print(line, flush=True)


def lines(out: Path) -> list[dict]:
    """All finished runs."""
    if not out.exists():
        return []
    return [json.loads(line) for line in out.read_text().splitlines()]
