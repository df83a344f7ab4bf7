"""The Studio through AppTest: choose, be told what is wrong, start, stop, delete."""

import json
import os
import subprocess
import sys
import time

import pytest

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import DataConfig, RunConfig, TaskConfig, fields
from mtlviz.engine.estimate.duration import preparation
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.errors import OfflineError
from mtlviz.runs import plan_runs
from mtlviz.runs.examples import EXAMPLES, open_example
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease
from mtlviz.runs.plan_runs import run_name
from mtlviz.runs.signature import signature
from mtlviz.ui.core import earlier_runs, run_estimates, run_records, work
from mtlviz.ui.core.config_words import sentences
from mtlviz.ui.core.existing_runs import missing_runs
from mtlviz.ui.core.family_panel import SEEDS
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.studio import planned_runs, problems
from mtlviz.ui.pages.studio.places import RECORDING, more_places, places
from mtlviz.ui.pages.studio.settings import read, written
from tests.checkpoints import write_model, write_tokenizer
from tests.runs.compare_runs import finish_waiting, finished_default
from tests.ui import harness
from tests.ui.data_sets import write_set
from tests.ui.harness import lines, piece

HELP = {place: field.description for place, field in fields()}


@pytest.fixture
def studio(store):
    return opened()


PARTS = ("Data.more", "Capacity", "Capacity.more", "Optimisation.more", "recording", "task",
         "settings", "phases")  # fmt: skip


def opened(*, folded=False, **parameters):
    """The page as a link opens it, its data counted and, unless asked not to, its parts open."""
    unfolded = {fold_key(f"studio.{part}"): True for part in (() if folded else PARTS)}
    return counted(harness.opened("studio", unfolded, **parameters))


def counted(app):
    """The page after the data of its settings has been counted."""
    until = time.monotonic() + 20
    while any("Counting" in note.value for note in app.caption) and time.monotonic() < until:
        time.sleep(0.05)
        app.run()
    assert not app.exception
    return app


def errors(app):
    """What is said to be wrong, as a visitor reads it."""
    return [harness.unescaped(error.value) for error in app.error]


def settings(app):
    return piece(app, "settings:studio")


def choose(app, key, value):
    app.selectbox(key=key).set_value(value).run()
    assert not app.exception


def test_it_opens_with_the_built_in_tasks_and_says_what_will_run(studio):
    assert settings(studio) == preset("default")
    assert any("reviews, letters, topics and similarity" in text.value for text in studio.markdown)
    assert not studio.button(key="studio.start").disabled


APART = ("data.tasks.N.source", "capacity.encoder")
"""Methods that are tested by themselves: one is chosen otherwise, one may need a checkpoint."""


@pytest.mark.slow
@pytest.mark.parametrize("place", [p for p in METHODS if p not in APART])
def test_every_method_can_be_chosen_and_has_its_sentence(studio, place):
    for name in METHODS[place]:
        choose(studio, f"studio.{place}", name)
        group, _, setting = place.partition(".")
        # The scheduler of this name is a list of phases, each with all of its tasks together.
        taken = "joint" if name == "phases" else name
        assert getattr(getattr(settings(studio), group), setting) == taken
        help = METHODS[place][taken].help
        assert help in [caption.value for caption in studio.caption]


def test_the_list_of_ways_of_sharing_says_their_names_and_no_identifiers(studio):
    offered = studio.selectbox(key="studio.capacity.sharing").options
    assert {"LoRA", "(IA)³", "AdapterFusion", "MMoE", "Houlsby adapters"} <= set(offered)
    for place in METHODS:
        if not place.startswith("data."):
            assert not any(
                "_" in spec.title for spec in map(METHODS[place].__getitem__, METHODS[place])
            )


def test_every_control_has_the_help_of_its_setting(studio):
    for group in ("Data", "Capacity", "Optimisation"):
        shown = [*places(settings(studio), group), *more_places(settings(studio), group)]
        for place in [*shown, *(RECORDING if group == "Optimisation" else ())]:
            found = [
                widget
                for kind in ("selectbox", "number_input", "toggle", "text_input")
                for widget in getattr(studio, kind)
                if widget.key == f"studio.{place}"
            ]
            assert found[0].help == HELP[place]


def test_processes_are_offered_where_there_are_several_gpus_and_refused_where_there_are_not(
    store, monkeypatch
):
    assert "processes" not in more_places(preset("default"), "Optimisation")
    app = opened(studio__processes="9", studio__data__batch_size="4")
    assert ["9 processes cannot share a batch of 4" in error for error in errors(app)] == [True]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert "processes" in more_places(preset("default"), "Optimisation")
    app = opened(studio__processes="3")
    assert ["3 processes need a GPU each" in error for error in errors(app)] == [True]
    app.number_input(key="studio.processes").set_value(2).run()
    assert settings(app).processes == 2
    assert errors(app) == []


def test_what_is_folded_away_is_not_made_and_a_mistake_in_it_opens_it(store):
    app = opened(folded=True)
    drawn = {field.key for field in app.number_input}
    assert "studio.optimisation.learning_rate" in drawn
    assert not {"studio.capacity.width", "studio.optimisation.warmup"} & drawn
    app = opened(folded=True, studio__capacity__encoder="cnn", studio__capacity__width="2")
    assert "studio.capacity.width" in {field.key for field in app.number_input}
    assert ["width of at least 3" in error for error in errors(app)] == [True]


