"""The script of a run: it trains the run again and every record comes out the same."""

import os
import runpy
import subprocess
import sys

import pytest

from mtlviz.engine.presets import preset
from mtlviz.runs.export import export
from mtlviz.runs.script import FILE, line, script
from mtlviz.runs.worker import work
from tests.runs.compare_runs import settings, stored

RECORDS = "records.jsonl"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def one_thread(monkeypatch):
    """Train here as a worker with one thread would."""
    import torch

    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(store, **changes):
    """A short run of two small built-in tasks, trained and stored."""
    config = preset("default")
    tasks = [task.model_dump(mode="json") for task in config.data.tasks[:2]]
    small = [{**task, "train_examples": 40, "dev_examples": 20} for task in tasks]
    small[0]["options"]["size"] = 40
    for place, value in {
        "data.tasks": small, "data.batch_size": 20,
        "optimisation.combiner": "pcgrad", "optimisation.max_updates": 3, "seed": 7,
        "probes.evaluate_every": 2, "probes.embeddings_every": 2, "name": 'a "name"\\',
        **changes,
    }.items():  # fmt: skip
        config = config.changed_at(place, value)
    run = store.create_run(config)
    assert work(store, run) == "finished"
    return run


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch, capsys):
    """Run a script here, as where torch is loaded already; its exit code and what it prints."""

    def run(text):
        (tmp_path / FILE).write_text(text)
        monkeypatch.setattr(sys, "argv", [FILE, "--records", str(tmp_path / RECORDS)])
        code = 0
        try:
            runpy.run_path(str(tmp_path / FILE), run_name="__main__")
        except SystemExit as ended:
            code = ended.code or 0
        return code, capsys.readouterr().out

    return run


def test_the_script_gives_the_same_scores_and_records_to_the_last_byte(
    store, tmp_path, one_thread, in_a_folder
):
    run = trained(store)
    code, printed = in_a_folder(script(store, run))
    assert code == 0, printed
    recorded = [record for _, record in store.records(run)]
    assert (tmp_path / RECORDS).read_text() == "".join(map(line, recorded))
    assert {record.kind for record in recorded} == {"step", "evaluation", "snapshot"}
    for task, score in zip(store.result(run).tasks, store.result(run).scores, strict=True):
        assert f"{task}: {score!r}, stored {score!r}" in printed
    assert f"{len(recorded)} records: the same as stored." in printed


@pytest.mark.slow
def test_a_process_of_its_own_gives_the_same_records(store, tmp_path, one_thread):
    run = trained(store)
    (tmp_path / FILE).write_text(script(store, run))
    command = [sys.executable, "-W", "ignore", FILE, "--records", RECORDS]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    recorded = [record for _, record in store.records(run)]
    assert (tmp_path / RECORDS).read_text() == "".join(map(line, recorded))


def test_a_script_whose_settings_were_changed_says_that_it_is_not_the_same(
    store, one_thread, in_a_folder
):
    code, printed = in_a_folder(script(store, trained(store)).replace("'seed': 7", "'seed': 8"))
    assert code == 1
    assert "NOT the same as stored" in printed


def test_the_script_imports_nothing_of_the_package_but_its_public_interface(store):
    text = script(store, stored(store, settings(), (0.8, 0.7)))
    imported = [part for part in text.splitlines() if part.startswith(("import", "from"))]
    ours = [part for part in imported if "mtlviz" in part]
    assert ours == ["import mtlviz"]


def test_names_cannot_break_the_script(store):
    name = '@SCORES@"""\'\\'
    text = script(store, stored(store, settings(name=name, tasks=(name, "b")), (0.8, 0.7)))
    compiled = {}
    exec(compile(text.partition("\ndef line")[0], FILE, "exec"), compiled)
    assert compiled["SETTINGS"]["name"] == name
    assert compiled["SCORES"] == {name: 0.8, "b": 0.7}


def test_a_run_without_scores_has_a_script_too(store):
    run = stored(store, settings(), None, status="stopped")
    assert "SCORES = {}" in script(store, run)


def test_an_export_has_the_script_beside_the_settings(store, tmp_path):
    run = stored(store, settings(), (0.8, 0.7))
    folder = export(store, run, tmp_path / "out")
    assert (folder / FILE).read_text() == script(store, run)
    assert (folder / "config.json").read_text() == store.config(run).to_json() + "\n"
