"""The Studio through AppTest: choose, be told what is wrong, start, stop, delete."""

import os
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.engine.config import fields
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.runs import queue
from mtlviz.ui import cache
from mtlviz.ui.server import MAIN_SCRIPT
from mtlviz.ui.studio import choices
from mtlviz.ui.studio.controls import places
from mtlviz.ui.studio.summary import run_name, sentences

HELP = {place: field.description for place, field in fields()}


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The app's store in a folder of its own; runs wait in the queue and never begin."""
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    monkeypatch.delenv("MTLVIZ_DATA", raising=False)
    monkeypatch.setattr(queue, "tick", lambda store: [])
    made = cache.store()
    yield made
    made.close()


@pytest.fixture
def studio(store):
    app = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=30).run()
    app.switch_page("app_pages/studio.py").run()
    assert not app.exception
    return app


def settings(app):
    return app.session_state["studio.config"]


def choose(app, key, value):
    app.selectbox(key=key).set_value(value).run()
    assert not app.exception


def test_it_opens_with_the_built_in_tasks_and_says_what_will_run(studio):
    assert settings(studio) == preset("default")
    assert any("reviews, letters, topics and similarity" in text.value for text in studio.markdown)
    assert not studio.button(key="studio.start").disabled


@pytest.mark.parametrize("place", [p for p in choices.METHODS if p != "capacity.encoder"])
def test_every_method_can_be_chosen_and_has_its_sentence(studio, place):
    for name, sentence in choices.METHODS[place].items():
        choose(studio, f"studio.{place}", name)
        group, _, setting = place.partition(".")
        assert getattr(getattr(settings(studio), group), setting) == name
        assert sentence in [caption.value for caption in studio.caption]


def test_every_control_has_the_help_of_its_setting(studio):
    for group in ("Data", "Capacity", "Optimisation"):
        for place in places(settings(studio), group):
            found = [
                widget
                for kind in ("selectbox", "number_input", "toggle")
                for widget in getattr(studio, kind)
                if widget.key == f"studio.{place}"
            ]
            assert found[0].help == HELP[place]


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


def test_a_wrong_combination_is_said_where_it_stands_and_cannot_start(studio):
    choose(studio, "studio.optimisation.scheduler", "phases")
    studio.number_input(key="studio.optimisation.epochs").set_value(2).run()
    assert any("at least one epoch per task" in error.value for error in studio.error)
    assert studio.button(key="studio.start").disabled


def test_a_value_out_of_range_is_refused_and_the_old_one_stays(studio):
    studio.number_input(key="studio.optimisation.learning_rate").set_value(-1.0).run()
    assert any("learning_rate" in error.value for error in studio.error)
    assert settings(studio).optimisation.learning_rate == 0.003
    assert studio.number_input(key="studio.optimisation.learning_rate").value == 0.003


def test_a_pretrained_encoder_needs_a_name(studio):
    choose(studio, "studio.capacity.encoder", "checkpoint")
    assert any("needs a hub name or a folder" in error.value for error in studio.error)
    assert studio.button(key="studio.start").disabled
    studio.text_input(key="studio.capacity.checkpoint").set_value("some/encoder").run()
    assert not studio.error
    assert not studio.button(key="studio.start").disabled


def test_start_puts_the_run_into_the_queue_and_stop_takes_it_out(studio, store):
    choose(studio, "studio.optimisation.combiner", "pcgrad")
    studio.button(key="studio.start").click().run()
    assert not studio.exception
    (run,) = store.runs()
    assert (run.status, run.position, run.name) == ("queued", 1, "default · pcgrad")
    assert store.config(run.id).optimisation.combiner == "pcgrad"
    assert any("number 1 in the queue" in text.value for text in studio.markdown)
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
    assert studio.selectbox(key="studio.experiment").options == [PRESETS["default"].title]
    button = studio.button(key="studio.missing.cs224n-pcgrad")
    assert button.disabled
    assert "cs224n_sst" in button.help


def test_the_last_task_cannot_be_left_out(studio):
    tasks = studio.button_group(key="studio.tasks")
    tasks.set_value(["reviews", "topics"]).run()
    assert [task.name for task in settings(studio).data.tasks] == ["reviews", "topics"]
    studio.button_group(key="studio.tasks").set_value([]).run()
    assert any("at least one task" in error.value for error in studio.error)
    assert len(settings(studio).data.tasks) == 2


def test_a_home_that_cannot_be_used_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "file"))
    app = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=30).run()
    app.switch_page("app_pages/studio.py").run()
    assert not app.exception
    assert any("home folder" in error.value for error in app.error)
    assert not any(str(tmp_path) in error.value for error in app.error)


def test_the_sentences_on_encoders_and_sharing_are_those_of_the_registries():
    from mtlviz.engine.models.encoders import ENCODERS
    from mtlviz.engine.models.sharing import SHARING

    for sentences_here, registry in ((choices.ENCODERS, ENCODERS), (choices.SHARING, SHARING)):
        first_lines = {name: found.__doc__.splitlines()[0] for name, found in registry.items()}
        assert sentences_here == first_lines


@pytest.mark.parametrize("name", PRESETS)
def test_every_experiment_can_be_said_in_plain_words(name):
    config = preset(name)
    assert len(sentences(config)) == 6
    assert run_name(config, config) == config.name


def test_thinning_keeps_tasks_that_take_turns():
    for updates in (1201, 5000, 99_999):
        points = cache.thinned(updates, 4, 600)
        stride = -(-updates // points)
        assert stride % 2 == 1
        assert updates / stride <= 700
    assert cache.thinned(600, 4, 600) is None


SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
from mtlviz.ui.server import MAIN_SCRIPT
app = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=30).run()
for page in ("studio", "run"):
    app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


def test_the_pages_never_import_torch_or_transformers(tmp_path):
    environment = {**os.environ, "MTLVIZ_HOME": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
