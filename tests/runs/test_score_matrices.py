"""Matrices of stored runs: read from the records, compared by method, and written."""

import csv
import io
import json
from contextlib import closing

import numpy as np
import pytest
import torch

import mtlviz
from mtlviz.cli import main
from mtlviz.cli.matrices import matrix_lines
from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.whole import estimate
from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord, PhaseRecord
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.training import untrained
from mtlviz.runs import score_matrices
from mtlviz.runs.export import as_csv, matrix_table
from mtlviz.runs.lease import lease
from mtlviz.runs.score_matrices import _methods, as_json, score_matrix
from mtlviz.runs.store import Store
from mtlviz.trackers.drawing import cells_drawn
from mtlviz.ui.core.matrix_words import method_rows, numbers_in_words

TWO = {
    "data": {"tasks": [{"name": "first"}, {"name": "second"}]},
    "optimisation": {"phases": "first > second"},
}


def scored(update, *scores):
    scores = np.array(scores)
    return EvalRecord(
        update, 0, scores, np.full(len(scores), 0.01), scores, [{}, {}], scores * 0, False, 0.0
    )


def begun(update, phase, *due):
    return PhaseRecord(update, phase, np.array(due), np.zeros(len(due), bool), False, 1)


def found(first, last, **data):
    """A run of two phases that scores this after the first and after the last."""
    config = RunConfig.from_values({**TWO, "data": {**TWO["data"], **data}})
    evaluations = [scored(0, 0.5, 0.4), scored(5, *first), scored(10, *last)]
    return score_matrix(config, evaluations, [begun(0, 0, True, False), begun(5, 1, False, True)])


def test_the_numbers_of_a_matrix_by_hand():
    matrix = found((0.9, 0.5), (0.7, 0.8))
    assert matrix.phases == ("first", "second")
    np.testing.assert_allclose(matrix.scores, [[0.9, 0.5], [0.7, 0.8]])
    told = matrix.as_json()["numbers"]
    assert told["average"] == pytest.approx(0.75)
    assert told["backward"] == pytest.approx(-0.2)
    assert told["forgetting"] == pytest.approx(0.2)
    # With heads of their own the untrained head of the second says nothing.
    assert told["forward"] is None
    assert len(numbers_in_words(matrix)) == 4


def test_forward_transfer_is_told_where_one_head_asks_all_alike():
    matrix = found((0.9, 0.5), (0.7, 0.8), heads="one")
    assert matrix.numbers.forward == pytest.approx(0.5 - 0.4)


def test_a_run_without_phases_has_no_matrix():
    config = RunConfig.from_values({"data": TWO["data"]})
    assert score_matrix(config, [scored(5, 0.5, 0.5)], []) is None


def test_methods_are_paired_by_seed_and_joint_training_gives_the_gap():
    known = {
        1: found((0.9, 0.5), (0.6, 0.8)), 2: found((0.9, 0.5), (0.5, 0.8)),
        3: found((0.9, 0.5), (0.8, 0.8)), 4: found((0.9, 0.5), (0.7, 0.8)),
        5: found((0.9, 0.9), (0.9, 0.9)),
    }  # fmt: skip
    runs = {("sequential", 0): 1, ("sequential", 1): 2, ("replay", 0): 3, ("replay", 1): 4,
            ("joint", 0): 5}  # fmt: skip
    methods = _methods(runs, known)
    assert methods["replay"].against["average"].mean == pytest.approx(10.0)
    assert methods["replay"].numbers["gap"][0] == pytest.approx(0.1)
    # Joint training scores 0.9 on average, and both tasks together 0.85 when learned.
    assert methods["replay"].numbers["intransigence"][0] == pytest.approx(0.05)
    written = as_json(methods)
    json.dumps(written, allow_nan=False)
    assert written["replay"]["points"]["backward"]["mean"] == pytest.approx(-15.0)
    assert [row["seeds"] for row in method_rows(methods)] == [2, 1, 2]


def test_the_matrix_as_a_table_and_in_the_shell():
    matrix = found((0.9, 0.5), (0.7, float("nan")))
    rows = list(csv.DictReader(io.StringIO(as_csv(matrix_table(matrix)))))
    assert rows[1]["score: first"] == "0.7"
    assert rows[1]["score: second"] == ""
    assert "0.700" in "\n".join(matrix_lines(matrix))