def test_options_belong_to_their_method(studio):
    choose(studio, "studio.optimisation.combiner", "cagrad")
    studio.number_input(key="studio.optimisation.combiner_options.c").set_value(0.3).run()
    assert settings(studio).optimisation.combiner_options == {"c": 0.3}
    choose(studio, "studio.optimisation.combiner", "pcgrad")
    assert settings(studio).optimisation.combiner_options == {}


def test_manual_weights_are_one_a_task(studio):
    choose(studio, "studio.optimisation.weighting", "manual")
    studio.number_input(key="studio.weight.topics").set_value(0.5).run()
    assert settings(studio).optimisation.weighting_options == {"values": [1.0, 1.0, 0.5, 1.0]}


def test_a_wrong_combination_is_said_where_it_stands_and_cannot_start(store):
    studio = opened(studio__optimisation__phases="reviews > topics+similarity")
    assert ["No phase trains 'letters'" in error for error in errors(studio)] == [True]
    assert studio.button(key="studio.start").disabled


def test_a_value_out_of_range_is_refused_and_the_old_one_stays(studio):
    studio.number_input(key="studio.optimisation.learning_rate").set_value(-1.0).run()
    assert any("learning_rate" in error for error in errors(studio))
    before = preset("default").optimisation.learning_rate
    assert settings(studio).optimisation.learning_rate == before
    assert studio.number_input(key="studio.optimisation.learning_rate").value == before


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        ("studio.optimisation.epochs", 5000, "must be from 1 to 1000"),
        ("studio.optimisation.epochs", 0, "must be from 1 to 1000"),
        ("studio.how_many", 21, "must be from 1 to 20, got 21"),
    ],
)
def test_a_number_beyond_its_ends_reaches_the_settings_and_is_answered(studio, key, given, said):
    field = studio.number_input(key=key)
    # The browser keeps what is beyond a field's own ends to itself.
    assert (field.min, field.max) == (None, None)
    before = field.value
    field.set_value(given).run()
    assert [said in error for error in errors(studio)] == [True]
    assert studio.number_input(key=key).value == before


def test_a_pretrained_encoder_needs_a_name(studio):
    choose(studio, "studio.capacity.encoder", "checkpoint")
    assert any("a local folder or a hub name" in error for error in errors(studio))
    assert studio.button(key="studio.start").disabled
    assert any("Start waits" in warning.value for warning in studio.warning)


def test_start_puts_the_run_into_the_queue_and_stop_takes_it_out(studio, store):
    choose(studio, "studio.optimisation.combiner", "pcgrad")
    studio.button(key="studio.start").click().run()
    assert not studio.exception
    (run,) = store.runs()
    assert (run.status, run.position, run.name) == ("queued", 1, "default · pcgrad")
    assert store.config(run.id).optimisation.combiner == "pcgrad"
    assert any("number 1 in the queue" in text for text in lines(studio))
    studio.button(key=f"studio.{run.id}.stop").click().run()
    assert store.run(run.id).status == "stopped"
    studio.button(key=f"studio.{run.id}.resume").click().run()
    assert store.run(run.id).status == "queued"


def test_a_run_is_deleted_only_after_a_second_question(studio, store):
    studio.button(key="studio.start").click().run()
    (run,) = store.runs()
    assert any(f"Delete run {run.id}" in text.value for text in studio.markdown)
    studio.button(key=f"studio.{run.id}.delete").click().run()
    assert not store.runs()
    assert not studio.exception


def test_experiments_without_data_are_shown_disabled_with_their_reason(studio):
    offered = studio.selectbox(key="studio.experiment").options
    hub = {PRESETS[name].title for name in PRESETS if name.endswith("-hub")}
    # Where the package for them is installed, those of the hub can be had.
    names = [
        name
        for name, entry in PRESETS.items()
        if not entry.pretrained
        and all(task.source == "synthetic" for task in preset(name).data.tasks)
    ]
    built_in = {PRESETS[name].title for name in names}
    assert set(offered) - hub == built_in
    assert set(offered) & hub in (set(), hub)
    button = studio.button(key="studio.missing.cs224n-pcgrad")
    assert button.disabled
    assert "cs224n_sst" in button.help


def test_the_last_task_cannot_be_left_out(studio):
    tasks = studio.button_group(key="studio.tasks")
    tasks.set_value(["reviews", "topics"]).run()
    assert [task.name for task in settings(studio).data.tasks] == ["reviews", "topics"]
    studio.button_group(key="studio.tasks").set_value([]).run()
    assert any("at least one task" in error for error in errors(studio))
    assert len(settings(studio).data.tasks) == 2


def test_a_home_that_cannot_be_used_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "file"))
    app = harness.opened("studio")
    assert any("home folder" in error for error in errors(app))
    assert not any(str(tmp_path) in error for error in errors(app))


@pytest.mark.parametrize("name", PRESETS)
def test_every_experiment_can_be_said_in_plain_words(name):
    config = preset(name)
    further = bool(config.optimisation.phases) + (config.data.heads != "own")
    assert len(sentences(config)) == 6 + further
    assert run_name(config, config) == config.name


