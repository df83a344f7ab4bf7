"""`mtlviz sweep`: what it says before, while and after, and what it refuses."""

import json
import shutil

import pytest

from mtlviz.cli import main, sweep_start
from mtlviz.cli.sweep_report import found_lines
from mtlviz.runs.sweep.cost import Cost
from mtlviz.runs.sweep.scores import sweep_scores
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs.conftest import store  # noqa: F401  a fixture
from tests.runs.stand_in import config as stand_in
from tests.runs.test_sweep import result


@pytest.fixture
def plan_file(tmp_path, monkeypatch):
    cost = Cost(settings=2, runs=4, alone=0, seconds=None, memory=None, at_once=2)
    monkeypatch.setattr(sweep_start, "sweep_cost", lambda *_: cost)
    monkeypatch.setattr(sweep_start, "_POLL_SECONDS", 0.05)
    place = tmp_path / "sweep.json"
    base = json.loads(stand_in(updates=10).to_json())
    over = {"optimisation.learning_rate": [1e-3, 1e-2]}
    place.write_text(json.dumps({"name": "mine", "base": base, "over": over, "seeds": 2}))
    return str(place)


def said(capsys, *arguments):
    status = main(["sweep", *arguments])
    out, problem = capsys.readouterr()
    return status, out + problem


def test_a_sweep_of_flags_says_its_runs_time_and_memory_and_begins_nothing(capsys, tmp_path):
    over = ("--over", "optimisation.combiner=sum,pcgrad", "--over", "data.batch_size=64,128")
    flags = (*over, "--seeds", "3", "--with-stl", "--show", "--home", str(tmp_path))
    status, text = said(capsys, *flags)
    assert status == 0
    # Four tasks alone at two batch sizes; combiners share them.
    assert "4 settings x 3 seeds = 12 runs and 24 of single tasks" in text
    assert "within a factor of two" in text
    assert "MB each at most" in text
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_swept_watched_listed_and_shown(capsys, store, plan_file):  # noqa: F811
    home = ("--home", str(store.home))
    status, text = said(capsys, plan_file, *home)
    assert status == 0
    assert "finished: 4 of 4 runs" in text
    # Every stand-in of one length scores the same.
    assert "cannot be told apart from 1 other" in text
    assert "nothing to resume" in said(capsys, "resume", "1", *home)[1]
    assert "mine" in said(capsys, "list", *home)[1]
    assert "learning rate 0.01" in said(capsys, "show", "1", *home)[1]
    assert "2 best settings get 5 new seeds" in said(capsys, "confirm", "1", *home)[1]
    assert "no run has failed, so there is nothing" in said(capsys, "retry", "1", *home)[1]
    assert "is stopping" in said(capsys, "stop", "1", *home)[1]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ((), "Say what to try"),
        (("--over", "optimisation.learning_rate"), "needs PLACE=VALUE,VALUE"),
        (("nosuch.json",), "Ready-made ones: small-grid"),
        (("small-grid", "--preset", "default"), "brings its own settings"),
        *(
            (("small-grid", "--seeds", given), "--seeds must be a whole number from 1 to 100, got")
            for given in ("-1", "0", "101", "many")
        ),
        (("small-grid", "--trials", "0"), "--trials must be a whole number from 1 to 10000, got"),
        (("small-grid", "--trials", "3"), "A grid tries every combination, here 16"),
        (("small-grid", "--together", "3"), "--together belongs to --search tpe or pareto"),
        (("small-grid", "--draw", "3"), "--draw belongs to a search other than the grid"),
        (("small-grid", "--reduction", "3"), "--reduction belongs to --stop-early"),
        (("small-grid", "--show", "--cpus", "2"), "--cpus belongs to --launcher ray and slurm."),
        (
            ("small-grid", "--show", "--launcher", "ray", "--partition", "p"),
            "--partition belongs to --launcher slurm.",
        ),
        (("show", "7"), "There is no sweep 7. Known: none yet."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(capsys, tmp_path, flags, sentence):
    status, text = said(capsys, *flags, "--home", str(tmp_path))
    assert status == 2
    assert sentence in text
    assert "Traceback" not in text


def test_transfer_over_single_tasks_and_effects_are_told_of_what_was_found(store, plan_file):  # noqa: F811
    main(["sweep", plan_file, "--detach", "--home", str(store.home)])
    sweep = stored_sweep(store, 1)
    runs = sweep.study.runs
    results = {
        runs["run", n, s]: result(0.6 + 0.1 * n + 0.01 * s, 0.5) for n in (0, 1) for s in (0, 1)
    }
    text = "\n".join(found_lines(sweep, sweep_scores(sweep, results), results))
    assert "exactly +5.0 points in each of 2 seeds against learning rate 0.001" in text
    assert "0.001 −2.5" in text


def test_a_sweep_whose_runs_all_fail_ends_with_a_status_that_says_so(capsys, store, plan_file):  # noqa: F811
    pytest.importorskip("submitit", reason="gives runs to Slurm")
    if shutil.which("srun"):
        pytest.skip("needs a machine without Slurm")
    status, text = said(capsys, plan_file, "--home", str(store.home), "--launcher", "slurm")
    assert status == 1
    assert "failed: 4 of 4 runs, first run" in text
    assert "Slurm" in text
    text = said(capsys, "resume", "1", "--home", str(store.home))[1]
    assert "has failed: there is nothing to resume; mtlviz sweep retry 1 lets" in text
