import json

import numpy as np
import pytest

from mtlviz.errors import ConfigError
from mtlviz.toy.config import CONTROLS, ToyConfig, from_json, left_out, to_json
from mtlviz.toy.fields import METHODS, TaskScene
from mtlviz.toy.presets import PRESETS

FIVE = PRESETS["clouds"].config.with_values({"tasks": 5})
POINTS = ((0, -1.25, 2.0, 1), (1, 0.5, 0.25, 0))


def other_value(key):
    control = CONTROLS[key]
    if control.kind == "choice":
        return next(choice for choice in control.offered() if choice != FIVE.value_at(key))
    if control.kind == "int":
        return control.low if FIVE.value_at(key) != control.low else control.high
    generator = np.random.default_rng(len(key))
    return float(generator.uniform(control.low, control.high))


@pytest.mark.parametrize("key", [key for key in CONTROLS if key != "source"])
def test_every_control_survives_link_and_file(key):
    changed = FIVE.with_values({key: other_value(key)})
    assert changed.value_at(key) == other_value(key)
    assert ToyConfig.read(changed.query()) == (changed, [])
    assert from_json(to_json(changed)) == changed


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_link_and_file(name):
    config = PRESETS[name].config
    assert ToyConfig.read(config.query()) == (config, [])
    assert config.query(config) == {}
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize("key", [key for key, c in CONTROLS.items() if c.kind != "choice"])
def test_a_number_out_of_range_is_refused_with_its_range(key):
    control = CONTROLS[key]
    for value in (control.low - 1, control.high + 1):
        with pytest.raises(ConfigError, match=f"`{key}` .*{control.high:g}, got {value}"):
            FIVE.with_values({key: value})
    for value in ("nan", "wide", None, float("nan")):
        with pytest.raises(ConfigError, match=f"`{key}` .*, got {value!r}"):
            FIVE.with_values({key: value})


@pytest.mark.parametrize("key", [key for key, c in CONTROLS.items() if c.kind == "choice"])
def test_an_unknown_choice_is_refused_with_the_known_ones(key):
    with pytest.raises(ConfigError) as error:
        FIVE.with_values({key: "nonsense"})
    assert all(name in str(error.value) for name in ("'nonsense'", *CONTROLS[key].offered()))


def test_every_control_has_words_a_group_and_a_range():
    for control in CONTROLS.values():
        assert control.title
        assert control.help.endswith(".")
        assert control.group in ("Data", "Capacity", "Optimisation")
        assert control.offered() or control.low < control.high


def test_whole_numbers_are_not_rounded_silently():
    with pytest.raises(ConfigError, match="whole number"):
        FIVE.with_values({"capacity": 1.5})


def test_a_broken_link_gives_one_sentence_each_and_the_defaults():
    query = {"t1.angle": "900", "combiner": "magic", "t5.x": "1", "steps": "", "hide": "Data",
             "seeds": "20"}  # fmt: skip
    hostile = PRESETS["moved_cloud"].config
    config, problems = ToyConfig.read(query, hostile)
    assert len(problems) == 4
    assert all(problem.endswith(".") for problem in problems)
    assert config == hostile.with_values({"seeds": 20})


def test_options_of_methods_travel_in_links():
    config = FIVE.with_values({"scheduler": "temperature", "scheduler.temperature": 5.5})
    assert config.query()["scheduler.temperature"] == "5.5"
    assert ToyConfig.read(config.query()) == (config, [])
    assert "scheduler.temperature" in config.controls()
    assert config.with_values({"scheduler": "annealed"}).scheduler_options == {}
    usual = METHODS["scheduler"]["temperature"].defaults["temperature"]
    assert config.with_values({"scheduler.temperature": usual}).scheduler_options == {}


@pytest.mark.parametrize(("kind", "name"), [(k, name) for k in METHODS for name in METHODS[k]])
def test_every_option_of_every_method_is_a_control_whose_text_reads_back(kind, name):
    config = FIVE.with_values({kind: name})
    options = {key: config.value_at(key) for key in config.controls() if key.startswith(f"{kind}.")}
    for key, value in options.items():
        text = "" if value is None else str(int(value) if isinstance(value, bool) else value)
        assert config.with_values({key: text}).value_at(key) == value
        assert config.control_at(key).help
    assert len(options) == sum(option.kind != "values" for option in METHODS[kind][name].options)


def test_painted_points_travel_in_links_up_to_sixty():
    config = ToyConfig(**{**dict(PRESETS["clouds"].config), "own_points": POINTS})
    assert ToyConfig.read(config.query()) == (config, [])
    many = config.model_copy(update={"own_points": POINTS * 31})
    assert "own" not in many.query()
    assert "62" in left_out(many)
    assert left_out(config) is None


@pytest.mark.parametrize("own", ["x", "9:1:0:0", "1:7:0:0", "1:1:900:0", "1:1:nan:0"])
def test_broken_own_points_in_a_link_give_a_sentence(own):
    config, problems = ToyConfig.read({"own": own})
    assert config.own_points == ()
    assert len(problems) == 1


def test_a_newer_or_foreign_file_is_refused_in_one_sentence():
    content = json.loads(to_json(FIVE))
    with pytest.raises(ConfigError, match="version 2"):
        from_json(json.dumps(content | {"version": 2}))
    with pytest.raises(ConfigError, match="kind"):
        from_json("{}")
    with pytest.raises(ConfigError, match="not valid JSON"):
        from_json("{")
    with pytest.raises(ConfigError, match="colour"):
        from_json(json.dumps(content | {"colour": 1}))


def test_a_table_needs_both_classes_of_every_task():
    with pytest.raises(ValueError, match="task 1 needs at least 2 own points of class 0"):
        ToyConfig(source="table", own_points=POINTS)


def test_fewer_tasks_drop_their_own_points_and_more_copy_the_last_scene():
    config = ToyConfig(tasks=(TaskScene(), TaskScene(), TaskScene(x=1)), own_points=((2, 0, 0, 1),))
    assert config.with_values({"tasks": 2}).own_points == ()
    assert config.with_values({"tasks": 4}).tasks[3].x == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "toy", "version": 1, "tasks": [{}, {}], "scheduler": "zzz"}',
        '{"kind": "toy", "version": 1, "combiner": "cagrad", "combiner_options": {"c": "x"}}',
        '{"kind": "toy", "version": 1, "scheduler": "temperature",'
        ' "scheduler_options": {"temperature": -1}}',
        '{"kind": "toy", "version": true}',
        "[" * 200_000,
    ],
    ids=["unknown scheduler", "word for a number", "bad option", "bool version", "deep"],
)
def test_a_settings_file_that_cannot_be_used_is_refused_in_a_sentence(text):
    with pytest.raises(ConfigError):
        from_json(text)
