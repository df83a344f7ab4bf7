"""Sentiment, inference and questions in pairs: phases, together and alone; runs and tables."""

from collections.abc import Iterator, Sequence

import numpy as np

from mtlviz.engine.config import RunConfig, single_task
from mtlviz.engine.estimate.checkpoints import checkpoint_shape
from mtlviz.engine.estimate.duration import measured_speed
from mtlviz.engine.estimate.facts import DataFacts, data_facts
from mtlviz.engine.estimate.whole import estimate, likely_seconds
from mtlviz.engine.published_scores import published_scores
from mtlviz.engine.sharma_presets import FOLDERS, PAIRS, sharma_run
from tests.benchmarks.papers_course import course_tasks
from tests.benchmarks.papers_jobs import QUIET, Job
from tests.benchmarks.papers_tables import gathered, markdown, paired, points, spread

WAYS = {"phases": "halves", "together": "joint"}
COMPARED = (("phases", "alone"), ("together", "alone"), ("phases", "together"))


def phases_config(pair: str, way: str, seed: int, size: str, checkpoint: str) -> RunConfig:
    """One pair, in halves or together, scored at switches and at the end."""
    made = sharma_run(PAIRS[pair], WAYS[way], size, checkpoint)
    return made.changed(name=f"{pair} {way}", seed=seed, probes=QUIET, device="cpu")


def phases_jobs(seeds: int, size: str, checkpoint: str) -> Iterator[Job]:
    """Each pair both ways and each task alone, seed by seed: a cut run holds whole seeds."""
    for seed in range(seeds):
        configs = {
            (pair, way): phases_config(pair, way, seed, size, checkpoint)
            for pair in PAIRS
            for way in WAYS
        }
        for config in [*configs.values()]:
            for task, each in enumerate(config.data.tasks):
                configs.setdefault((each.name, "alone"), single_task(config, task))
        for (pair, way), config in configs.items():
            key = {"experiment": "phases", "size": size, "pair": pair, "way": way, "seed": seed}
            yield Job(key, config, lambda config=config: course_tasks(config))


def phases_tables(results: Sequence[dict], size: str) -> str:
    """Scores, differences in points, and what each switch did."""
    chosen = [line for line in results if line["size"] == size]
    return "\n\n".join([_scores(chosen, size), _differences(chosen), _switches(chosen)])


def _found(results: Sequence[dict], pair: str, way: str, task: str) -> dict[int, float]:
    place = (task if way == "alone" else pair, way)
    return gathered(results, ["pair", "way"]).get(place, {}).get(task, {})


def _scores(results: Sequence[dict], size: str) -> str:
    rows = [
        [
            f"{pair}: {task}",
            *(spread(_found(results, pair, way, task).values()) for way in ("alone", *WAYS)),
            *_one_run(results, task),
            _published(pair, task, size),
        ]
        for pair, task in _pairs()
    ]
    header = ["pair: task", "alone", *WAYS, "se of one run", "floor", "published"]
    return markdown(header, rows)


def _differences(results: Sequence[dict]) -> str:
    rows = [
        [
            f"{pair}: {task}",
            *(
                points(paired(*(_found(results, pair, way, task) for way in ways)))
                for ways in COMPARED
            ),
        ]
        for pair, task in _pairs()
    ]
    return markdown(["points", *(f"{one} − {other}" for one, other in COMPARED)], rows)


def _switches(results: Sequence[dict]) -> str:
    """Both tasks' scores at the end of every phase, mean over seeds."""
    rows = []
    for pair, task in _pairs():
        runs = [line for line in results if (line["pair"], line["way"]) == (pair, "phases")]
        if runs:
            place = runs[0]["tasks"].index(task)
            scores = [[end[place] for end in line["scores_over_time"]] for line in runs]
            rows.append([f"{pair}: {task}", *(spread(each) for each in zip(*scores, strict=True))])
    header = ["in phases, after", "first half", "the other task", "second half"]
    return markdown(header, rows)


def _pairs() -> Iterator[tuple[str, str]]:
    for pair, names in PAIRS.items():
        yield from ((pair, FOLDERS[name]) for name in names)


def _one_run(results: Sequence[dict], task: str) -> tuple[str, str]:
    """Mean standard error of one run from its examples alone, and the floor without learning."""
    places = [(line, line["tasks"].index(task)) for line in results if task in line["tasks"]]
    if not places:
        return "–", "–"
    found = (np.mean([line[name][place] for line, place in places])
             for name in ("errors", "baselines"))  # fmt: skip
    error, floor = found
    return f"{error:.3f}", "–" if np.isnan(floor) else f"{floor:.3f}"


def _published(pair: str, task: str, size: str) -> str:
    """The paper's score of the way in which it trained this pair."""
    way = "together" if pair == "sst2-mnli" else "phases"
    entry = published_scores(phases_config(pair, way, 0, size, "published")).get(task)
    alone = single_task(phases_config(pair, way, 0, size, "published"), _place(pair, task))
    single = published_scores(alone).get(task)
    told = [f"{each.score:.3f}" if each else "–" for each in (single, entry)]
    return f"{told[0]} alone, {told[1]} {way}"


def _place(pair: str, task: str) -> int:
    return [FOLDERS[name] for name in PAIRS[pair]].index(task)


def estimated_seconds(jobs: Sequence[Job]) -> float:
    """How long the app would say that all of these runs take, one after another on one core."""
    speed = measured_speed()
    facts: dict[str, DataFacts] = {}
    shape, total = checkpoint_shape(jobs[0].config.capacity.checkpoint), 0.0
    for job in jobs:
        config = job.config
        known = config.data.model_dump_json()
        facts[known] = facts.get(known) or data_facts(config.data)
        found = estimate(config, facts[known], shape)
        total += likely_seconds(config, found, speed)
    return total
