import json

import numpy as np
import pytest

from mtlviz.errors import ConfigError
from mtlviz.toy.config import (
    CONTROLS,
    TaskScene,
    ToyConfig,
    controls_of,
    from_json,
    from_query,
    get,
    left_out,
    replace,
    to_json,
    to_query,
)
from mtlviz.toy.presets import PRESETS

FIVE = replace(PRESETS["friendly"].config, {"tasks": 5})
POINTS = ((0, -1.25, 2.0, 1), (1, 0.5, 0.25, 0))


def other_value(key):
    control = CONTROLS[key]
    if control.kind == "choice":
        return next(choice for choice in control.choices if choice != get(FIVE, key))
    if control.kind == "int":
        return control.low if get(FIVE, key) != control.low else control.high
    generator = np.random.default_rng(len(key))
    return float(generator.uniform(control.low, control.high))


@pytest.mark.parametrize("key", [key for key in CONTROLS if key != "source"])
def test_every_control_survives_link_and_file(key):
    changed = replace(FIVE, {key: other_value(key)})
    assert get(changed, key) == other_value(key)
    assert from_query(to_query(changed)) == (changed, [])
    assert from_json(to_json(changed)) == changed


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_link_and_file(name):
    config = PRESETS[name].config
    assert from_query({"preset": name}) == (config, [])
    assert from_query(to_query(config)) == (config, [])
    assert to_query(config, name).keys() <= {"preset"}
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize("key", [key for key, c in CONTROLS.items() if c.kind != "choice"])
def test_a_number_out_of_range_is_refused_with_its_range(key):
    control = CONTROLS[key]
    for value in (control.low - 1, control.high + 1, "nan", "wide", None):
        with pytest.raises(ConfigError, match=f"{control.high:g}"):
            replace(FIVE, {key: value})


@pytest.mark.parametrize("key", [key for key, c in CONTROLS.items() if c.kind == "choice"])
def test_an_unknown_choice_is_refused_with_the_known_ones(key):
    with pytest.raises(ConfigError, match=r"must be one of .*'nonsense'"):
        replace(FIVE, {key: "nonsense"})


def test_every_control_has_words_a_group_and_a_range():
    for control in CONTROLS.values():
        assert control.title
        assert control.help.endswith(".")
        assert control.group in ("Data", "Capacity", "Optimisation")
        assert control.choices or control.low < control.high


def test_whole_numbers_are_not_rounded_silently():
    with pytest.raises(ConfigError, match="whole number"):
        replace(FIVE, {"capacity": 1.5})


def test_a_broken_link_gives_one_sentence_each_and_the_defaults():
    query = {"t1.angle": "900", "combiner": "magic", "t5.x": "1", "steps": "", "hide": "Data",
             "preset": "hostile", "seeds": "20"}  # fmt: skip
    config, problems = from_query(query)
    assert len(problems) == 4
    assert all(problem.endswith(".") for problem in problems)
    assert config == replace(PRESETS["hostile"].config, {"seeds": 20})


def test_an_unknown_preset_in_a_link_falls_back_with_a_sentence():
    config, problems = from_query({"preset": "nope"})
    assert config == PRESETS["friendly"].config
    assert len(problems) == 1


def test_options_of_methods_travel_in_links():
    config = replace(FIVE, {"scheduler": "temperature", "scheduler.temperature": 5.5})
    assert to_query(config)["scheduler.temperature"] == "5.5"
    assert from_query(to_query(config)) == (config, [])
    assert "scheduler.temperature" in controls_of(config)
    assert replace(config, {"scheduler": "annealed"}).scheduler_options == {}


def test_painted_points_travel_in_links_up_to_sixty():
    config = ToyConfig(**{**dict(PRESETS["friendly"].config), "own_points": POINTS})
    assert from_query(to_query(config)) == (config, [])
    many = config.model_copy(update={"own_points": POINTS * 31})
    assert "own" not in to_query(many)
    assert "62" in left_out(many)
    assert left_out(config) is None


@pytest.mark.parametrize("own", ["x", "9:1:0:0", "1:7:0:0", "1:1:900:0", "1:1:nan:0"])
def test_broken_own_points_in_a_link_give_a_sentence(own):
    config, problems = from_query({"own": own})
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
    assert replace(config, {"tasks": 2}).own_points == ()
    assert replace(config, {"tasks": 4}).tasks[3].x == 1


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