def test_thinning_keeps_tasks_that_take_turns():
    for updates in (1201, 5000, 99_999):
        points = run_records.thinned(updates, 4, 600)
        stride = -(-updates // points)
        assert stride % 2 == 1
        assert updates / stride <= 700
    assert run_records.thinned(600, 4, 600) is None


def enter(app, name):
    app.text_input(key="studio.capacity.checkpoint").set_value(name).run()
    return errors(app)


@pytest.fixture
def folder(tmp_path):
    """A folder for an encoder, with a configuration but no weights yet."""
    place = tmp_path / "my-encoder"
    place.mkdir()
    sizes = {"hidden_size": 4, "num_hidden_layers": 0, "vocab_size": 9, "model_type": "bert"}
    write_tokenizer(place, words=9)
    (place / "config.json").write_text(json.dumps(sizes))
    return place


def weights(folder, shape):
    """A weight file of one table of word vectors, as safetensors lays it out."""
    entry = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * shape[0] * shape[1]]}
    header = json.dumps({"embeddings.word_embeddings.weight": entry}).encode()
    content = len(header).to_bytes(8, "little") + header + bytes(entry["data_offsets"][1])
    (folder / "model.safetensors").write_bytes(content)


def test_a_checkpoint_that_cannot_be_used_is_one_sentence_and_stops_the_start(
    studio, folder, monkeypatch
):
    choose(studio, "studio.capacity.encoder", "checkpoint")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    said = {"nobody/no-such-encoder": "HF_HUB_OFFLINE is set"}
    for name, sentence in said.items():
        assert [sentence in error for error in enter(studio, name)] == [True]
    assert ["no folder" in error for error in enter(studio, str(folder / "gone"))] == [True]
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    assert ["pickle" in error for error in enter(studio, str(folder))] == [True]
    assert studio.button(key="studio.start").disabled


def test_weights_of_wrong_shapes_are_one_sentence_without_the_folder(studio, folder):
    weights(folder, (9, 5))
    choose(studio, "studio.capacity.encoder", "checkpoint")
    (sentence,) = enter(studio, str(folder))
    assert "config.json says 4 numbers a word vector, the file holds 5" in sentence
    assert str(folder.parent) not in sentence


def tried(app):
    """The page once the process that tries the checkpoint has had its say."""
    until = time.monotonic() + 120
    while problems.trying(settings(app)) and time.monotonic() < until:
        time.sleep(0.2)
    return [error.value for error in app.run().error]


@pytest.mark.slow
def test_a_checkpoint_that_has_been_tried_can_start(studio, folder):
    write_model(folder)
    choose(studio, "studio.capacity.encoder", "checkpoint")
    studio.number_input(key="studio.data.max_length").set_value(32).run()
    assert enter(studio, str(folder)) == []
    assert studio.button(key="studio.start").disabled
    assert tried(studio) == []
    assert not studio.button(key="studio.start").disabled
    assert any("my\\-encoder" in text.value for text in studio.markdown)
    studio.number_input(key="studio.capacity.frozen_layers").set_value(3).run()
    assert any("At most 2 layers" in error for error in errors(studio))


@pytest.mark.slow
def test_what_only_the_loaded_model_shows_is_told_before_a_run_is_stored(studio, folder, store):
    write_model(folder, "gpt2")
    choose(studio, "studio.capacity.encoder", "checkpoint")
    studio.number_input(key="studio.data.max_length").set_value(32).run()
    assert enter(studio, str(folder)) == []
    (sentence,) = tried(studio)
    assert "'my-encoder' is a GPT2Model, which reads from left to right" in sentence
    assert studio.button(key="studio.start").disabled
    assert store.runs() == []


def test_a_hub_model_that_must_be_fetched_is_a_note_and_no_mistake(studio, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    choose(studio, "studio.capacity.encoder", "checkpoint")
    assert enter(studio, "nobody/to-be-fetched") == []
    assert any("fetches it from the hub" in note.value for note in studio.info)
    assert not studio.button(key="studio.start").disabled


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "By layer at 25 of 250 updates: less than a second of the run's time"),
        ({"studio.capacity.sharing": "separate"}, "By layer nothing is recorded here"),
        ({"studio.probes.layers_every": "0"}, ""),
    ],
)
def test_what_gram_matrices_by_layer_cost_stands_where_they_are_chosen(changed, told):
    captions = [each.value for each in opened(**changed).caption if "By layer" in each.value]
    assert len(captions) == bool(told)
    assert told in "".join(captions)


def test_the_page_says_how_long_and_how_much_memory_and_what_that_is_known_from(studio):
    updates = len(run_estimates.estimated(settings(studio), facts(studio)).work.passes)
    assert updates == 4
    (told,) = [text for text in studio.markdown if " updates · roughly **" in text.value]
    assert "**, estimated ·" in told.value
    assert "of memory" in told.value
    assert "measurement of this machine" in told.help
    assert any("AdamW" in note.value and "shared" in note.value for note in studio.caption)


def facts(app):
    return run_estimates.facts_job(settings(app).data).part


