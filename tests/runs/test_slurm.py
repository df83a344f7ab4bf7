"""Runs as jobs of Slurm, by submitit's executor for this machine: no cluster is needed, none tried.

What jobs do between driver and store is the same with either; what only a cluster shows (its
queue, its accounting, its file system) no test here has seen.
"""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from mtlviz.cli import main, sweep_start
from mtlviz.cli.launcher import OPTIONS
from mtlviz.errors import ConfigError
from mtlviz.runs import queue, worker
from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.cluster.file_ask import FileAsk, answer_all
from mtlviz.runs.cluster.ray_launcher import RayPlace
from mtlviz.runs.launcher import launcher_of
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.cost import Cost
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs import slurm_server, stand_in
from tests.runs.conftest import plain, stored

pytest.importorskip("submitit")
from mtlviz.runs.cluster import slurm_launcher
from mtlviz.runs.cluster.slurm_driver import Driver, Patience, drive
from mtlviz.runs.cluster.slurm_launcher import SlurmPlace, jobs_folder

HERE = SlurmPlace(cluster="local")
ROOT = Path(__file__).parents[2]
OFTEN = worker.Pace(beat_seconds=0.1, checkpoint_seconds=0.3)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A store of whose runs the queue of this machine starts none."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(queue, "WORKER", ("false",))
    made = Store(tmp_path / "home")
    yield made
    made.close()
    for place in (made.home / "launchers").glob("*-jobs/*"):
        for pid in pids(place):
            os.kill(pid, signal.SIGKILL)


def driver(store, **given):
    values = {"opening": stand_in.opening, "pace": OFTEN, "patience": Patience(60, 60, 20)}
    return Driver(store, HERE, **values | given)


def waiting(store, *args, **options):
    return store.create_run(stand_in.config(*args, **options), launcher=HERE.name)


