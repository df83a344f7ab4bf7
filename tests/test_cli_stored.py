"""Runs trained in the shell are the store's: seen, stopped and gone on with from anywhere."""

import json
import os
import signal
import time

import pytest

from mtlviz import cli
from mtlviz.cli.shell_run import ShellRun
from mtlviz.engine import train
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import to_json
from mtlviz.errors import DataError
from mtlviz.runs import capacity, queue, worker
from mtlviz.runs.store import Store
from mtlviz.runs.worker import Pace

QUICK = Pace(beat_seconds=0.05, checkpoint_seconds=0.1)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The home folder of the commands below; its queue starts nothing."""
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    made = Store()
    yield made
    made.close()


@pytest.fixture
def quick(tmp_path):
    """Flags of a run of 8 updates in two epochs."""
    task = {"size": 32, "dev_size": 16}
    config = {
        "name": "quick",
        "data": {
            "batch_size": 8,
            "tasks": [
                {"name": "mood", "options": task},
                {"name": "topic", "options": {**task, "asks": "topic"}},
            ],
        },
        "capacity": {"width": 8, "vector_width": 6},
        "optimisation": {"epochs": 2},
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(config))
    return ["--config", str(path), "--device", "cpu"]


@pytest.fixture
def mtlviz(capsys):
    """Calls `mtlviz train` and gives its status, output and progress."""

    def called(*arguments):
        status = cli.main(["train", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return called


def at_update(monkeypatch, update, act, name=None):
    """Do something when a run of this shell has made so many updates, once."""
    show, done = ShellRun._show, []

    def seen(shell, record):
        show(shell, record)
        here = name is None or shell.store.config(shell.run).name == name
        if record.kind == "step" and record.update + 1 == update and here and not done:
            done.append(update)
            act(shell)

    monkeypatch.setattr(ShellRun, "_show", seen)


def interrupt(shell):
    os.kill(os.getpid(), signal.SIGINT)


def plain(store, run):
    records = (to_json(record) for _, record in store.records(run))
    return [{name: value for name, value in r.items() if name != "seconds"} for r in records]


def test_a_run_in_the_shell_is_seen_while_it_trains_and_stored_whole(
    store, quick, mtlviz, monkeypatch
):
    seen = []
    at_update(monkeypatch, 3, lambda shell: seen.append(store.run(1)))
    status, text, said = mtlviz(*quick)
    assert status == 0
    assert (seen[0].status, seen[0].pid, seen[0].planned) == ("running", os.getpid(), 8)
    assert "Run 1, quick: 8 updates." in said
    assert "8 updates in 0:0" in text
    assert "stored as run 1" in text
    assert (store.run(1).status, store.run(1).updates) == ("finished", 8)
    kinds = [record.kind for _, record in store.records(1)]
    assert (kinds.count("step"), kinds.count("evaluation")) == (8, 2)
    assert store.result(1).tasks == ("mood", "topic")


def test_a_stop_in_the_app_ends_the_run_of_the_shell_which_can_go_on_there(
    store, quick, mtlviz, monkeypatch
):
    def stop(shell):
        queue.stop(store, shell.run)
        # The wish is heard at the next beat, within a second.
        time.sleep(1.3)

    at_update(monkeypatch, 3, stop)
    status, text, said = mtlviz(*quick)
    assert (status, text) == (130, "")
    assert "Stopped after 3 of 8 updates. Go on with: mtlviz train --resume 1\n" in said
    assert store.run(1).status == "stopped"
    # As the app would: back into the queue, and a worker of its own.
    queue._queue_again(store, 1)
    assert worker.work(store, 1, pace=QUICK) == "finished"
    mtlviz(*quick)
    assert plain(store, 1) == plain(store, 2)


def test_ctrl_c_stops_a_run_that_goes_on_as_if_it_had_not(
    store, quick, mtlviz, monkeypatch, tmp_path
):
    assert mtlviz(*quick)[0] == 0
    at_update(monkeypatch, 5, interrupt)
    out = tmp_path / "out"
    status, _, said = mtlviz(*quick, "--out", out)
    assert status == 130
    assert "Stopped after 5 of 8 updates" in said
    written = json.loads((out / "result.json").read_text())
    assert (written["run"], written["status"], written["update"]) == (2, "stopped", 4)
    # The folder stands for its run; the same flags may be given again, and others may not.
    status, _, said = mtlviz(*quick, "--out", out, "--resume", "--combiner", "pcgrad")
    assert status == 2
    assert "goes on with the settings that run 2 was started with" in said
    status, text, said = mtlviz(*quick, "--out", out, "--resume")
    assert status == 0
    assert "of which 5 are done" in said
    assert "mood" in text
    assert plain(store, 1) == plain(store, 2)
    assert json.loads((out / "result.json").read_text())["status"] == "finished"
    assert len((out / "records.jsonl").read_text().splitlines()) == len(store.records(2))
    assert len(list(out.glob("checkpoint-*"))) == 1
    assert not list(out.glob(".*"))


def test_a_run_of_the_app_goes_on_in_the_shell_from_the_folder_it_was_started_in(
    store, mtlviz, tmp_path, monkeypatch
):
    there, here = tmp_path / "there", tmp_path / "here"
    for place in (there, here):
        place.mkdir()
    lines = [f"text {n} is {'good' if n % 2 else 'bad'},{n % 2}" for n in range(60)]
    (there / "mine.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    config = RunConfig.from_values(
        {
            "data": {"tasks": [{"name": "mine", "source": "table", "path": "mine.csv"}]},
            "capacity": {"width": 8, "vector_width": 6},
            "device": "cpu",
        }
    )
    monkeypatch.chdir(there)
    run, other = store.create_run(config), store.create_run(config)

    def stop(record):
        if record.kind == "step" and record.update == 3:
            interrupt(None)

    assert worker.work(store, run, pace=QUICK, on_record=stop) == "stopped"
    assert worker.work(store, other, pace=QUICK) == "finished"
    monkeypatch.chdir(here)
    status, _, said = mtlviz("--resume", run, "--out", "written")
    assert status == 0, said
    assert plain(store, run) == plain(store, other)
    assert (here / "written" / "result.json").exists()


def test_what_cannot_go_on_is_said(store, quick, mtlviz, tmp_path, monkeypatch):
    assert mtlviz(*quick, "--out", tmp_path / "out")[0] == 0
    assert "Run 1 is finished; only a run that" in mtlviz("--resume", 1)[2]
    other = tmp_path / "elsewhere"
    status, _, said = mtlviz("--resume", tmp_path / "out", "--home", other)
    assert status == 2
    assert f"is not among the runs in {other}; name its home folder with --home" in said
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("mine")
    status, _, said = mtlviz("--resume", 1, "--out", tmp_path / "mine", "--with-stl")
    assert status == 2
    assert "is not empty" in said


def test_ctrl_c_while_a_run_is_set_up_is_a_word_and_the_run_can_begin_later(
    store, quick, mtlviz, monkeypatch
):
    def endless(*_, **__):
        interrupt(None)
        time.sleep(30)

    with monkeypatch.context() as slow:
        slow.setattr(train, "start", endless)
        status, text, said = mtlviz(*quick)
    assert (status, text) == (130, "")
    assert said == "Stopped after 0 of ? updates. Go on with: mtlviz train --resume 1\n"
    assert mtlviz("--resume", 1)[0] == 0
    assert store.run(1).updates == 8


def test_an_error_in_the_middle_is_said_with_its_log_and_costs_no_record(
    store, quick, mtlviz, monkeypatch
):
    def broken(shell):
        raise DataError("The second table has no labels.")

    at_update(monkeypatch, 4, broken)
    status, _, said = mtlviz(*quick)
    assert status == 1
    assert "The second table has no labels.\nIts log: " in said
    assert "Failed after 4 of 8 updates. Go on with: mtlviz train --resume 1" in said
    assert "no labels" in store.log(1)
    assert mtlviz("--resume", 1)[0] == 0


def test_tasks_alone_are_stored_under_the_name_of_their_run_and_not_trained_twice(
    store, quick, mtlviz
):
    assert mtlviz(*quick, "--with-stl")[0] == 0
    assert [found.name for found in reversed(store.runs())] == [
        "quick",
        "quick · mood alone",
        "quick · topic alone",
    ]
    status, text, said = mtlviz(*quick, "--with-stl")
    assert status == 0
    assert "quick · mood alone: stored as run 2." in said
    assert len(store.runs()) == 4
    mood = next(line for line in text.splitlines() if line.startswith("mood"))
    assert f"{store.result(2).scores[0]:.3f}" in mood


def test_tasks_alone_get_the_updates_really_made_and_as_many_evaluations(store, quick, mtlviz):
    # A learning rate this small never changes a prediction: patience runs out after two more.
    flags = ["--epochs", "12", "--learning-rate", "1e-9", "--set", "optimisation.patience=2"]
    robin = ["--scheduler", "round_robin", "--with-stl"]
    assert mtlviz(*quick, *flags, *robin)[0] == 0
    made = store.run(1).updates
    assert made < store.run(1).planned
    evaluations = len(store.records(1, kinds=("evaluation",)))
    for number in (2, 3):
        assert store.run(number).planned == made // 2
        assert len(store.records(number, kinds=("evaluation",))) == evaluations


def test_after_a_divergence_no_task_is_trained_alone(store, quick, mtlviz):
    famo = [
        "--weighting",
        "famo",
        "--set",
        'optimisation.weighting_options={"lowest_losses":[5,5]}',
    ]
    status, text, said = mtlviz(*quick, *famo, "--with-stl")
    assert status == 0
    assert "The run diverged, so no task is trained alone" in said
    assert "alone" not in text
    assert len(store.runs()) == 1


def test_ctrl_c_while_a_task_trains_alone_goes_on_there(store, quick, mtlviz, monkeypatch):
    at_update(monkeypatch, 3, interrupt, name="quick · topic alone")
    status, _, said = mtlviz(*quick, "--with-stl")
    assert status == 130
    assert "Stopped after 3 of 8 updates of run 3, quick · topic alone." in said
    assert "Go on with: mtlviz train --resume 1 --with-stl" in said
    assert [store.run(number).status for number in (1, 2, 3)] == ["finished"] * 2 + ["stopped"]
    status, text, said = mtlviz("--resume", 1, "--with-stl")
    assert status == 0
    assert "of which 3 are done" in said
    assert len(store.runs()) == 3
    assert all(f"{store.result(n).scores[0]:.3f}" in text for n in (2, 3))


def test_a_stored_run_is_shown_with_what_tells_it_from_others(store, quick, mtlviz, capsys):
    mtlviz(*quick, "--combiner", "pcgrad", "--seed", "3")
    assert cli.main(["runs", "show", "1"]) == 0
    shown = capsys.readouterr().out
    assert "tasks    mood, topic; seed 3" in shown
    assert "encoder  mean, width 8, sharing hard" in shown
    assert "trained  joint, pcgrad, weighting equal" in shown


def test_threads_that_wait_do_not_spin_in_the_shell_nor_in_workers(
    store, quick, mtlviz, monkeypatch
):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    mtlviz(*quick)
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert capacity.environment(0, 1)["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    mtlviz(*quick)
    assert capacity.environment(0, 1)["OMP_WAIT_POLICY"] == "ACTIVE"