def finished(store, config, updates, training, whole):
    """A stored run that says it made so many updates in so many seconds."""
    run = store.create_run(config)
    with store.connections.writing() as connection:
        result = {
            "tasks": [], "metrics": [], "scores": [], "errors": [], "baselines": [],
            "updates": updates, "best_update": 0, "seconds": training, "notes": [],
        }  # fmt: skip
        connection.execute(
            "UPDATE runs SET status = 'finished', updates = ?, result = ?, started = 1000, "
            "finished = ? WHERE id = ?",
            (updates, json.dumps(result), 1000 + whole, run),
        )
    return run


def test_a_finished_run_of_the_same_settings_tells_its_time_from_start_to_finish(store, studio):
    other = preset("default").changed_at("seed", 5).changed_at("name", "other")
    finished(store, other, 250, 12.0, 35.0)
    studio.run()
    assert any("250 updates · about **35 s**, as run 1 took" in text.value
               for text in studio.markdown)  # fmt: skip
    assert any("250 updates in 35 s from start to finish" in text.value for text in studio.markdown)


def test_the_time_of_another_number_of_updates_is_said_to_be_scaled(store, studio):
    finished(store, preset("default").changed_at("optimisation.epochs", 9), 100, 3600.0, 3630.0)
    studio.run()
    told = "about **2 h 30 min**, scaled from run 1: same model, another number of updates"
    assert any(told in text.value for text in studio.markdown)


def test_a_pause_between_two_sittings_is_no_time_of_work(store):
    run = finished(store, preset("default"), 100, 50.0, 86_400.0)
    (known,) = earlier_runs.runs_alike(store.runs(("finished",)), preset("default"))
    assert (known.run, known.seconds(100)) == (run, 50.0 + preparation(preset("default")))


def test_while_nothing_trains_a_finished_run_of_the_settings_on_screen_is_in_view(store):
    finished(store, preset("default").changed_at("name", "mine"), 250, 12.0, 35.0)
    finished(store, preset("default").changed_at("seed", 5), 250, 12.0, 35.0)
    assert in_view(opened()) == 1
    assert in_view(opened(studio__seed="5")) == 2
    assert in_view(opened(studio__seed="6")) == 2


def test_a_run_that_was_seen_training_stays_in_view_when_it_stops(store):
    finished(store, preset("default"), 250, 12.0, 35.0)
    run = lease(store, store.create_run(preset("default").changed_at("seed", 5)))
    app = opened()
    assert in_view(app) == run.run
    run.finish("stopped")
    assert in_view(app.run()) == run.run
    another = lease(store, store.create_run(preset("default").changed_at("seed", 6)))
    assert in_view(app.run()) == another.run


def test_what_trains_is_listed_first_however_many_wait(store):
    run = lease(store, store.create_run(preset("default")))
    for seed in range(9):
        store.create_run(preset("default").changed_at("seed", seed))
    keys = [button.key for button in opened().button if button.key.endswith(".open")]
    assert keys[0] == f"studio.{run.run}.open"
    assert len(keys) == 8


def list_of_runs(store):
    """What Start queues, finished; a single run; and a recorded pack: each with its fold open."""
    numbers = finished_default(store)
    single = store.create_run(preset("default").changed_at("seed", 9))
    opened_pack = open_example(store, next(iter(EXAMPLES)))
    return numbers, single, sorted(opened_pack.runs)


@pytest.mark.parametrize("link", [{}, {"hide": "answers"}])
def test_the_runs_of_a_family_are_listed_once_each_in_its_fold(store, link):
    numbers, single, recorded = list_of_runs(store)
    firsts = [numbers[0], recorded[0]]
    folds = {fold_key(f"studio.family.{first}"): True for first in firsts}
    app = harness.opened("studio", folds, **link)
    keys = {each.key for each in app.button if each.key.endswith(".open")}
    rows = {f"studio.{run}.open" for run in (*numbers, single, *recorded)}
    assert keys == rows | {f"studio.family.{first}.open" for first in firsts}


def in_view(app):
    (line,) = [text for text in lines(app) if " Run " in text]
    return int(line.split(" Run ")[1].split(",")[0])


def test_before_the_first_run_the_tasks_and_the_plain_words_are_open(store, studio):
    assert [len(each.children) > 0 for each in first_view(studio)] == [True, True]
    store.create_run(preset("default"))
    assert [len(each.children) > 0 for each in first_view(opened())] == [False, False]


def first_view(app):
    return [each for each in app.expander if each.label.startswith(("What Start", "The tasks"))]


def test_the_table_of_tasks_gives_sizes_lengths_and_heads(studio):
    (table,) = [text.value for text in studio.markdown if text.value.startswith("| task")]
    row = next(line for line in table.splitlines() if "similarity" in line)
    assert "two sentences, a score" in row
    assert "9 + 9" in row
    assert "read apart, cosine embedding" in row


@pytest.fixture
def two_sets(tmp_path, monkeypatch):
    """Two data sets below MTLVIZ_DATA; one gives half of the other's development split away."""
    place = tmp_path / "data"
    place.mkdir()
    monkeypatch.setenv("MTLVIZ_DATA", str(place))
    write_set(place / "first", train=["good film", "bad film", "great", "poor"], dev=["so so"])
    write_set(place / "second", train=["warm", "cold"], dev=["Good  film!", "new"])
    return place


