"""Workers elsewhere: what they say reaches the store once and in order, as if they were here."""

import json
import os
from dataclasses import replace
from signal import SIGTERM

import pytest

from mtlviz.access import HOME_FOLDER, chosen, visitors_access
from mtlviz.engine.presets import preset
from mtlviz.runs import queue, worker
from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.cluster.far_worker import work_far
from mtlviz.runs.cluster.order import order_of
from mtlviz.runs.cluster.sink import Sink, give_back
from mtlviz.runs.cluster.tables import packed, uploaded
from mtlviz.runs.own_tasks import list_own, save_own
from mtlviz.runs.process import this_process
from mtlviz.runs.store import Store
from tests.runs import stand_in
from tests.runs.conftest import plain, stored
from tests.runs.test_own_tasks import made

OFTEN = worker.Pace(beat_seconds=0.05, checkpoint_seconds=0.05)


class Killed(BaseException):
    """As if the process were gone."""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A store, and as its current folder one that holds nothing."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    made = Store(tmp_path / "home")
    monkeypatch.setenv(HOME_FOLDER, str(made.home))
    yield made
    made.close()


def waiting(store, settings):
    return store.create_run(settings, launcher="elsewhere")


def far(store, run, token="mine", *, ask=None, tables=None, **how):
    """Let a worker with a folder of its own work on a run."""
    given = {"opening": stand_in.opening, "pace": OFTEN} | how
    ask = ask or Sink(str(store.home), this_process()).ask
    return work_far(ask, order_of(store, run, token), tables or {}, **given)


def everything(settings):
    return plain(stand_in.all_records(settings))


def test_a_run_elsewhere_leaves_in_the_store_what_it_leaves_here(here):
    settings = stand_in.config(60)
    own = here.create_run(settings, queued=False)
    worker.work(here, own, opening=stand_in.opening, pace=OFTEN)
    run = waiting(here, settings)
    assert far(here, run) == "finished"
    assert stored(here, run) == stored(here, own) == everything(settings)
    assert here.result(run) == here.result(own)
    found, other = here.run(run), here.run(own)
    for name in ("status", "updates", "planned", "metrics", "fingerprints", "error", "edition"):
        assert getattr(found, name) == getattr(other, name), name
    (length, checkpoint), *others = checkpoints(here.folder(run)).items()
    assert not others
    assert checkpoint.read_bytes() == checkpoints(here.folder(own))[length].read_bytes()
    assert f"Run {run} on" in here.log(run)


def test_real_training_elsewhere_gives_the_same_bits(here):
    settings = preset("default").with_values({"optimisation.max_updates": 12})
    own = here.create_run(settings, queued=False)
    worker.work(here, own)
    run = waiting(here, settings)
    assert far(here, run, opening=worker.training, pace=None) == "finished"
    assert stored(here, run) == stored(here, own)
    found, other = here.result(run), here.result(own)
    assert (found.scores, found.errors) == (other.scores, other.errors)


def test_what_is_said_twice_is_written_once(here):
    """Ray says a word again whose answer was lost, also to a sink that has just begun anew."""

    def again(*given):
        Sink(str(here.home), this_process()).ask(*given)
        return Sink(str(here.home), this_process()).ask(*given)

    settings = stand_in.config(60, delay=0.002)
    run = waiting(here, settings)
    far(here, run, ask=again)
    assert here.run(run).status == "finished"
    assert stored(here, run) == everything(settings)
    assert here.log(run).count(f"Run {run} on") == 1


def test_what_a_lost_worker_did_after_its_checkpoint_comes_again_from_there(here):
    settings = stand_in.config(300, delay=0.002)
    sink, run = Sink(str(here.home), this_process()), waiting(here, settings)
    with pytest.raises(Killed):
        far(here, run, "first", opening=dying_after_a_checkpoint(here.folder(run)))
    assert give_back(here, run, "first")
    before = next(iter(checkpoints(here.folder(run))))
    asked = []

    def told(what, *given):
        asked.append((what, *given[2:]))
        return sink.ask(what, *given)

    assert far(here, run, "second", ask=told) == "finished"
    assert ("cut", before) in asked
    assert before > 0
    assert stored(here, run) == everything(settings)


def dying_after_a_checkpoint(folder, records_more=30):
    """A stand-in whose process is gone some records after a checkpoint has come to this folder."""

    def opening(settings, checkpoint):
        source = stand_in.opening(settings, checkpoint)
        records, left = source.records, iter(range(records_more))

        def until():
            for record in records():
                if checkpoints(folder) and next(left, None) is None:
                    raise Killed
                yield record

        source.records = until
        return source

    return opening


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(here):
    sink, run = Sink(str(here.home), this_process()), waiting(here, stand_in.config())
    assert sink.ask("begin", run, "first")[0] is None
    assert sink.ask("begin", run, "first")[0] is None  # Asked again.
    assert sink.ask("begin", run, "second")[0] == "lost"
    assert give_back(here, run, "first")
    assert sink.ask("begin", run, "second")[0] is None
    words = [("append", 0, [], (0, b"no")), ("cut", 0), ("plan", 3, ("accuracy",), None, "data"),
             ("keep", "checkpoint-1.safetensors", 0, b"no"), ("saved", "checkpoint-1", 2),
             ("finish", "finished", None, None, (0, b"no"))]  # fmt: skip
    for what, *given in words:
        assert sink.ask(what, run, "first", *given)[0] == "lost"
    assert here.run(run).status == "running"
    assert here.run(run).planned is None


