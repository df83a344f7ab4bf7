"""The script that repeats the papers' experiments: budgets, the leak's two arms, kept results."""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from mtlviz.engine.choices import schedule_of
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.tasks.leakage import drop_leaked, leaks
from mtlviz.engine.tasks.task import Examples, Task

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def scripts():
    """The benchmarks are run from the top of the checkout; here they must be found as well."""
    sys.path.insert(0, str(TOP))
    yield
    sys.path.remove(str(TOP))


def part(name):
    return importlib.import_module(f"tests.benchmarks.papers{name}")


def toy_job(seed=0, test=False):
    tasks = (
        TaskConfig(name="a", options={"size": 24, "dev_size": 16}),
        TaskConfig(name="b", options={"size": 24, "dev_size": 16, "asks": "topic"}),
    )
    config = RunConfig.from_values(
        {
            "seed": seed,
            "data": {"tasks": [task.model_dump() for task in tasks], "batch_size": 8},
            "capacity": {"encoder": "mean", "width": 4, "vector_width": 4},
            "optimisation": {"epochs": 2},
            "probes": part("_jobs").QUIET.model_dump(),
            "device": "cpu",
        }
    )

    def load():
        loaded = load_tasks(config.data, np.random.default_rng(seed))
        # Synthetic tasks bring no test split; the development one stands in for it.
        if not test:
            return loaded
        return [
            Task(**{**vars(t), "splits": {**t.splits, "test": t.splits["dev"]}}) for t in loaded
        ]

    return part("_jobs").Job({"experiment": "toy", "seed": seed}, config, load, test)


def test_a_run_is_scored_once_after_its_last_update():
    line = part("_jobs").run(toy_job(test=True))
    assert line["updates"] == 6
    assert line["tasks"] == ["a", "b"]
    assert line["test"] == line["scores"], "the same examples must get the same score"
    assert all(0 <= score <= 1 for score in line["scores"])


def test_what_the_file_of_results_holds_is_not_run_again(tmp_path):
    out, jobs = tmp_path / "results.jsonl", [toy_job(0), toy_job(1)]
    part("_jobs").run_missing(jobs[:1], out, (0, 1))
    first = out.read_text()
    part("_jobs").run_missing(jobs, out, (0, 1))
    assert out.read_text().startswith(first)
    assert [json.loads(line)["seed"] for line in out.read_text().splitlines()] == [0, 1]


def test_workers_share_the_jobs(tmp_path):
    out, jobs = tmp_path / "results.jsonl", [toy_job(seed) for seed in range(3)]
    part("_jobs").run_missing(jobs, out, (1, 2))
    assert [line["seed"] for line in part("_jobs").lines(out)] == [1]


@pytest.mark.parametrize("method", ["classic", "PCGrad", "round robin"])
def test_a_task_alone_gets_as_many_batches_as_with_others(method):
    jobs = {job.key["method"]: job.config for job in part("_course").course_jobs(1, "none")}
    batches = np.array([56, 56, 56])  # 896 examples in batches of 16
    together = schedule_of(jobs[method], batches).due.sum(0)
    for task, name in enumerate(("sst", "quora", "sts")):
        alone = schedule_of(jobs[f"{name} alone"], batches[:1]).due.sum(0)
        assert alone[0] == together[task] == 112


@pytest.mark.parametrize("size", ["short", "quick"])
def test_a_task_gets_as_many_batches_in_phases_together_and_alone(size):
    jobs = list(part("_phases").phases_jobs(3, size, "none"))
    assert len(jobs) == 27
    assert len({tuple(job.key.values()) for job in jobs}) == 27
    for job in jobs[:9]:
        due = schedule_of(job.config, np.full(len(job.config.data.tasks), 8)).due
        assert set(due.sum(axis=0).tolist()) == {16}
    halves = [job.config for job in jobs if job.key["way"] == "phases"]
    assert {len(config.optimisation.phases) for config in halves} == {3}


def phases_line(pair, way, tasks, scores, seed, ends=()):
    return {
        "size": "quick", "pair": pair, "way": way, "seed": seed, "tasks": tasks, "scores": scores,
        "scores_over_time": [*ends, scores], "errors": [0.02] * len(tasks),
        "baselines": [0.25] * len(tasks), "cpu_seconds": 1.0,
    }  # fmt: skip


def test_the_phases_table_pairs_seeds_and_shows_every_switch():
    pair = ["squad", "glue_sst2"]
    results = [
        line
        for seed in range(3)
        for line in (
            phases_line("sst2-squad", "phases", pair, [0.30 + 0.01 * seed, 0.8], seed,
                        [[0.2, 0.5], [0.1, 0.8]]),
            phases_line("sst2-squad", "together", pair, [0.35, 0.8], seed),
            phases_line("squad", "alone", ["squad"], [0.30], seed),
        )
    ]  # fmt: skip
    text = part("_phases").phases_tables(results, "quick")
    rows = [line for line in text.splitlines() if line.startswith("| sst2-squad: squad")]
    assert rows[0].startswith("| sst2-squad: squad | 0.300 ± 0.000 | 0.310 ± 0.006 | 0.350 ±")
    assert rows[0].endswith("| 0.874 alone, 0.881 phases |")
    # Differences 0, 1, 2 points: mean 1, half-width 4.303 / √3.
    assert "| +1.0 (−1.5 to +3.5): cannot be told from zero |" in rows[1]
    assert rows[2] == ("| sst2-squad: squad | 0.200 ± 0.000 | 0.100 ± 0.000 | 0.310 ± 0.006 |")
    assert "| mnli-squad: mnli | – | – | – |" in text


