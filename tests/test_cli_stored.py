"""Runs trained in the shell are the store's: seen, stopped and gone on with from anywhere."""

import json
import os
import signal
import time

import pytest
import torch

from mtlviz import cli
from mtlviz.cli.shell_run import ShellRun
from mtlviz.engine import checkpoint, train
from mtlviz.engine.config import RunConfig
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import to_json
from mtlviz.engine.tasks import load_tasks
from mtlviz.errors import DataError
from mtlviz.runs import machine_slots, queue, worker
from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.export import export
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


def without_time(record):
    return {name: value for name, value in record.items() if name != "seconds"}


def plain(store, run):
    records = (to_json(record) for _, record in store.records(run))
    return [without_time(record) for record in records]


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


def test_a_checkpoint_that_the_disk_has_changed_is_refused_and_the_one_before_is_used(
    store, quick, mtlviz, monkeypatch, tmp_path
):
    assert mtlviz(*quick)[0] == 0
    for update in (3, 5):
        at_update(monkeypatch, update, interrupt)
        assert mtlviz(*(quick if update == 3 else ("--resume", 2)))[0] == 130
    exported = export(store, 2, tmp_path / "exported")
    assert len(list(exported.glob("checkpoint-*"))) == 1
    newest, before = checkpoints(store.folder(2)).values()
    content = bytearray(newest.read_bytes())
    content[-5] ^= 1
    newest.write_bytes(content)
    status, _, said = mtlviz("--resume", 2)
    assert status == 2
    assert said.strip().splitlines()[-1].startswith(f"{newest.name} is damaged")
    assert "resume once more to go on from the checkpoint before it" in said
    status, _, said = mtlviz("--resume", 2)
    assert status == 0, said
    assert "of which 3 are done" in said
    assert before.name != newest.name
    assert plain(store, 1) == plain(store, 2)


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
    assert status == 1
    assert "The run diverged, so no task is trained alone" in said
    assert "alone" not in text
    assert len(store.runs()) == 1


def test_a_run_that_diverged_before_a_score_keeps_its_reason_and_what_is_known(
    store, quick, mtlviz, capsys
):
    lowest = 'optimisation.weighting_options={"lowest_losses":[5,5]}'
    status, text, _ = mtlviz(*quick, "--weighting", "famo", "--set", lowest)
    assert status == 1
    assert "ended before its first evaluation" in text
    assert "best mean" not in text
    mood = next(line for line in text.splitlines() if line.startswith("mood"))
    assert mood.split()[2] == "–"
    assert 0.4 < float(mood.split()[3]) < 0.7
    assert cli.main(["runs", "show", "1"]) == 0
    assert "  divergence: The famo weighting" in capsys.readouterr().out


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


def test_a_stored_run_of_phases_is_shown_with_them(store, quick, mtlviz, capsys):
    phases = "mood share=0.5 > topic combiner=pcgrad"
    mtlviz(*quick, "--set", f"optimisation.phases={phases}")
    assert cli.main(["runs", "show", "1"]) == 0
    shown = capsys.readouterr().out
    assert f"phases   {phases}\n" in shown
    assert "trained  joint, sum, weighting equal where a phase names no other\n" in shown


