"""Runs handed to others: packed, opened as recorded runs, and hostile files refused."""

import gzip
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from safetensors.numpy import save

from mtlviz.access import Access, chosen
from mtlviz.cli import main
from mtlviz.engine.records import Note, Snapshot, to_json
from mtlviz.errors import DataError
from mtlviz.runs import pack_file, queue, sharing_study
from mtlviz.runs.examples import EXAMPLES, FOLDER, example_file, open_example, packaged
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease, resume_in_process
from mtlviz.runs.pack_file import packed, unpacked
from mtlviz.runs.recorded_runs import open_file, open_pack, pack_runs
from mtlviz.runs.single_task import signatures
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import forget_study, stored_study, studies
from tests.runs.compare_runs import settings, stored
from tests.runs.stand_in import config as stand_in_config


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """The bytes of a pack of two runs: an example of the app, two of its runs, packed again."""
    store = Store(tmp_path_factory.mktemp("packing"))
    runs = open_example(store, "built-in").runs
    content = pack_runs(store, [runs[0], runs[1]], "Two of them", "Made for a test.")
    store.close()
    return content


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "home")
    yield made
    made.close()


def changed(content, change):
    """A pack with its text changed by a function, and its arrays by what that returns."""
    text, arrays = unpacked(content)
    arrays = change(text, arrays) or arrays
    return packed(text, arrays)


def records_of(store, run):
    return [json.dumps(to_json(record)) for _, record in store.records(run)]


def test_an_opened_pack_holds_every_record_of_the_runs_that_were_packed(store, tmp_path):
    source = Store(tmp_path / "source")
    first = open_example(source, "built-in").runs[0]
    opened = open_pack(store, pack_runs(source, [first], "One", "Why."))
    (run,) = opened.runs
    assert (opened.title, opened.about) == ("One", "Why.")
    assert records_of(store, run) == records_of(source, first)
    assert store.result(run) == source.result(first)
    assert store.config(run) == source.config(first)
    kept = ("name", "status", "created", "started", "finished", "updates", "planned", "metrics",
            "fingerprints")  # fmt: skip
    for name in kept:
        assert getattr(store.run(run), name) == getattr(source.run(first), name), name
    kinds = {record.kind for _, record in store.records(run)}
    assert {"step", "evaluation", "snapshot"} <= kinds
    source.close()


def test_a_pack_opened_twice_is_there_once_and_what_was_deleted_comes_back(store, pack):
    first = open_pack(store, pack).runs
    assert open_pack(store, pack).runs == first
    store.delete(first[1])
    again = open_pack(store, pack).runs
    assert again[0] == first[0]
    assert again[1] not in first
    assert len(store.runs()) == 2


def test_a_recorded_run_is_read_only(store, pack):
    def stop(text, arrays):
        text["runs"][0]["status"] = "stopped"

    run = open_pack(store, changed(pack, stop)).runs[0]
    assert not store.run(run).resumable
    for act in (queue.resume, queue.retry, resume_in_process, lease):
        with pytest.raises(StoreError):
            act(store, run)
    with pytest.raises(StoreError, match="recorded"):
        queue.retry(store, run)
    assert store.run(run).updates > 0


def test_only_ended_runs_are_packed(store):
    run = store.create_run(stand_in_config())
    with pytest.raises(StoreError, match="queued"):
        pack_runs(store, [run])


@pytest.mark.parametrize("said", [{"title": "x" * 121}, {"about": "\x1b[31m"}])
def test_words_that_nobody_could_open_are_not_packed(store, pack, said):
    with pytest.raises(StoreError, match="plain text of at most 120"):
        pack_runs(store, open_pack(store, pack).runs, **said)


def test_no_folder_of_this_machine_is_in_a_pack(store, tmp_path):
    run = stored(store, settings(), [0.5, 0.5])
    capacity = {"encoder": "checkpoint", "checkpoint": str(tmp_path / "secret" / "encoder")}
    config = settings().with_values({f"capacity.{name}": each for name, each in capacity.items()})
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET config = ? WHERE id = ?", (config.to_json(), run))
    text, _ = unpacked(pack_runs(store, [run]))
    assert str(tmp_path) not in json.dumps(text)
    named, _ = unpacked(pack_runs(store, [run], encoder="group/encoder"))
    assert named["runs"][0]["config"]["capacity"]["checkpoint"] == "group/encoder"


def test_settings_of_a_pack_read_no_more_than_a_visitor_may(store, pack):
    run = open_pack(store, pack).runs[0]
    assert not store.access(run).everywhere