def tick(app, key, on=True):
    app.button(key="studio.choose").click().run()
    box = app.checkbox(key=f"studio.choice.{key}")
    (box.check() if on else box.uncheck()).run()
    return counted(app)


def test_any_task_of_this_machine_can_be_chosen_and_left_out_again(store, two_sets):
    app = opened()
    for name in ("first", "second"):
        tick(app, f"data/{name}")
    for name in ("reviews", "letters", "topics", "similarity"):
        tick(app, f"built-in/{name}", on=False)
    assert [task.path for task in settings(app).data.tasks] == ["first", "second"]
    # Those left out stay at hand.
    assert len(app.button_group(key="studio.tasks").options) == 6


def test_leaks_are_said_with_counts_and_can_be_dropped(store, two_sets):
    tasks = [{"name": name, "source": "folder", "path": name} for name in ("first", "second")]
    app = opened(studio__tasks=json.dumps(tasks))
    (warning,) = [each.value for each in app.warning]
    assert "1 of the 2 development examples of **second** (50.0%)" in warning
    app.toggle(key="studio.data.drop_leaked").set_value(True).run()
    counted(app)
    assert not app.warning
    assert any("Left out" in note.value and "1 of **first**" in note.value for note in app.caption)


def test_what_a_task_alone_spares_of_other_tasks_is_counted(two_sets):
    tasks = [TaskConfig(name=name, source="folder", path=name) for name in ("first", "second")]
    data = DataConfig(tasks=tasks[:1], drop_leaked=True)
    spared = data.model_copy(update={"leak_from": tuple(tasks[1:])})
    assert [settled(each).tasks[0].dropped for each in (data, spared)] == [0, 1]
    # It is counted again when their files change.
    (two_sets / "second" / "dev.csv").write_text("id,text,label\n1,other,0\n2,new,1\n")
    assert settled(spared).tasks[0].dropped == 0


def settled(data):
    job = run_estimates.facts_job(data)
    until = time.monotonic() + 20
    while job.running and time.monotonic() < until:
        time.sleep(0.01)
    return job.part


def test_data_that_could_not_be_fetched_is_counted_again_a_while_later(monkeypatch):
    def away(data):
        raise OfflineError("There is no network.")

    data = DataConfig(tasks=[TaskConfig(name="far", source="hub", path="owner/far")])
    monkeypatch.setattr(run_estimates, "data_facts", away)
    assert settled(data) is None
    monkeypatch.setattr(run_estimates, "data_facts", lambda _: DataFacts((), (), 0))
    assert settled(data) is None  # Not at every look: each may wait for the network.
    monkeypatch.setattr(work, "_AGAIN_SECONDS", 0.0)
    assert settled(data) is not None


def test_an_emptied_number_is_none_or_stays_and_never_the_least_allowed(store):
    app = opened(studio__optimisation__max_updates="60", studio__capacity__encoder="cnn")
    fields = {field.key: field.proto for field in app.number_input}
    # The browser puts a field's own default into it when somebody empties it.
    assert not [key for key, field in fields.items() if field.HasField("default")]
    assert fields["studio.optimisation.max_updates"].value == 60
    app.number_input(key="studio.optimisation.max_updates").set_value(None).run()
    assert settings(app).optimisation.max_updates is None
    for key in ("studio.optimisation.epochs", "studio.how_many"):
        before = app.number_input(key=key).value
        app.number_input(key=key).set_value(None).run()
        assert not app.exception
        assert app.number_input(key=key).value == before


def test_one_update_is_not_many(store):
    app = opened(studio__optimisation__max_updates="1")
    (told,) = [text.value for text in app.markdown if " · roughly **" in text.value]
    assert "  \n1 update · " in told


def test_an_empty_development_split_is_one_sentence(store, two_sets):
    (two_sets / "first" / "dev.csv").write_text("id,text,label\n")
    tasks = [{"name": "first", "source": "folder", "path": "first"}]
    app = opened(studio__tasks=json.dumps(tasks))
    (said,) = errors(app)
    assert "dev" in said
    assert "no " in said
    assert app.button(key="studio.start").disabled


def test_a_missing_folder_is_one_sentence(store):
    tasks = [{"name": "first", "source": "folder", "path": "nowhere-at-all"}]
    app = opened(studio__tasks=json.dumps(tasks))
    assert ["no file or folder 'nowhere-at-all'" in e.value for e in app.error] == [True]
    assert app.button(key="studio.start").disabled


def test_a_typed_folder_that_is_not_there_is_one_sentence(studio, tmp_path):
    studio.button(key="studio.choose").click().run()
    studio.text_input(key="studio.folder.text").set_value(str(tmp_path / "gone")).run()
    studio.button(key="studio.choose").click().run()
    assert ["There is no folder" in error for error in errors(studio)] == [True]
    assert not studio.exception