def test_threads_that_wait_do_not_spin_in_the_shell_nor_in_workers(
    store, quick, mtlviz, monkeypatch
):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    mtlviz(*quick)
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert machine_slots.environment(0, 1)["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    mtlviz(*quick)
    assert machine_slots.environment(0, 1)["OMP_WAIT_POLICY"] == "ACTIVE"


def test_show_with_resume_prints_the_settings_of_that_run(store, quick, mtlviz, tmp_path):
    out = tmp_path / "out"
    assert mtlviz(*quick, "--seed", 5, "--out", out)[0] == 0
    for named in (1, out):
        status, text, _ = mtlviz("--resume", named, "--show")
        assert status == 0
        assert RunConfig.from_json(text) == store.config(1)
    assert mtlviz("--resume", 9, "--show")[2] == "There is no run 9.\n"
    assert "--resume goes on with the settings" in mtlviz("--resume", 1, "--seed", 6, "--show")[2]


def test_the_folder_of_a_killed_run_names_it_from_the_start(
    store, quick, mtlviz, tmp_path, monkeypatch
):
    class Killed(BaseException):
        """Stands for a signal that no process can handle."""

    def die(shell):
        raise Killed

    out = tmp_path / "out"
    at_update(monkeypatch, 3, die)
    with pytest.raises(Killed):
        mtlviz(*quick, "--out", out)
    assert json.loads((out / "result.json").read_text())["run"] == 1
    assert f"go on with it by --resume {out}" in mtlviz(*quick, "--out", out)[2]
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET pid = 0, process_start = 0, heartbeat = 0")
    status, _, said = mtlviz("--resume", out)
    assert status == 0, said
    assert json.loads((out / "result.json").read_text())["status"] == "finished"


def test_the_folder_holds_the_model_of_the_best_scores(store, quick, mtlviz, tmp_path, monkeypatch):
    from safetensors.torch import load_file, load_model

    out, kept = tmp_path / "out", []
    finished = ShellRun.work
    monkeypatch.setattr(ShellRun, "work", lambda shell, pace: kept.append(shell) or
                        finished(shell, pace))  # fmt: skip
    # The first evaluation is the best: a step size of zero changes no score.
    flags = ["--learning-rate", "0.5", "--epochs", "6"]
    assert mtlviz(*quick, *flags, "--out", out)[0] == 0
    best = kept[0].training.best
    written = load_file(out / "model.safetensors")
    assert set(best) <= set(written)
    assert all(torch.equal(best[name], written[name]) for name in best)
    assert set(written) == set(checkpoint.model_tensors(kept[0].training.model))
    assert load_model(kept[0].training.model, out / "model.safetensors") == (set(), [])


def test_time_of_probes_is_said(store, quick, mtlviz, capsys):
    probes = ["--set", "probes.embeddings_every=1", "--set", "probes.affinity_every=1"]
    assert "of it for probes; stored as run 1" in mtlviz(*quick, *probes)[1]
    none = [f"--set=probes.{name}_every=0" for name in ("gram", "planes", "examples")]
    assert mtlviz(*quick, *none)[0] == 0
    first, second = store.result(1), store.result(2)
    seen = sum(record.seconds for _, record in store.records(1, kinds=("snapshot", "affinity")))
    assert seen < first.probe_seconds < first.seconds
    assert second.probe_seconds < 0.1 * first.probe_seconds
    assert cli.main(["runs", "show", "1"]) == 0
    assert "of it for probes" in capsys.readouterr().out


def test_what_the_encoder_makes_no_use_of_is_said_when_the_run_begins(store, quick, mtlviz):
    said = mtlviz(*quick, "--set", "capacity.frozen_layers=3")[2]
    assert "`capacity.frozen_layers` is for checkpoints: the mean encoder has none." in said
    assert "`capacity" not in mtlviz(*quick)[2]


@pytest.fixture
def own_csv(tmp_path, monkeypatch):
    """Makes a folder with a table of the user's own, goes there, and gives flags of a run of it."""

    def made(name, positive):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        rows = [f"{positive if n % 2 else 'dull'} film number {n},{n % 2}" for n in range(40)]
        (folder / "own.csv").write_text("\n".join(["text,label", *rows]) + "\n")
        return folder / "own.csv"

    task = {"source": "table", "path": "own.csv", "options": {"text": "text", "label": "label"}}
    mood = {"name": "mood", "options": {"size": 32, "dev_size": 16}}
    config = {
        "name": "own",
        "data": {"batch_size": 8, "tasks": [{"name": "mine", **task}, mood]},
        "capacity": {"width": 8, "vector_width": 6},
        "optimisation": {"epochs": 1},
    }
    path = tmp_path / "own.json"
    path.write_text(json.dumps(config))
    return made, ["--config", str(path), "--device", "cpu", "--with-stl"]


def test_a_task_alone_is_taken_from_the_store_only_if_its_examples_are_the_same(
    store, mtlviz, own_csv
):
    made, flags = own_csv
    made("a", "lovely")
    assert mtlviz(*flags)[0] == 0
    table = made("b", "splendid")
    _, _, said = mtlviz(*flags)
    assert "own · mine alone: stored" not in said
    assert "own · mood alone: stored as run 3." in said
    table.write_text(table.read_text().replace("splendid", "great"))
    assert "own · mine alone: stored" not in mtlviz(*flags)[2]
    assert "own · mine alone: stored" in mtlviz(*flags)[2]


def test_tasks_of_a_run_whose_examples_have_changed_are_not_trained_alone(store, mtlviz, own_csv):
    made, flags = own_csv
    table = made("a", "lovely")
    assert mtlviz(*flags[:-1])[0] == 0
    table.write_text(table.read_text().replace("lovely", "great"))
    status, _, said = mtlviz("--resume", 1, "--with-stl")
    assert status == 2
    assert "The examples of 'mine' have changed since run 1 was trained" in said
    assert len(store.runs()) == 1


def test_a_task_alone_reads_relative_paths_where_its_run_does(store, mtlviz, own_csv):
    made, flags = own_csv
    table = made("a", "lovely")
    assert mtlviz(*flags[:-1])[0] == 0
    made("b", "splendid")
    assert mtlviz("--resume", 1, "--with-stl")[0] == 0
    assert store.directory(2) == table.parent


def test_a_task_cleaned_of_leaks_alone_can_be_trained_again_from_its_settings(
    store, mtlviz, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    options = {"text": "text", "label": "label", "split": "split"}
    tasks = []
    # The first 20 training examples of `mine` are what `yours` is scored on.
    for name, first in (("mine", 0), ("yours", 100)):
        dev = range(first - 100, first - 80) if name == "yours" else range(200, 220)
        lines = [f"film number {n},{n % 2},train" for n in range(first, first + 60)]
        lines += [f"film number {n},{n % 2},dev" for n in dev]
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,label,split", *lines]) + "\n")
        tasks.append({"name": name, "source": "table", "path": f"{name}.csv", "options": options})
    config = {"data": {"tasks": tasks, "drop_leaked": True}, "optimisation": {"epochs": 1}}
    (tmp_path / "run.json").write_text(json.dumps(config))
    assert mtlviz("--config", "run.json", "--device", "cpu", "--with-stl")[0] == 0
    together, alone = plain_sizes(store, 1), plain_sizes(store, 2)
    assert (together, alone) == ([40, 60], [40])
    again = [to_json(record) for record in train.train(store.config(2))]
    assert [without_time(record) for record in again] == plain(store, 2)


def plain_sizes(store, run):
    config = store.config(run)
    return [len(task.splits["train"]) for task in load_tasks(config.data, generator(0, DATA))]