def test_a_recorded_run_is_no_baseline_of_runs_outside_its_pack(store, pack):
    from mtlviz.runs.flat_settings import flat
    from mtlviz.runs.scored_run import scored_run

    run = store.run(open_pack(store, pack).runs[1])
    config = store.config(run.id)
    scores = [record for _, record in store.records(run.id, kinds=("evaluation",))]
    counts = (run.updates,) * len(config.data.tasks)
    recorded = signatures(scored_run(run, flat(config), scores, counts), config)
    own = type(run)(**{**vars(run), "recorded": None})
    trained = signatures(scored_run(own, flat(config), scores, counts), config)
    assert recorded[0] is not None
    assert recorded[0].data == trained[0].data
    assert recorded != trained


# --- hostile files ------------------------------------------------------------------------------


def zipped(content):
    """The same bytes at any moment: the time of packing would be part of a test's name."""
    return gzip.compress(content, mtime=0)


def bomb():
    return zipped(bytes(2**24))


def test_what_unpacks_out_of_proportion_is_refused_before_it_is_unpacked(store, monkeypatch):
    content = bomb()
    assert len(content) < 2**20
    with pytest.raises(DataError, match="unpacks to more than"):
        open_pack(store, content)
    monkeypatch.setattr(pack_file, "LARGEST_PACKED", 1000)
    with pytest.raises(DataError, match="larger than"):
        open_pack(store, bytes(1001))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        b"\x80\x04\x95.",  # A pickle.
        zipped(b"\x80\x04\x95."),
        zipped(b""),
        zipped((2**40).to_bytes(8, "little") + b"{}"),
        zipped(save({"other": np.zeros(3)})),
        zipped(save({"pack": np.frombuffer(b"[1]", np.uint8)})),
        zipped(save({"pack": np.frombuffer(b"[" * 10_000, np.uint8)})),
        zipped(save({"pack": np.frombuffer(b'{"format": "mtlviz runs"}', np.uint8)})),
    ],
)
def test_what_is_no_pack_is_refused_in_one_sentence(store, content):
    with pytest.raises(DataError) as refused:
        open_pack(store, content)
    assert "\n" not in str(refused.value)
    assert not store.runs()


def test_a_cut_or_changed_file_is_refused(store, pack):
    for content in (pack[:-20], pack[: len(pack) // 2], pack[:-8] + bytes(8)):
        with pytest.raises(DataError):
            open_pack(store, content)
    assert not store.runs()


def test_more_arrays_than_a_pack_may_have_are_refused(store, pack, monkeypatch):
    monkeypatch.setattr(pack_file, "MOST_ARRAYS", 10)
    with pytest.raises(DataError, match="at most 10"):
        open_pack(store, pack)


def no_runs(text, arrays):
    text["runs"] = []


def many_runs(text, arrays):
    text["runs"] = [{}] * 10_000


def escapes(text, arrays):
    text["title"] = "\x1b[2J"


def newer(text, arrays):
    text["version"] = 2


def queued(text, arrays):
    text["runs"][0]["status"] = "queued"


def odd_metric(text, arrays):
    text["runs"][0]["metrics"] = ["accuracy"] * 3 + ["../../etc/passwd"]


def too_few_metrics(text, arrays):
    text["runs"][0]["metrics"] = ["accuracy"]


def unknown_combiner(text, arrays):
    text["runs"][0]["config"]["optimisation"]["combiner"] = "__import__"


def infinite_time(text, arrays):
    text["runs"][0]["created"] = 1e300


def gap(text, arrays):
    del text["runs"][0]["records"][0]


def unknown_kind(text, arrays):
    text["runs"][0]["records"][0]["kind"] = "step"


def odd_shape(text, arrays):
    return arrays | {"0/steps/0/gram": arrays["0/steps/0/gram"][:, :2]}


def odd_type(text, arrays):
    return arrays | {"0/steps/0/losses": arrays["0/steps/0/losses"].astype(np.float32)}


def unknown_entry(text, arrays):
    return arrays | {"0/steps/0/__class__": arrays["0/steps/0/losses"]}


def odd_plane(text, arrays):
    return arrays | {"0/steps/0/../x/coordinates": arrays["0/steps/0/two parameters/coordinates"]}


def negative_update(text, arrays):
    return arrays | {"0/steps/0/update": arrays["0/steps/0/update"] - 50}


def same_update(text, arrays):
    return arrays | {"0/steps/0/update": arrays["0/steps/0/update"] * 0}


def no_losses(text, arrays):
    return {name: array for name, array in arrays.items() if name != "0/steps/0/losses"}


def scores_of_another_shape(text, arrays):
    entry = next(each for each in text["runs"][0]["records"] if each["kind"] == "evaluation")
    entry["scores"] = [1.0]


def a_text_for_a_number(text, arrays):
    entry = next(each for each in text["runs"][0]["records"] if each["kind"] == "evaluation")
    entry["seconds"] = "<script>"


def file_name(text, arrays):
    entry = next(each for each in text["runs"][0]["records"] if each["kind"] == "snapshot")
    entry["file"] = "../../../outside.npz"


def no_embeddings(text, arrays):
    return {name: array for name, array in arrays.items() if "/embeddings/" not in name}


HOSTILE = (
    no_runs, many_runs, escapes, newer, queued, odd_metric, too_few_metrics,
    unknown_combiner, infinite_time, gap, unknown_kind, odd_shape, odd_type, unknown_entry,
    odd_plane, negative_update, same_update, no_losses, scores_of_another_shape,
    a_text_for_a_number, file_name, no_embeddings,
)  # fmt: skip


def one_array_many_times(content):
    """A header by which many arrays lie on the same bytes."""
    place = {"dtype": "U8", "shape": [1024], "data_offsets": [0, 1024]}
    header = json.dumps({"pack": place} | {f"x{number}": place for number in range(1000)}).encode()
    return zipped(len(header).to_bytes(8, "little") + header + bytes(1024))


def larger_than_its_bytes(content):
    place = {"dtype": "U8", "shape": [2**62, 4], "data_offsets": [0, 8]}
    header = json.dumps({"pack": place}).encode()
    return zipped(len(header).to_bytes(8, "little") + header + bytes(8))


def rewritten(before, after):
    """A pack whose text, as it is written, has something else in it."""

    def change(content):
        text, arrays = unpacked(content)
        written = json.dumps(text)
        assert before in written
        written = written.replace(before, after, 1).encode()
        return zipped(save({**arrays, "pack": np.frombuffer(written, np.uint8)}))

    return change


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (lambda content: content + zipped(b""), "damaged"),
        (lambda content: zipped(b"") * 100_000 + content, "damaged"),
        (one_array_many_times, "no pack"),
        (larger_than_its_bytes, "no pack"),
        (rewritten('"planned": ', '"planned": ' + "9" * 6000), "too large"),
        (rewritten('"seconds": ', '"seconds": NaN, "more": '), "no number of JSON"),
        (rewritten('"seconds": ', '"seconds": 1e400, "more": '), "too large"),
        (rewritten('"title": ', '"title": "first", "title": '), "twice"),
        (rewritten('"title": "', '"title": "\\ud800'), "no text can be written with"),
        (rewritten('"name": "built-in', '"name": "\\u202ebuilt-in'), "without the character"),
        (rewritten('"version": 1', '"version": true'), "another format"),
        (rewritten('"options": {', '"options": ' + '{"a": ' * 50 + "1" + "}" * 50 + ', "b": {'),
         "nested too deeply"),
    ],
)  # fmt: skip
def test_files_made_to_harm_are_refused_in_one_sentence(store, pack, attack, why):
    with pytest.raises(DataError, match=why) as refused:
        open_pack(store, attack(pack))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400
    assert not store.runs()