def test_the_knobs_of_a_built_in_task_and_its_head_are_its_own(studio):
    studio.selectbox(key="studio.task").set_value("letters").run()
    studio.slider(key="studio.data.tasks.1.options.vocabulary_overlap").set_value(0.25).run()
    studio.number_input(key="studio.data.tasks.1.options.size").set_value(50).run()
    studio.number_input(key="studio.data.tasks.1.label_noise").set_value(0.2).run()
    studio.number_input(key="studio.data.tasks.1.head.layers").set_value(2).run()
    letters = settings(counted(studio)).data.tasks[1]
    assert (letters.options["vocabulary_overlap"], letters.options["size"]) == (0.25, 50)
    assert (letters.label_noise, letters.head.layers) == (0.2, 2)
    assert settings(studio).data.tasks[0] == preset("default").data.tasks[0]


def test_what_a_built_in_task_asks_may_change_and_takes_the_rule_with_it(studio):
    studio.slider(key="studio.data.tasks.0.options.agreement").set_value(0.5).run()
    studio.selectbox(key="studio.data.tasks.0.options.asks").set_value("topic").run()
    counted(studio)
    assert "agreement" not in settings(studio).data.tasks[0].options
    assert not studio.error


def test_a_head_that_cannot_be_is_one_sentence(studio):
    studio.selectbox(key="studio.task").set_value("similarity").run()
    studio.number_input(key="studio.data.tasks.3.head.layers").set_value(2).run()
    assert ["'cosine_hidden' has layers" in error for error in errors(studio)] == [True]
    assert studio.button(key="studio.start").disabled


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"capacity__encoder": "cnn", "capacity__width": "2"}, "width of at least 3"),
        ({"capacity__encoder": "lstm", "capacity__depth": "0"}, "depth of at least 1"),
        (
            {"capacity__encoder": "transformer", "capacity__width": "30"},
            "multiple of the attention",
        ),
        ({"capacity__encoder": "lstm", "capacity__pooling": "cls"}, "cannot pool by 'cls'"),
        ({"capacity__vectors": "gone.txt"}, "no file of word vectors 'gone.txt'"),
    ],
)
def test_an_encoder_that_cannot_be_built_is_refused_as_the_engine_refuses_it(store, changes, said):
    app = opened(**{f"studio__{place}": value for place, value in changes.items()})
    assert [said in error for error in errors(app)] == [True]
    assert app.button(key="studio.start").disabled
    config = settings(app)
    from mtlviz.errors import MtlvizError
    from tests.engine.test_estimate import built

    with pytest.raises(MtlvizError):
        built(config)


def test_another_encoder_gets_a_pooling_it_knows(store):
    app = opened(studio__capacity__encoder="lstm", studio__capacity__pooling="last")
    choose(app, "studio.capacity.encoder", "transformer")
    assert settings(app).capacity.pooling == "mean"
    assert not app.error


def test_several_seeds_and_each_task_alone_are_runs_of_their_own(studio, store):
    studio.number_input(key="studio.how_many").set_value(2).run()
    studio.toggle(key="studio.train_alone").set_value(True).run()
    counted(studio)
    assert studio.button(key="studio.start").label == "Start 10 runs"
    studio.button(key="studio.start").click().run()
    assert not studio.exception
    runs = [store.config(run.id) for run in reversed(store.runs())]
    together = [config for config in runs if len(config.data.tasks) == 4]
    assert [(c.seed, c.name) for c in together] == [
        (0, "default · seed 0"),
        (1, "default · seed 1"),
    ]
    alike = {config.model_copy(update={"seed": 0, "name": ""}).to_json() for config in together}
    assert len(alike) == 1
    alone = [config for config in runs if len(config.data.tasks) == 1]
    assert len(alone) == 8
    updates = run_estimates.estimated(settings(studio), facts(studio)).work.passes.tolist()
    assert [config.optimisation.max_updates for config in alone[:4]] == updates
    # The baselines are there now: another combiner needs none of its own.
    choose(studio, "studio.optimisation.combiner", "pcgrad")
    studio.button(key="studio.start").click().run()
    assert len(store.runs()) == 12


def test_the_time_of_all_runs_is_told_beside_that_of_the_first(studio, store, monkeypatch):
    finished(store, preset("default").changed_at("seed", 7), 250, 30.0, 60.0)
    studio.number_input(key="studio.how_many").set_value(10).run()
    for at_once, said in (
        ("1", "**10 runs** in the queue, roughly **10 min** for all, one after the other. "),
        ("5", "**10 runs** in the queue, roughly **2 min** for all, 5 at a time. "),
        ("99", "**10 runs** in the queue, roughly **1 min** for all, 10 at a time. "),
    ):
        monkeypatch.setenv("MTLVIZ_RUNS", at_once)
        assert any(f"{said}The first: " in text.value for text in studio.run().markdown)
    studio.toggle(key="studio.train_alone").set_value(True).run()
    counted(studio)
    # That of seed 7 is there.
    assert any("**49 runs** in the queue, roughly **" in text.value for text in studio.markdown)


def leave_read(store, data="fingerprint"):
    """Every waiting run of one task has finished, having read these examples."""
    for run in store.runs(("queued",)):
        config = store.config(run.id)
        if len(config.data.tasks) == 1:
            finish_waiting(store, run.id, config.optimisation.max_updates, data)


