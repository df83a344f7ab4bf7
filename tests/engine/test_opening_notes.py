"""What is told before the first update: rows left out, unknown words, examples not seen."""

import pytest

from mtlviz.engine.choices import nothing_later
from mtlviz.engine.config import DataConfig, OptimisationConfig, RunConfig, TaskConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.opening_notes import cut_short
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.engine.records import Note
from mtlviz.engine.training import prepare


@pytest.fixture
def told(tmp_path):
    """The notes, by topic, of a run on tables of these rows."""

    def prepared(*tables, **optimisation):
        tasks = []
        for number, rows in enumerate(tables):
            file = tmp_path / f"{number}.csv"
            file.write_text("text,label,split\n" + "".join(f"{row}\n" for row in rows))
            tasks.append(TaskConfig(name=f"t{number}", source="table", path=str(file)))
        config = RunConfig(
            data=DataConfig(tasks=tuple(tasks), batch_size=4),
            optimisation=OptimisationConfig(epochs=1, **optimisation),
        )
        training = prepare(config, None)
        notes = {note.topic: note.text for note in training.pending if isinstance(note, Note)}
        sentence = cut_short(training)
        return notes | ({"schedule": sentence} if sentence else {})

    return prepared


def rows(count, word="word"):
    train = [f"{word} and number {n % 3} {n},{n % 2},train" for n in range(count)]
    return [*train, f"{word} and number 1,0,dev", f"{word} and number 2,1,dev"]


def test_examples_that_an_epoch_of_the_smallest_task_leaves_out_are_told(told):
    assert told(rows(40), rows(8))["schedule"] == (
        "An epoch of the joint scheduler ends with the smallest task: 8 of 40 examples of 't0' are "
        "seen; joint_fill_up sees all."
    )
    assert "8 of 40" in told(rows(8), rows(40), scheduler="round_robin")["schedule"]


def test_nothing_is_said_of_epochs_where_phases_give_every_task_its_share(told):
    assert "schedule" not in told(rows(40), rows(8), phases="t0 > t1")


@pytest.mark.parametrize("scheduler", ["joint_fill_up", "round_robin_fill_up", "proportional"])
def test_schedulers_that_see_all_are_silent(told, scheduler):
    assert "schedule" not in told(rows(40), rows(8), scheduler=scheduler)


def test_tasks_of_one_size_are_silent(told):
    assert told(rows(8), rows(8, "other")) == {}


def test_rows_that_are_left_out_are_told(told):
    found = told([*rows(8), "a text,-,train"])["data"]
    assert found == "t0: 1 of 11 rows have no label and are left out ('-' in 1)."


def test_words_that_the_vocabulary_lacks_are_told(told):
    found = told([*rows(8), "ภาษาไทยไม่มีช่องว่าง,1,dev", "ง่ายมาก,0,dev", "ดีมาก,0,dev"])
    assert found["unknown_words"].startswith("27% of the words in the development examples of 't0'")


@pytest.mark.parametrize("method", CONTINUAL)
def test_a_method_against_forgetting_without_phases_is_told(method):
    phases = preset("continual-sequence").changed_at("continual.method", method)
    assert nothing_later(phases) == ""
    joint = phases.changed_at("optimisation.phases", ())
    if method == "sequential":
        assert nothing_later(joint) == ""
    elif method == "inserts":  # It keeps the encoder from the start.
        assert nothing_later(joint.changed_at("capacity.sharing", "lora")) == ""
    else:
        notes = [each.text for each in prepare(joint, None).pending if isinstance(each, Note)]
        assert notes == [nothing_later(joint)]
        assert f"{CONTINUAL[method].title}, does nothing here" in notes[0]


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_has_a_method_against_forgetting_for_nothing(name):
    assert nothing_later(preset(name)) == ""
