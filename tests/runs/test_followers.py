"""Runs of two real processes, which gloo brings together: equal to one, killed, resumed."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from mtlviz.engine.records import StepRecord
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.text_words import split_words
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.runs import followers, machine_slots, queue
from mtlviz.runs.failures import DiskFull
from mtlviz.runs.followers import Followers
from mtlviz.runs.lease import Lease, lease
from mtlviz.runs.source import training
from mtlviz.runs.store import Store
from mtlviz.runs.worker import Pace, work
from tests.checkpoints import MARKS, WORDS, write_model
from tests.engine.test_ranks import apart, without_dropout
from tests.engine.test_train import config, timeless
from tests.runs import stand_in
from tests.runs.conftest import wait_for

METHODS = ({}, {"combiner": "pcgrad"}, {"weighting": "gradnorm"})


def trained(chosen, checkpoint=None):
    source = training(chosen, checkpoint)
    return source.training, list(source.records())


def tiny_bert(folder, chosen):
    """A small BERT that knows words of the run's texts: it could not tell unknown ones apart."""
    write_model(folder, "bert", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    tasks = load_tasks(chosen.data, np.random.default_rng(0))
    texts = " ".join(text for task in tasks for text in task.splits["train"].first)
    common = [word for word, _ in Counter(split_words(texts)).most_common(WORDS - len(MARKS))]
    file = folder / "tokenizer.json"
    made = json.loads(file.read_text())
    made["model"]["vocab"] = {word: number for number, word in enumerate([*MARKS, *common])}
    file.write_text(json.dumps(made))
    return {"encoder": "checkpoint", "checkpoint": str(folder)}


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS, ids=["sum", "pcgrad", "gradnorm"])
@pytest.mark.parametrize("encoder", ["lstm", "bert"])
def test_two_processes_are_one_after_twenty_updates(encoder, method, tmp_path):
    budget = {"epochs": 20, "max_updates": 20, "learning_rate": 1e-3}
    chosen = without_dropout(config(3, data={"max_length": 32}, **budget, **method))
    capacity = {"encoder": "lstm"} if encoder == "lstm" else tiny_bert(tmp_path / "bert", chosen)
    chosen = chosen.with_values({f"capacity.{name}": value for name, value in capacity.items()})
    (alone, expected), (both, found) = (
        trained(chosen.changed_at("processes", count)) for count in (1, 2)
    )
    assert alone.progress.update == both.progress.update == 20
    # The softmax of attention does not see a bias of all keys: its gradient is zero but for
    # rounding, of which AdamW makes steps.
    for name, parameter in both.model.named_parameters():
        if not name.endswith("key.bias"):
            other = alone.model.get_parameter(name)
            difference = float((parameter - other).detach().abs().max())
            assert difference <= 1e-5, name
    assert [type(record) for record in found[1:]] == [type(record) for record in expected]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(machine_slots, "cores", lambda: 4)
    store = Store(tmp_path / "home")
    yield store
    store.close()


def long_run(**changes):
    return config(2, combiner="pcgrad", epochs=40, **changes).changed_at("processes", 2)


@pytest.mark.slow
def test_a_killed_process_ends_the_run_in_one_sentence_and_it_goes_on_exactly(
    home, monkeypatch, caplog
):
    chosen, made = long_run(), []
    _, expected = trained(chosen)
    monkeypatch.setattr(
        followers, "Followers", lambda size: made.append(Followers(size)) or made[-1]
    )
    run = home.create_run(chosen)

    def killing(record):
        if isinstance(record, StepRecord) and record.update == 20:
            made[0]._processes[0].kill()

    assert work(home, run, pace=Pace(checkpoint_seconds=0.0), on_record=killing) == "failed"
    said = home.run(run).error
    assert said == (
        "Process 2 of 2 of this run was killed; the run can go on from its last checkpoint."
    )
    assert 20 <= home.run(run).updates < len(expected)
    monkeypatch.setattr(queue, "tick", lambda store: [])
    queue.resume(home, run)
    assert work(home, run) == "finished"
    stored = [record for _, record in home.records(run)]
    assert timeless(stored) == timeless(expected)
    assert all(process.poll() is not None for each in made for process in each._processes)


@pytest.mark.slow
def test_with_dropout_it_repeats_and_a_stopped_run_goes_on_exactly(home):
    chosen = long_run()
    whole, _ = trained(chosen)
    run = home.create_run(chosen)

    def stopping(record):
        if isinstance(record, StepRecord) and record.update == 15:
            os.kill(os.getpid(), signal.SIGTERM)

    assert work(home, run, on_record=stopping) == "stopped"
    assert not torch.distributed.is_initialized()
    assert home.run(run).updates == 16
    source = training(chosen, next(home.folder(run).glob("*.safetensors")))
    list(source.records())
    assert apart(whole, source.training) == 0