def test_only_regular_files_are_opened_and_a_link_is_what_it_points_to(tmp_path, capsys, pack):
    home = ["runs", "--home", str(tmp_path / "home"), "open"]
    os.mkfifo(tmp_path / "pipe.mtlpack")
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "link.mtlpack").symlink_to(tmp_path / "secret")
    for name in ("pipe.mtlpack", "link.mtlpack", "."):
        assert main([*home, str(tmp_path / name)]) == 2
    assert main([*home, "/dev/zero"]) == 2
    said = capsys.readouterr()
    assert "a secret" not in said.out + said.err
    (tmp_path / "mine.mtlpack").write_bytes(pack)
    (tmp_path / "good.mtlpack").symlink_to(tmp_path / "mine.mtlpack")
    assert main([*home, str(tmp_path / "good.mtlpack")]) == 0


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_a_pack_with_anything_wrong_in_it_stores_nothing(store, pack, change):
    with pytest.raises(DataError):
        open_pack(store, changed(pack, change))
    assert not store.runs()
    assert not (store.home / "runs").exists()


def test_a_note_of_a_pack_is_shown_as_plain_text(store, pack):
    def told(text, arrays):
        steps = (array for name, array in arrays.items() if name.startswith("0/steps/"))
        count = sum(len(array) for array in steps if array.dtype == bool and array.ndim == 2)
        place = len(text["runs"][0]["records"]) + count
        note = {"kind": "note", "update": 1, "topic": "data", "text": "![x](http://x)"}
        text["runs"][0]["records"].append({**note, "sequence": place})

    run = open_pack(store, changed(pack, told)).runs[0]
    (note,) = (each for _, each in store.records(run) if isinstance(each, Note))
    assert note.text == "![x](http://x)"


# --- examples and the shell ---------------------------------------------------------------------


