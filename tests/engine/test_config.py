"""Settings: round trips, one-sentence errors, the single-task counterpart, presets."""

import json

import pytest

from mtlviz.engine.choices import without_effect
from mtlviz.engine.config import Budget, RunConfig, TaskConfig, fields, single_task
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.errors import ConfigError


def config(**optimisation):
    values = {
        "data": {"tasks": [{"name": "a"}, {"name": "b", "label_noise": 0.2}]},
        "optimisation": optimisation,
    }
    return RunConfig.from_values(values)


def test_settings_survive_json_unchanged():
    before = config(combiner="pcgrad", combiner_options={"x": 1})
    assert RunConfig.from_json(before.to_json()) == before


def test_settings_from_a_newer_version_are_refused_with_both_versions():
    values = json.loads(config().to_json()) | {"version": 99}
    with pytest.raises(ConfigError, match=r"version 99; this mtlviz reads versions 1 to 1"):
        RunConfig.from_values(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"optimisation": {"epochs": 0}}, r"`optimisation.epochs` must be from 1 to 1000, got 0"),
        ({"optimisation": {"speed": 1}}, r"There is no setting `optimisation.speed`"),
        ({"data": {"tasks": [{"name": "a"}, {"name": "a"}]}}, r"'a' occurs twice"),
        ({"data": {}}, r"`data.tasks` is missing"),
        ({"seed": "x" * 500}, r"`seed` .*\.\.\."),
        ({"seed": True}, r"`seed` should be a number, got True"),
        ({"seed": "5"}, r"`seed` should be a number, not a text, got '5'"),
        ({"optimisation": {"match_sum_norm": "yes"}}, r"_norm` should be true or false, got 'yes'"),
        ({"optimisation": {"match_sum_norm": 1}}, r"_norm` should be true or false, got 1"),
        ({"name": "x" * 121}, r"`name` should have at most 120 characters"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(values, words):
    complete = {"data": {"tasks": [{"name": "a"}]}} | values
    with pytest.raises(ConfigError, match=words) as error:
        RunConfig.from_values(complete)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


def test_files_that_are_missing_or_not_json_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"Cannot read the settings in .*nowhere.json"):
        RunConfig.from_file(tmp_path / "nowhere.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(ConfigError, match=r"broken.json: .*not valid JSON"):
        RunConfig.from_file(broken)
    broken.write_text("[]")
    with pytest.raises(ConfigError, match="must be a JSON object, got list"):
        RunConfig.from_file(broken)


def test_one_setting_changes_by_its_dotted_place():
    before = config()
    assert before.changed_at("optimisation.combiner", "pcgrad").optimisation.combiner == "pcgrad"
    assert before.changed_at("data.tasks.1.label_noise", 0.5).data.tasks[1].label_noise == 0.5
    options = before.changed_at("capacity.sharing_options.fixed", True).capacity.sharing_options
    assert options == {"fixed": True}
    assert before == config()


@pytest.mark.parametrize(
    "path", ["optimisation.speed", "nowhere.at.all", "data.tasks.7.name", "data.tasks.x", "seed.x"]
)
def test_a_place_that_does_not_exist_is_named(path):
    with pytest.raises(ConfigError, match=f"There is no setting `{path}`"):
        config().changed_at(path, 1)


def test_the_single_task_counterpart_keeps_budget_seed_and_head():
    mtl = config(combiner="pcgrad", scheduler="round_robin", epochs=3, combiner_options={"x": 1})
    alone = single_task(mtl, 1, Budget(25, 10, 3))
    assert [task.name for task in alone.data.tasks] == ["b"]
    assert alone.data.tasks[0] == mtl.data.tasks[1]
    assert (alone.optimisation.combiner, alone.optimisation.scheduler) == ("sum", "joint")
    assert alone.optimisation.combiner_options == {}
    # 25 updates need three epochs of 10; three evaluations fall after 9, 18 and 25 updates.
    assert (alone.optimisation.epochs, alone.optimisation.max_updates) == (3, 25)
    assert alone.probes.evaluate_every == 9
    assert alone.seed == mtl.seed
    assert RunConfig.from_json(alone.to_json()) == alone


@pytest.mark.parametrize(
    ("updates", "evaluations", "every"),
    [
        # Half the updates of a run that is evaluated every 5 of its 40: every 2 or 3 of 20.
        (20, 8, 3),
        # 10 updates cannot be cut into 6 equal parts: 5 evaluations are as near as 10 would not be.
        (10, 6, 2),
        (3, 8, 1),
        (100, 1, 100),
    ],
)
def test_the_single_task_counterpart_is_evaluated_as_often(updates, evaluations, every):
    mtl = config().changed_at("probes.evaluate_every", 5)
    alone = single_task(mtl, 0, Budget(updates, 10, evaluations))
    assert alone.probes.evaluate_every == every


def test_a_list_is_called_a_list():
    with pytest.raises(ConfigError, match=r"`data.tasks` should be a list, got 'x'\."):
        RunConfig.from_values({"data": {"tasks": "x"}})


def test_every_setting_says_what_it_is():
    assert [place for place, field in fields() if not field.description] == []


def test_every_setting_has_a_place_and_those_of_tasks_are_listed_once():
    places = dict(fields())
    assert "optimisation.combiner" in places
    assert "data.tasks.N.head.fusion" in places
    assert set(TaskConfig.model_fields) - {"head"} <= {
        place.removeprefix("data.tasks.N.") for place in places
    }


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_makes_settings_that_survive_json(name):
    made = preset(name)
    assert RunConfig.from_json(made.to_json()) == made
    assert made.name == name
    if PRESETS[name].pretrained:
        assert preset(name, "some/folder").capacity.checkpoint == "some/folder"


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"Unknown preset 'x'. Known: .*cs224n-pcgrad"):
        preset("x")


def test_what_the_chosen_encoder_makes_no_use_of_is_said():
    plain = preset("default")
    assert without_effect(plain) == ()
    aligned = {"capacity.sharing": "aligned", "capacity.sharing_options": {"variant": "fixed"}}
    for values, words in (
        ({"capacity.frozen_layers": 2}, "the mean encoder has none"),
        ({"capacity.pooling": "pooler"}, "one way alone"),
        ({"optimisation.gradient_checkpointing": True}, "it does nothing"),
        ({"capacity.frozen": True}, "starts at random and is kept"),
        (aligned, "starts at random and is kept"),
    ):
        (said,) = without_effect(plain.with_values(values))
        assert words in said
        pretrained = preset("cs224n-classic").with_values(values)
        assert without_effect(pretrained) == ()