def test_single_tasks_are_left_out_by_the_rule_that_compare_pairs_by(store, two_sets):
    tasks = [{"name": name, "source": "folder", "path": name} for name in ("first", "second")]
    app = opened(studio__tasks=json.dumps(tasks), studio__alone="1")
    assert app.button(key="studio.start").label == "Start 3 runs"
    app.button(key="studio.start").click().run()
    assert app.button(key="studio.start").disabled  # All wait.
    leave_read(store)
    assert counted(app.run()).button(key="studio.start").disabled
    assert any("Left out: 3 runs" in note.value for note in app.caption)
    assert any("All runs of these settings are there" in each.value for each in app.markdown)
    later = time.time() + 60
    os.utime(two_sets / "first" / "train.csv", (later, later))
    counted(app.run()).button(key="studio.start").click().run()
    # What waits will read the file as it is now; the task alone has read another one.
    assert len(store.runs()) == 4
    assert [task.name for task in store.config(4).data.tasks] == ["first"]


def test_a_stored_task_alone_of_which_nobody_knows_what_it_read_is_trained_again(store):
    app = opened(studio__alone="1")
    app.button(key="studio.start").click().run()
    leave_read(store, data=None)
    assert counted(app.run()).button(key="studio.start").label == "Start 4 runs"


def test_with_patience_no_task_is_trained_alone_before_it_is_known_for_how_long(store):
    app = opened(studio__alone="1", studio__optimisation__patience="2")
    assert app.button(key="studio.start").label == "Start"
    assert any("With patience" in note.value for note in app.caption)


def test_a_stopped_run_can_begin_anew(studio, store):
    studio.button(key="studio.start").click().run()
    (run,) = store.runs()
    studio.button(key=f"studio.{run.id}.stop").click().run()
    studio.button(key=f"studio.{run.id}.retry").click().run()
    assert store.run(run.id).status == "queued"


def test_the_link_carries_what_differs_and_opens_it_again(store):
    app = opened()
    choose(app, "studio.optimisation.combiner", "cagrad")
    app.number_input(key="studio.optimisation.combiner_options.c").set_value(0.3).run()
    app.number_input(key="studio.capacity.width").set_value(48).run()
    app.number_input(key="studio.how_many").set_value(3).run()
    link = {name: value for name, value in app.query_params.items() if name.startswith("studio.")}
    assert link == {
        "studio.optimisation.combiner": "cagrad",
        "studio.optimisation.combiner_options": '{"c":0.3}',
        "studio.capacity.width": "48",
        "studio.seeds": "3",
    }
    again = opened(**{name.replace(".", "__"): value for name, value in link.items()})
    assert settings(again) == settings(app)
    assert again.number_input(key="studio.how_many").value == 3


@pytest.mark.parametrize("start", PRESETS)
def test_any_settings_travel_in_a_link_from_any_experiment(start):
    assert written(preset(start), start) == {}
    for name in PRESETS:
        wanted = preset(name)
        query = written(wanted, start)
        others = [task.name for task in wanted.data.tasks] != [
            task.name for task in preset(start).data.tasks
        ]
        assert ("studio.tasks" in query) == others
        found, problems = read(query, start)
        assert not problems
        assert found.model_copy(update={"name": wanted.name}) == wanted


def test_what_a_link_cannot_set_is_said_and_the_rest_holds(store):
    app = opened(
        experiment="nonsense",
        studio__optimisation__combiner="zap",
        studio__capacity__width="-4",
        studio__seed="7",
        studio__seeds="100",
    )
    (said,) = [warning.value for warning in app.warning]
    for part in ("nonsense", "zap", "width", "studio.seeds"):
        assert part in said
    assert settings(app) == preset("default").changed_at("seed", 7)


def test_a_link_hides_groups_and_controls(store):
    app = opened(hide="Optimisation,capacity.width")
    assert "studio.optimisation.combiner" not in {box.key for box in app.selectbox}
    assert "studio.capacity.width" not in {box.key for box in app.number_input}
    assert app.selectbox(key="studio.capacity.encoder")


def upload(app, content):
    app.file_uploader(key="studio.file").set_value(("run.json", content, "application/json")).run()
    assert not app.exception
    return errors(app)


def test_a_settings_file_is_opened(studio):
    config = (
        preset("default").changed_at("optimisation.combiner", "mgda").changed_at("name", "mine")
    )
    assert upload(studio, config.to_json().encode()) == []
    assert settings(studio) == config
    studio.button(key="studio.start").click().run()
    assert run_records.store().runs()[0].name == "mine · mgda"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (json.dumps({"version": 99, "data": {"tasks": []}}).encode(), "version 99"),
        (preset("default").to_json().replace('"sum"', '"zap"').encode(), "Unknown combiner 'zap'"),
        (
            preset("default").to_json().replace('"encoder": "mean"', '"encoder": "gru"').encode(),
            "Unknown encoder 'gru'",
        ),
    ],
)
def test_a_settings_file_that_cannot_be_used_is_one_sentence_and_changes_nothing(
    studio, content, said
):
    (sentence,) = upload(studio, content)
    assert said in sentence
    assert settings(studio) == preset("default")