def test_every_example_is_in_the_package_and_all_of_them_are_small():
    assert packaged() == list(EXAMPLES)
    assert sum(each.stat().st_size for each in FOLDER.iterdir()) <= 8e6
    assert {each.name for each in FOLDER.iterdir()} == {example_file(n).name for n in EXAMPLES}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_opens_and_names_no_folder_and_no_text(store, name):
    content = example_file(name).read_bytes()
    opened = open_pack(store, content)
    text, arrays = unpacked(content)
    assert not re.search(r"/\w+/", json.dumps(text))
    assert all(array.dtype.kind in "biuf" for array in arrays.values())
    for run in opened.runs:
        found = store.run(run)
        assert found.recorded is not None
        assert found.status == "finished"
        assert store.result(run) is not None
    together = [run for run in opened.runs if len(store.config(run).data.tasks) > 1]
    assert len({store.config(run).seed for run in together}) >= 2
    assert opened.runs[0] in together


def test_the_shell_packs_and_opens(tmp_path, capsys):
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    file = str(tmp_path / f"mine{pack_file.ENDING}")
    assert main(["runs", "--home", first, "open", "built-in"]) == 0
    assert main(["runs", "--home", first, "pack", "1", "2", "--out", file, "--title", "Mine"]) == 0
    assert main(["runs", "--home", first, "pack", "1", "--out", file]) == 2
    assert main(["runs", "--home", second, "open", file]) == 0
    assert "Mine: runs 1 to 2, recorded." in capsys.readouterr().out
    assert main(["runs", "--home", second, "list"]) == 0
    assert "recorded" in capsys.readouterr().out
    assert main(["runs", "--home", second, "show", "1"]) == 0
    assert "from “Mine”" in capsys.readouterr().out
    assert main(["runs", "--home", second, "open", str(tmp_path / "none")]) == 2


def test_snapshots_keep_their_arrays(store, pack):
    run = open_pack(store, pack).runs[0]
    snapshots = [each for _, each in store.records(run) if isinstance(each, Snapshot)]
    assert snapshots
    assert all(array.dtype == np.float32 for each in snapshots for array in each.embeddings)


def test_a_file_outside_what_may_be_read_is_not_opened(store, tmp_path, pack):
    file = tmp_path / "x.mtlpack"
    file.write_bytes(pack)
    with chosen(Access(everywhere=False)), pytest.raises(DataError):
        open_file(store, file)


def test_ways_of_sharing_are_a_study_that_is_there_once(store):
    opened = open_example(store, "sharing")
    assert open_example(store, "sharing") == opened
    study = stored_study(store, opened.study)
    assert set(study.runs.values()) == set(opened.runs)
    ways = {way for way, _, _ in study.runs}
    assert sharing_study.ALONE in ways
    assert {seed for _, _, seed in study.runs} == {0, 1, 2}
    forget_study(store, study)
    assert set(stored_study(store, open_example(store, "sharing").study).runs) == set(study.runs)


def test_an_example_that_a_class_opens_at_once_is_there_once(store):
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_example(store, "sharing"), range(8)))
    assert len(set(opened)) == 1
    assert len(store.runs()) == len(opened[0].runs)
    assert len(studies(store, sharing_study.KIND)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: b"", "The file is empty; have it sent or copied again."),
        (lambda content: b"id,text\n1,fine\n", "This is no pack: "),
        (lambda content: zipped(b"something else"), "This is no pack: "),
        (lambda content: content[: len(content) // 2], "The pack is damaged: "),
        (lambda content: content[:-9] + b"\0" + content[-8:], "The pack is damaged: "),
    ],
)
def test_an_empty_a_wrong_and_a_damaged_file_are_told_apart_by_name(
    store, pack, tmp_path, change, said
):
    place = tmp_path / "sent.mtlpack"
    place.write_bytes(change(pack))
    with pytest.raises(DataError) as refused:
        open_file(store, place)
    assert str(refused.value).startswith(f"sent.mtlpack: {said}")


def test_removing_in_the_shell_says_how_a_recorded_run_comes_back(capsys, tmp_path):
    home = ["runs", "--home", str(tmp_path)]
    assert main([*home, "open", "built-in"]) == 0
    assert main([*home, "pack", "2", "--out", str(tmp_path / "one.mtlpack")]) == 0
    assert "1 run in" in capsys.readouterr().out
    assert main([*home, "rename", "1", "mine"]) == 2
    assert "Run 1 is a recorded one" in capsys.readouterr().err
    assert main([*home, "delete", "1"]) == 0
    said = "Run 1 is removed. `mtlviz runs open built-in` brings it back.\n"
    assert capsys.readouterr().out == said
    other = ["runs", "--home", str(tmp_path / "other")]
    assert main([*other, "open", str(tmp_path / "one.mtlpack")]) == 0
    assert main([*other, "delete", "1"]) == 0
    assert "Opening its pack again brings it back." in capsys.readouterr().out