def steps(made, until, seconds=60):
    """Let a driver do its work until something holds."""
    end = time.monotonic() + seconds
    while not until():
        made.step()
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def pids(folder):
    """The processes of this machine that work in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words and "submitit" in words:
            found.append(int(place.parent.name))
    return found


def whole(store, run):
    """Whether a run has finished with every record once, in order."""
    return store.run(run).status == "finished" and stored(store, run) == plain(
        stand_in.all_records(store.config(run))
    )


def test_what_is_asked_by_a_file_is_answered_once_and_waits_for_a_sink(tmp_path):
    asked = []

    def sink(what, *given):
        asked.append(what)
        return None, [what, *given]

    tired = FileAsk(tmp_path, patience=0.05)
    assert tired("append", 1, "mine")[0] == "lost"
    assert not list(tmp_path.iterdir())
    place = tmp_path / "00000000-other.ask"
    from mtlviz.runs.cluster import file_ask

    file_ask._write(place, ("begin", 1, "mine", 2.5))
    assert answer_all(tmp_path, sink)
    assert file_ask._read(place.with_suffix(".answer")) == (None, ["begin", 1, "mine", 2.5])
    assert not answer_all(tmp_path, sink)
    assert asked == ["begin"]


def test_jobs_leave_in_the_store_what_runs_here_leave_and_the_queue_leaves_them_alone(here):
    runs = [waiting(here, 40, seed=seed) for seed in range(2)]
    queue.tick(here)
    assert {run.status for run in here.runs()} == {"queued"}
    made = driver(here)
    steps(made, lambda: len(here.runs(("finished",))) == 2 and not made.jobs)
    assert all(whole(here, run) for run in runs)
    own = here.create_run(stand_in.config(40), queued=False)
    worker.work(here, own, opening=stand_in.opening, pace=OFTEN)
    assert stored(here, runs[0]) == stored(here, own)
    assert here.result(runs[0]) == here.result(own)
    assert not list(jobs_folder(here, HERE.name).iterdir())


@pytest.mark.slow
def test_jobs_outlive_their_driver_and_the_next_one_takes_them_back(here):
    run = waiting(here, 150, delay=0.02)
    first = driver(here)
    steps(first, lambda: here.run(run).updates > 10)
    before = first.jobs[run]
    # As after a driver that was killed: whoever looks takes its runs for broken off.
    with here.connections.writing() as connection:
        change = "UPDATE runs SET status = 'interrupted', claim = NULL, finished = 1, error = '-'"
        connection.execute(change)
    second = driver(here)
    assert (second.jobs[run].token, here.run(run).status) == (before.token, "running")
    steps(second, lambda: here.run(run).status == "finished" and not second.jobs)
    assert whole(here, run)
    assert here.run(run).edition == 0  # Nothing was done twice.
    before.submitted._process.wait()


@pytest.mark.slow
def test_a_job_that_is_killed_goes_on_from_its_checkpoint_in_another(here):
    run = waiting(here, 150, delay=0.02)
    made = driver(here)
    steps(made, lambda: checkpoints(here.folder(run)))
    token = made.jobs[run].token
    for pid in pids(made.jobs[run].folder):
        os.kill(pid, signal.SIGKILL)
    steps(made, lambda: here.run(run).status == "finished" and not made.jobs)
    assert whole(here, run)
    assert token not in str(made.jobs)
    assert len(here.runs()) == 1


@pytest.mark.slow
def test_a_job_whose_time_is_over_saves_and_goes_on_in_another(here):
    run = waiting(here, 150, delay=0.02)
    made = driver(here)
    steps(made, lambda: here.run(run).updates > 20)
    first = made.jobs[run]
    for pid in pids(first.folder):
        if "_submit" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGUSR2)  # As Slurm does before the time is over.
    steps(made, lambda: run in made.jobs and made.jobs[run].token != first.token)
    assert here.run(run).updates > 20
    steps(made, lambda: here.run(run).status == "finished" and not made.jobs)
    assert whole(here, run)
    assert here.run(run).edition == 0  # It had saved to the last record.


@pytest.mark.slow
def test_what_is_stopped_ends_and_what_waits_for_slurm_leaves_it(here):
    going = waiting(here, 2000, delay=0.02)
    made = driver(here)
    steps(made, lambda: here.run(going).updates > 5)
    late = waiting(here, 2000, delay=0.02)
    steps(made, lambda: late in made.jobs)
    launcher = launcher_of(here, HERE.name)
    launcher.stop([going, late])
    assert here.run(late).status in ("stopped", "running")
    steps(made, lambda: not made.jobs)
    assert {run.status for run in here.runs()} == {"stopped"}


@pytest.mark.slow
def test_a_run_that_kills_every_job_fails_with_a_sentence(here, monkeypatch):
    run = waiting(here, 20)
    made = driver(here, opening=deadly)
    steps(made, lambda: here.run(run).status == "failed" and not made.jobs, 120)
    assert "was begun 5 times" in here.run(run).error


def deadly(config, checkpoint):
    os._exit(9)


def test_a_job_that_slurm_does_not_take_fails_in_a_sentence(here, monkeypatch):
    run = waiting(here, 20)
    place = SlurmPlace(partition="long")
    with here.connections.writing() as connection:
        connection.execute("UPDATE runs SET launcher = ?", (place.name,))
    monkeypatch.setattr(Driver, "linger_seconds", 0.1)
    drive(here, place)  # There is no Slurm on this machine.
    assert here.run(run).status == "failed"
    assert "Slurm did not take the run: Could not detect" in here.run(run).error


@pytest.mark.slow
def test_a_sweep_of_the_shell_goes_to_slurm_and_is_told_to_its_end(
    here, tmp_path, monkeypatch, capsys
):
    cost = Cost(settings=2, runs=2, alone=0, seconds=None, memory=None, at_once=2)
    monkeypatch.setattr(sweep_start, "sweep_cost", lambda *_: cost)
    monkeypatch.setattr(sweep_start, "_POLL_SECONDS", 0.2)
    monkeypatch.setattr(slurm_launcher, "DRIVER", slurm_server.COMMAND)
    place = tmp_path / "sweep.json"
    base = json.loads(stand_in.config(updates=20).to_json())
    over = {"optimisation.learning_rate": [1e-3, 1e-2]}
    place.write_text(json.dumps({"name": "mine", "base": base, "over": over, "seeds": 1}))
    home = ["--home", str(here.home)]
    flags = ["--launcher", "slurm", "--cluster", "local", "--minutes", "30"]
    assert main(["sweep", str(place), *home, *flags]) == 0
    assert "finished: 2 of 2 runs" in capsys.readouterr().out
    assert stored_sweep(here, 1).launcher == "slurm minutes=30 cluster=local"
    assert all(whole(here, run.id) for run in here.runs())


def test_options_of_another_launcher_are_refused(capsys, here):
    flags = ["--over", "data.batch_size=8,16", "--home", str(here.home)]
    assert main(["sweep", *flags, "--launcher", "ray", "--partition", "long"]) == 2
    assert "--partition belongs to --launcher slurm." in capsys.readouterr().err
    assert main(["sweep", *flags, "--launcher", "slurm", "--minutes", "-5"]) == 2
    assert "minutes" in capsys.readouterr().err
    assert here.runs() == []


def test_every_option_of_a_launcher_can_be_given_in_the_shell():
    assert set(OPTIONS["slurm"]) == set(SlurmPlace.model_fields)
    assert set(OPTIONS["ray"]) == set(RayPlace.model_fields)


def test_the_name_of_a_place_says_all_of_it():
    place = SlurmPlace(partition="long,short", minutes=30, gpus=1, account="lab-7")
    assert place.name == "slurm partition=long,short minutes=30 gpus=1 account=lab-7"
    assert SlurmPlace.of(place.name) == place
    assert SlurmPlace.of("slurm") == SlurmPlace()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slurm minutes=0", "minutes"),
        ("slurm minutes=x", "minutes"),
        ("slurm partition=a;b", "partition"),
        ("slurm nodes=2", "nodes"),
        ("slurm long", "no launcher"),
        ("pigeon", "no launcher"),
    ],
)
def test_a_wrong_place_is_refused_in_a_sentence(here, name, said):
    with pytest.raises(ConfigError, match=said):
        launcher_of(here, name)


def test_without_submitit_a_sentence_says_how_to_get_it(here, monkeypatch):
    monkeypatch.setattr(slurm_launcher, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'pip install "mtlviz\[slurm\]"'):
        launcher_of(here, "slurm")