def test_no_name_of_a_checkpoint_leads_out_of_the_folder_of_its_run(here):
    sink, run = Sink(str(here.home), this_process()), waiting(here, stand_in.config())
    sink.ask("begin", run, "mine")
    assert sink.ask("keep", run, "mine", "../../checkpoint-1.safetensors", 0, b"x")[0] is None
    assert sink.ask("saved", run, "mine", "../../checkpoint-1.safetensors", 1)[0] is None
    assert list(checkpoints(here.folder(run))) == [1]
    assert sink.ask("saved", run, "mine", "checkpoint-1.safetensors", 5)[0] == "refused"


def test_nothing_but_the_folders_of_tables_travels():
    paths = ("$MTLVIZ_HOME/tasks/../x", "$MTLVIZ_HOME/tasks/./y", "$MTLVIZ_HOME/tasks/mine/a.csv")
    settings = {"data": {"tasks": [{"path": path} for path in paths]}}
    assert uploaded(json.dumps(settings)) == ["mine"]


def test_a_gap_is_refused(here):
    sink, run = Sink(str(here.home), this_process()), waiting(here, stand_in.config())
    sink.ask("begin", run, "mine")
    records = list(stand_in.all_records(stand_in.config()))[:1]
    wrong, sentence = sink.ask("append", run, "mine", 3, records, (0, b""))
    assert wrong == "refused"
    assert "0 to 2" in sentence


def test_a_sign_of_life_from_before_a_cut_is_no_gap(here):
    sink, run = Sink(str(here.home), this_process()), waiting(here, stand_in.config())
    sink.ask("begin", run, "mine")
    sink.ask("cut", run, "mine", 0)
    assert sink.ask("append", run, "mine", 9, [], (0, b""))[0] is None


@pytest.mark.parametrize("asked", [True, False])
def test_a_run_that_is_asked_to_stop_stops_and_one_whose_machine_is_taken_away_waits(here, asked):
    settings = stand_in.config(400, delay=0.005)
    sink, run = Sink(str(here.home), this_process()), waiting(here, settings)

    wishes = iter([lambda: queue.stop(here, run) if asked else os.kill(os.getpid(), SIGTERM)])

    def told(what, *given):
        if what == "append" and given[2] > 20:
            next(wishes, lambda: None)()
        return sink.ask(what, *given)

    far(here, run, ask=told)
    found = here.run(run)
    assert found.status == ("stopped" if asked else "queued")
    assert not found.stop_requested
    assert 0 < found.updates < 400
    assert checkpoints(here.folder(run))
    if asked:
        queue._queue_again(here, run, launcher="elsewhere")
    with here.connections.writing() as connection:
        text = stand_in.config(400).to_json()
        connection.execute("UPDATE runs SET config = ? WHERE id = ?", (text, run))
    assert far(here, run, "second") == "finished"
    assert stored(here, run) == everything(settings)


def test_a_run_that_no_longer_waits_is_left_alone(here):
    run = waiting(here, stand_in.config())
    queue.stop(here, run)
    assert "does not wait" in far(here, run)
    assert here.run(run).status == "stopped"


def test_a_damaged_checkpoint_is_set_aside_where_the_store_is(here):
    settings = stand_in.config(60)
    run = waiting(here, settings)
    sink = Sink(str(here.home), this_process())
    sink.ask("begin", run, "first")
    sink.ask("append", run, "first", 0, list(stand_in.all_records(settings))[:9], (0, b""))
    place = here.folder(run) / "checkpoint-9.safetensors"
    place.write_text("nonsense")
    give_back(here, run, "first")
    assert far(here, run, "second") == "failed"
    assert "so the run can only begin anew" in here.run(run).error
    assert not place.exists()
    queue._queue_again(here, run, launcher="elsewhere")
    assert far(here, run, "third") == "finished"
    assert stored(here, run) == everything(settings)


@pytest.mark.parametrize("visitor", [True, False])
def test_uploaded_tables_travel_and_of_other_data_is_said_where_it_is_missing(here, visitor):
    save_own(here.home, made(kind="scores"))
    (own,) = list_own(here.home)
    base = preset("default").changed_at("optimisation.max_updates", 4)
    data = base.data.model_copy(update={"tasks": (own.config, *base.data.tasks[:1])})
    with chosen(visitors_access()) if visitor else chosen(None):
        run = waiting(here, base.changed(data=data))
        lost = waiting(here, base.changed(data=data))
    names = uploaded(here.config(run).to_json())
    assert len(names) == 1
    tables = {name: packed(here.home / "tasks" / name) for name in names}
    assert far(here, run, tables=tables, opening=worker.training, pace=None) == "finished"
    assert far(here, lost, "other", opening=worker.training, pace=None) == "failed"
    error = here.run(lost).error
    assert "There is no" in error
    assert "every one needs the data itself, but for uploaded tables" in error
    assert str(here.home) not in error


def test_machines_with_other_examples_or_another_version_are_told_apart(here, monkeypatch):
    settings = stand_in.config(20)
    sink = Sink(str(here.home), this_process())
    first, second, third = (waiting(here, settings) for _ in range(3))
    assert far(here, first, ask=sink.ask) == "finished"
    monkeypatch.setattr(stand_in.StandIn, "fingerprints", ("first data", "other data"))
    assert far(here, second, ask=sink.ask) == "failed"
    assert "read other examples than another machine" in here.run(second).error
    old = replace(order_of(here, third, "mine"), version="0.0.1")
    assert work_far(sink.ask, old, {}, opening=stand_in.opening) == "failed"
    assert "the store's has 0.0.1: install the same" in here.run(third).error