def test_every_setting_has_a_control_or_is_drawn_elsewhere():
    drawn_elsewhere = {
        "version", "name", "data.tasks.N.name", "data.tasks.N.source", "data.tasks.N.path",
        "data.tasks.N.options", "capacity.sharing_options", "optimisation.scheduler_options",
        "optimisation.combiner_options", "optimisation.weighting_options",
        "optimisation.phases.N.scheduler_options", "optimisation.phases.N.combiner_options",
        "optimisation.phases.N.weighting_options",
        "probes.embeddings_examples", "probes.examples_every", "probes.worked_example_every",
            "data.leak_from", "data.tasks.N.classes", "continual.method_options",
    }  # fmt: skip
    titled = {place for place in HELP if RunConfig.control(place.replace("N", "0")).group}
    assert titled | drawn_elsewhere == set(HELP)


def test_names_stay_apart_however_many_tasks_there_are():
    config = preset("default")
    many = [
        {**config.data.tasks[0].model_dump(mode="json"), "name": f"a task with a long name {k}"}
        for k in range(9)
    ]
    long = RunConfig.from_values(config.model_dump(mode="json")).changed_at("data.tasks", many)
    names = {run_name(long.changed_at("seed", seed), config) for seed in (1, 2)}
    assert len(names) == 2
    assert max(map(len, names)) <= 120


SCRIPT = """
import sys
from tests.ui.harness import START, opened, visit
app = opened(START)
for page in sys.argv[1:]:
    visit(app, page)
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


def test_the_pages_never_import_torch_or_transformers(tmp_path):
    environment = {**os.environ, "MTLVIZ_HOME": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, "studio", "run"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_a_link_with_an_option_that_is_no_number_says_so_and_leaves_the_page_whole(store):
    options = json.dumps({"temperature": "hot"})
    app = opened(
        studio__optimisation__scheduler="temperature",
        studio__optimisation__scheduler_options=options,
    )
    assert not app.exception
    said = [each.value for each in (*app.warning, *app.error)]
    assert len([text for text in said if "`temperature` of the temperature scheduler" in text]) == 1
    assert not app.button(key="studio.start").disabled


def test_start_begins_all_that_a_sentence_with_an_interval_needs_as_one_family(studio, store):
    planned = {signature(each) for each in missing_runs(preset("default"), SEEDS)}
    assert studio.button(key="studio.start_family").label == "Start 25 runs"
    assert any("Together and alone, 5 seeds: **25 runs**, roughly **" in text.value
               for text in studio.markdown)  # fmt: skip
    studio.button(key="studio.start_family").click().run()
    runs = store.runs()
    # The very runs that the start page begins.
    assert {signature(store.config(run.id)) for run in runs} == planned
    assert {run.family for run in runs} == {1}
    assert any("0 of 25 runs" in line for line in lines(studio))
    assert "studio.start_family" not in harness.widgets(studio)
    # Nothing is begun twice.
    assert studio.button(key="studio.start").disabled
    # Another way of training is begun alike from here on; its tasks alone are there.
    choose(studio, "studio.optimisation.combiner", "pcgrad")
    assert studio.button(key="studio.start").label == "Start 5 runs"


def test_a_family_is_looked_for_once_while_the_page_is_drawn(studio, monkeypatch):
    asked = []
    monkeypatch.setattr(planned_runs, "missing_runs", lambda *given: asked.append(given) or [])
    studio.run()
    assert len(asked) == 1
    studio.run()
    assert len(asked) == 2


def test_one_run_can_be_started_and_the_rest_of_its_family_later(studio, store):
    studio.button(key="studio.start").click().run()
    assert len(store.runs()) == 1
    assert studio.button(key="studio.start_family").label == "Start 24 runs"
    assert any("Missing of together and alone, 5 seeds: **24 runs**" in each.value
               for each in studio.markdown)  # fmt: skip


def test_a_family_that_cannot_be_queued_leaves_start_as_it_was(studio, monkeypatch):
    def full(*_):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(plan_runs, "begin", full)
    studio.button(key="studio.start_family").click().run()
    assert errors(studio) == ["The disk is full."]
    assert studio.button(key="studio.start_family").label == "Start 25 runs"


def test_a_run_whose_tasks_train_unequally_says_so(store):
    app = opened(studio__optimisation__scheduler="proportional")
    assert any("Not every task trains as much" in note.value and "**letters** gets" in note.value
               for note in app.caption)  # fmt: skip
    assert not any("Not every task" in note.value for note in opened().caption)


def test_settings_that_train_longer_than_the_run_before_say_so(store):
    store.create_run(preset("default").changed_at("name", "mine"))
    app = opened(studio__optimisation__epochs="10", studio__optimisation__combiner="pcgrad")
    (told,) = [each.value for each in app.warning]
    assert "beside run 1, “mine”" in told
    assert "50 batches in these settings; 250 batches in run 1" in told
    assert "They differ in epochs." in told
    assert not opened(studio__optimisation__combiner="pcgrad").warning
    # Another seed of the same is no other setting.
    assert not opened(studio__seed="3").warning


def test_a_recorded_run_of_somebody_else_is_not_what_the_page_opens_with(store):
    open_example(store, "built-in")
    app = opened()
    assert not any(" Run " in line for line in lines(app))
    assert app.button(key="studio.start_family").label == "Start 25 runs"


def test_where_a_task_alone_would_train_for_too_many_epochs_no_family_is_offered(store):
    app = opened(studio__optimisation__epochs="900")
    assert app.button(key="studio.start").label == "Start"
    assert "studio.start_family" not in harness.widgets(app)
