"""What strangers write is read within limits: one sentence, never a traceback."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.tasks.reading import read_json
from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import DEEPEST_JSON, json_or_text, parse_json, whole_number
from mtlviz.toy.config import from_json
from mtlviz.ui.pages.studio.settings import read as read_link

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=20,
)
HOSTILE = {
    "deep lists": "[" * 100_000,
    "deep lists, closed": "[" * 5000 + "]" * 5000,
    "deep objects": '{"a":' * 5000 + "1" + "}" * 5000,
    "a little too deep": "[" * (DEEPEST_JSON + 1) + "1" + "]" * (DEEPEST_JSON + 1),
    "long number": "9" * 5000,
    "no 64 bits": str(2**63),
    "long fraction": "0." + "1" * 5000,
    "infinite": "1e999",
    "the same key": '{"seed": 1, "seed": 2}',
    "half a character": r'"\ud83d"',
    "no name": r'{"a\u0000": 1}',
}


@given(PLAIN)
def test_what_python_writes_is_read_back(value):
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_no_setting_can_hold_is_one_sentence(text):
    for read in (parse_json, json_or_text):
        with pytest.raises(ConfigError) as refused:
            read(text, "It")
        assert str(refused.value).startswith("It ")
        assert len(str(refused.value)) < 200
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "{", "", "pcgrad", "[1,]", '"\n"'])
def test_what_is_no_json_is_refused_or_taken_as_text(text):
    with pytest.raises(ConfigError, match="not valid JSON"):
        parse_json(text)
    assert json_or_text(text) == text


def test_text_that_is_too_long_or_in_no_encoding_is_refused():
    with pytest.raises(ConfigError, match="4 characters; at most 3 are read"):
        parse_json("1234", longest=3)
    with pytest.raises(ConfigError, match="not in UTF-8"):
        parse_json(b'"\xff"')
    with pytest.raises(ConfigError, match=r"U\+0000"):
        json_or_text("name\0")


def test_recursion_of_the_reader_itself_is_told(monkeypatch):
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(200)
        with pytest.raises(ConfigError, match="nested too deeply"):
            parse_json("[" * 199 + "]" * 199)
    finally:
        sys.setrecursionlimit(limit)


@given(st.integers(-50, 50))
def test_whole_numbers_are_read_within_their_bounds(number):
    if -10 <= number <= 20:
        assert whole_number(str(number), "It", -10, 20) == number
    else:
        with pytest.raises(ConfigError, match="It must be a whole number from -10 to 20, got"):
            whole_number(str(number), "It", -10, 20)


@pytest.mark.parametrize("text", ["", "1.0", "1_0", "١", " 1", "+1", "9" * 5000, str(2**63), "-1"])
def test_what_is_no_plain_whole_number_is_refused(text):
    with pytest.raises(ConfigError, match="must be a whole number of at least 0, got") as refused:
        whole_number(text, "It")
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_settings_files_links_and_descriptions_are_read_within_the_limits(text, tmp_path):
    (tmp_path / "meta.json").write_text(text, encoding="utf-8")
    for read, error in ((RunConfig.from_json, ConfigError), (from_json, ConfigError)):
        with pytest.raises(error):
            read(text)
    with pytest.raises(DataError, match=r"^meta\.json "):
        read_json(tmp_path / "meta.json")
    parameters = {"studio.name": text, "studio.seed": text, "studio.tasks": text}
    config, problems = read_link(parameters, "default")
    assert config == preset("default")
    assert len(problems) == len(parameters)