def test_runs_of_one_experiment_differ_in_method_and_seed_alone():
    base = preset("continual-sequence")
    other = base.with_values({"continual.method": "ewc", "continual.method_options.strength": 9.0})
    assert score_matrices.STUDY.mark(base) == score_matrices.STUDY.mark(other)
    longer = base.with_values({"optimisation.epochs": 9})
    assert score_matrices.STUDY.mark(base) != score_matrices.STUDY.mark(longer)


def test_runs_of_a_method_with_other_options_are_not_taken_for_its_seeds():
    base = preset("continual-sequence").with_values({"continual.method": "replay"})
    more = base.with_values({"seed": 1, "continual.method_options.memory": 99})
    runs = [(1, base), (2, more), (3, base.with_values({"seed": 1}))]
    assert [run for run, _ in score_matrices._alike(runs)] == [1, 3]
    plain = base.with_values({"continual.method": "sequential"})
    assert [run for run, _ in score_matrices._alike([*runs, (4, plain)])] == [1, 3, 4]


def test_estimates_count_what_is_kept_and_each_further_gradient():
    base = preset("continual-sequence")
    facts = data_facts(base.data)
    known = {
        name: estimate(base.with_values({"continual.method": name}), facts)
        for name in ("sequential", "replay", "agem", "ewc", "lwf", "ogd")
    }
    updates = known["sequential"].work.updates // 4
    plain = int(known["sequential"].work.passes.sum())
    # 1, 2 and 3 earlier tasks in the second, third and fourth phase.
    assert int(known["agem"].work.passes.sum()) == plain + 6 * updates
    assert known["agem"].memory.copies == 4
    assert known["ewc"].memory.kept == 8 * known["ewc"].size.shared
    assert known["lwf"].memory.kept == 4 * known["lwf"].size.trained
    # Twenty slopes of each of four tasks, the directions they span, and a copy before each step.
    assert known["ogd"].memory.kept == 4 * (2 * 80 + 1) * known["ogd"].size.shared
    assert known["sequential"].memory.kept == known["replay"].memory.kept == 0


@pytest.mark.parametrize("name", ["continual-shift", "continual-classes"])
def test_one_head_is_counted_once(name):
    config = preset(name)
    facts = data_facts(config.data)
    size = estimate(config, facts).size
    tasks = load_tasks(config.data, np.random.default_rng(0))
    _, model = untrained(config, tasks, torch.device("cpu"))
    assert sum(parameter.numel() for parameter in model.parameters()) == size.total


@pytest.fixture
def two_experiments(tmp_path, monkeypatch):
    """A run of two phases, and one with another learning rate, which is no method of the same."""
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    records = [begun(0, 0, True, False), scored(0, 0.5, 0.4), scored(5, 0.9, 0.5),
               begun(5, 1, False, True), scored(10, 0.7, 0.8)]  # fmt: skip
    with closing(Store(tmp_path)) as store:
        for rate in (1e-3, 1e-2):
            config = RunConfig.from_values(TWO).changed_at("optimisation.learning_rate", rate)
            held = lease(store, store.create_run(config))
            held.append(records)
            held.finish("finished")
    return tmp_path


def test_each_table_of_the_shell_says_which_runs_it_is_of(two_experiments, capsys):
    assert main(["runs", "matrix", "1", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.endswith("):")] == [
        "first > second (runs 1):", "first > second (runs 2):",
    ]  # fmt: skip
    assert lines[3] == ""
    assert main(["runs", "matrix", "1"]) == 0
    assert "(runs 1):" not in capsys.readouterr().out


def test_the_matrix_of_a_run_is_among_its_pictures_for_other_tools(two_experiments):
    image = pytest.importorskip("PIL.Image")
    figure = mtlviz.load(1, home=two_experiments).figures()["every task after every phase"]
    assert figure["data"][0]["text"] == [["[90.0]", "50.0"], ["70.0<br>▼ −20.0", "[80.0]"]]
    drawn = cells_drawn(figure)
    assert image.open(io.BytesIO(drawn.png)).size == (drawn.width, drawn.height)