@pytest.mark.slow
def test_followers_end_where_planning_fails_after_they_have_come(home, monkeypatch):
    made = []
    monkeypatch.setattr(
        followers, "Followers", lambda size: made.append(Followers(size)) or made[-1]
    )

    def full(*_):
        raise DiskFull

    monkeypatch.setattr(Lease, "plan", full)
    assert work(home, home.create_run(long_run())) == "failed"
    assert all(process.poll() is not None for each in made for process in each._processes)
    assert len(made) == 1
    assert not torch.distributed.is_initialized()


def test_a_process_that_never_comes_is_waited_for_only_so_long(monkeypatch):
    monkeypatch.setenv("MTLVIZ_MEETING_SECONDS", "1")
    idle = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(
        Followers, "_started", lambda self, rank: subprocess.Popen(idle, stdin=subprocess.PIPE)
    )
    found = Followers(3)
    with pytest.raises(MtlvizError) as refused:
        found.meet()
    found.end()
    assert str(refused.value) == (
        "Of the 3 processes of this run, number 2 and 3 have not come in 1 s "
        "(MTLVIZ_MEETING_SECONDS sets how long is waited); the run can go on from its last "
        "checkpoint."
    )


def test_nor_is_one_that_others_have_started(monkeypatch):
    monkeypatch.setenv("MTLVIZ_MEETING_SECONDS", "1")
    store = torch.distributed.HashStore()
    store.set("mtlviz-here-0", "")
    with pytest.raises(MtlvizError, match="Of the 3 processes of this run, number 2 has not come"):
        followers.await_all(store, 2, 3)
    followers.await_all(store, 1, 3)
    monkeypatch.setenv("MTLVIZ_MEETING_SECONDS", "soon")
    with pytest.raises(ConfigError, match="MTLVIZ_MEETING_SECONDS must be a whole number"):
        followers.await_all(store, 0, 3)


@pytest.mark.slow
def test_followers_end_with_the_process_that_started_them(tmp_path):
    code = (
        "import os, sys, time\n"
        "from mtlviz.runs.followers import Followers\n"
        "found = Followers(2); found.meet()\n"
        "print(found._processes[0].pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    follower = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not Path(f"/proc/{follower}").exists())


@pytest.mark.slow
def test_torchrun_trains_what_the_settings_ask_for(tmp_path):
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "mtlviz",
        "train", "--epochs", "1", "--set", "optimisation.max_updates=2",
    ]  # fmt: skip
    env = {**os.environ, "MTLVIZ_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    env["PYTHONPATH"] = str(Path(followers.__file__).parents[2])
    assert subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0
    store = Store(tmp_path)
    (found,) = store.runs()
    assert (found.status, found.updates, store.config(found.id).processes) == ("finished", 2, 2)
    wrong = subprocess.run(
        [*command, "--processes", "3"], env=env, capture_output=True, text=True, check=False
    )
    assert wrong.returncode
    assert "torchrun has started 2 processes, but `processes` is 3." in wrong.stderr
    store.close()


def test_more_processes_than_the_machine_has_devices_are_refused(home, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(ConfigError, match=r"5 processes need a processor core each, .* offers 4"):
        queue.start(home, stand_in.config().changed_at("processes", 5))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    with pytest.raises(ConfigError, match=r"3 processes need a GPU each, .* offers 2"):
        queue.start(home, stand_in.config().changed_at("processes", 3))
    assert home.runs() == []


@pytest.mark.parametrize(
    ("taken", "wanted", "first"),
    [
        ([], 2, 0), ([(0, 1)], 2, 1), ([(1, 1)], 2, 2), ([(0, 2), (2, 1)], 2, None),
        ([(0, 1), (2, 1)], 2, None), ([(None, 1)], 3, 0), ([(3, 1)], 1, 0),
    ],
)  # fmt: skip
def test_a_run_has_neighbouring_gpus_or_waits(taken, wanted, first, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3")
    assert machine_slots.free_slot(taken, wanted, 4) == first


def test_a_run_of_several_processes_has_all_gpus_where_one_run_may_be_active(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    assert machine_slots.environment(0, 1)["CUDA_VISIBLE_DEVICES"] == "4,5"
    assert machine_slots.environment(1, 2)["CUDA_VISIBLE_DEVICES"] == "5"


def test_the_queue_gives_a_run_as_many_gpus_as_it_has_processes(home, monkeypatch):
    monkeypatch.delenv("MTLVIZ_RUNS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    given = []
    monkeypatch.setattr(queue, "_launch", lambda store, run, values: given.append((run, values)))
    counts = (1, 2, 2, 1)
    settings = [stand_in.config().changed_at("processes", count) for count in counts]
    first, second, *_ = queue.start_all(home, settings)
    # The third needs two places and has one: it waits, and so does who comes after it.
    assert [run for run, _ in given] == [first, second]
    assert [values["CUDA_VISIBLE_DEVICES"] for _, values in given] == ["4", "5,6"]
    assert [values["OMP_NUM_THREADS"] for _, values in given] == ["1", "2"]
    lease(home, second).finish("finished")
    queue.tick(home)
    assert [values["CUDA_VISIBLE_DEVICES"] for _, values in given] == ["4", "5,6", "5,6", "7"]
