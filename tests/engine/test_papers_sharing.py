"""The experiment that shares MiniLM: which step sizes are tried, in which order, and its tables."""

import pytest

from mtlviz.replication.experiment import Table
from tests.benchmarks.papers_sharing import UPDATES, next_power, sharing_jobs
from tests.benchmarks.papers_sharing_tables import sharing_tables


def line(part, arm, power, seed, scores, over_time=()):
    return {"part": part, "arm": arm, "power": power, "seed": seed, "tasks": ["old", "new"],
            "scores": scores, "scores_over_time": [*over_time, scores]}  # fmt: skip


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({}, 1), ({1: 0.5}, 2), ({1: 0.5, 2: 0.6}, 3), ({1: 0.6, 2: 0.5}, 0),
        ({1: 0.5, 2: 0.6, 3: 0.4}, None), ({1: 0.5, 2: 0.6, 3: 0.7}, 4),
        ({1: 0.5, 0: 0.6, 2: 0.4, -1: 0.7}, -2),
        ({n: float(n) for n in range(1, 7)}, None),
    ],
)  # fmt: skip
def test_step_sizes_are_tried_on_the_better_side_until_the_best_lies_between_two_others(
    known, wanted
):
    assert next_power(known) == wanted


def test_runs_follow_from_those_that_are_finished():
    done = [line("tune", arm, power, 100, [score, score])
            for arm in ("hard", "lora", "hypernetwork")
            for power, score in ((1, 0.5), (2, 0.6), (3, 0.4))]  # fmt: skip
    jobs = list(sharing_jobs(lambda: done, 2, "somewhere", ("hard",)))
    keys = [(job.key["part"], job.key["arm"], job.key["power"], job.key["seed"]) for job in jobs]
    added = [("add", way, 2, seed) for seed in (0, 1) for way in ("head", "everything")]
    assert keys == [("score", "hard", 2, 0), ("score", "hard", 2, 1), *added]
    assert jobs[0].config.optimisation.learning_rate == pytest.approx(9e-4)
    assert jobs[2].config.optimisation.phases[1].updates == UPDATES


def test_tables_worked_by_hand(monkeypatch):
    nothing = Table("nothing", (), ())
    monkeypatch.setattr("tests.benchmarks.papers_sharing_tables._stored", lambda place: nothing)
    lines = [
        line("tune", "hard", 1, 100, [0.4, 0.6]), line("tune", "hard", 2, 100, [0.5, 0.6]),
        *(line("score", "separate", 1, seed, [0.5, 0.7]) for seed in (0, 1)),
        *(line("score", "hard", 2, seed, [0.6, 0.6]) for seed in (0, 1)),
        *(line("add", "head", 2, seed, [0.4, 0.65], [[0.5, 0.1]]) for seed in (0, 1)),
    ]  # fmt: skip
    scores, tuned, added, *_ = sharing_tables(lines, "somewhere")
    assert scores.rows[0] == ["alone", "0.600", "0.500", "0.700"]
    same = "exactly {} in each of 2 seeds"
    assert scores.rows[1] == ["hard", *(same.format(cell) for cell in ("0.0", "+10.0", "−10.0"))]
    assert tuned.rows == [["hard", "0.0003: 0.500; 0.0009: 0.550", "0.0009 (an end)"]]
    assert added.rows == [["head", "2", same.format("+5.0"), same.format("−10.0")]]