def split(texts, ids):
    return Examples(ids=tuple(ids), first=tuple(texts), second=None, labels=np.arange(len(ids)) % 2)


def leaky_pair():
    """Task "a" trains on twenty sentences, five of which "b" is scored on."""
    texts = [f"sentence number {i}" for i in range(20)]
    other = [f"other sentence {i}" for i in range(10)]
    splits = {
        "a": {"train": split(texts, range(20)), "dev": split(other[5:8], "xyz")},
        "b": {"train": split(other[:4], range(4)), "dev": split(texts[3:8], range(5))},
    }
    return [
        Task(name, "classification", ("no", "yes"), "accuracy", each, "hand-made")
        for name, each in splits.items()
    ]


def test_the_arms_of_the_leak_have_the_same_size_and_differ_in_leaked_examples_alone():
    tasks = leaky_pair()
    cleaned = drop_leaked(tasks)
    drawn = part("_six").drawn
    found = [drawn(tasks[0], cleaned[0], 12, 0, arm) for arm in ("with", "without")]
    trained = [set(task.splits["train"].ids) for task in found]
    leaked = {3, 4, 5, 6, 7}
    assert [len(ids) for ids in trained] == [12, 12]
    assert trained[0] & leaked, "the draw must hold a leaked example, or nothing is tested"
    assert trained[0] - trained[1] == trained[0] & leaked
    assert not trained[1] & leaked
    assert sum(leak.count for leak in leaks([found[1], tasks[1]])) == 0


def test_no_arm_is_larger_than_the_cleaned_set():
    tasks = leaky_pair()
    cleaned = drop_leaked(tasks)
    for arm in ("with", "without"):
        task = part("_six").drawn(tasks[0], cleaned[0], 100, 0, arm)
        assert len(task.splits["train"]) == 15


def six_line(width, method, dev, test, seed):
    sets = part("_six").SENTENCE_SETS
    tasks = list(sets) if method == "together" else [method.removesuffix(" alone")]
    return {
        "part": "mean",
        "arm": "without",
        "width": width,
        "method": method,
        "seed": seed,
        "tasks": tasks,
        "scores": [dev] * len(tasks),
        "test": [test] * len(tasks),
    }


def test_capacity_is_chosen_on_dev_and_reported_on_test():
    results = []
    for seed, shift in ((0, 0.0), (1, 0.02)):
        for width, dev, test in ((5, 0.8, 0.70), (20, 0.7, 0.90)):
            results.append(six_line(width, "together", dev, test + shift, seed))
            for name in part("_six").SENTENCE_SETS:
                alone = six_line(width, f"{name} alone", 1.5 - dev, test - 0.1, seed)
                results.append(alone)
    tables = {each.title: each for each in part("_six_tables").six_tables(results)}
    cells = tables["Best capacities, chosen on development, scored on test"].rows[0]
    # Alone: width 20 wins on dev (0.8 against 0.7), test 80 in both seeds. Together: width 5 wins
    # on dev, test 70 and 72. Differences −10 and −8: mean −9, half-width 12.706 · 1.
    assert cells[:6] == ["mean", "without", "120", "80.0 ± 0.0", "5", "71.0 ± 1.0"]
    assert cells[6] == "−9.0 (−21.7 to 3.7): cannot be told from zero".replace("3.7", "+3.7")
    values = part("_six_tables").six_values(results)
    assert (values["mean/without/capacity"].mean, values["mean/without/ratio"].mean) == (5, 4)
    together = values["mean/without/trec/together"]
    assert (together.mean, together.error, together.seeds) == pytest.approx((71, 1, 2))


def test_the_course_table_pairs_seeds_and_flags_the_swapped_row():
    results = [
        {
            "method": method,
            "seed": seed,
            "tasks": ["sst"],
            # The difference of the two methods spreads a little, or there were no interval.
            "scores": [score + 0.01 * seed + 1e-4 * seed * (method == "classic")],
            "errors": [0.015],
            "baselines": [0.25],
        }
        for method, score in (("classic", 0.40), ("sst alone", 0.45))
        for seed in range(3)
    ]
    table = part("_course").course_tables(results)
    row = next(line for line in table.splitlines() if line.startswith("| sst"))
    assert "0.460 ± 0.006 | 0.410 ± 0.006 | – | –" in row
    assert "swapped back" in row
    assert re.search(r"\| classic − alone \| −5\.0 \(−5\.0 to −5\.0\): lower", table)
