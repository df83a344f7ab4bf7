"""Settings: one declaration gives check, sentence, link and control; links are exact."""

import math
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from mtlviz import access
from mtlviz.access import Access
from mtlviz.errors import ConfigError
from mtlviz.settings import Settings, Text, setting
from mtlviz.value_text import comma_text, comma_values, exact


class Inner(Settings):
    name: str = "a"
    noise: float = setting(0.0, "Noise", "How much.", "Data", low=0, high=1)


class View(Settings):
    link_prefix = "v_"
    update: int | None = setting(None, "Update", "Which one.", "Data", low=0)
    axis: Literal["update", "epoch"] = setting("update", "Across", group="Data")
    rate: float = setting(0.1, "Rate", group="Optimisation")
    on: bool = False
    words: str = ""
    names: tuple[str, ...] = ("x",)
    widths: tuple[int, ...] = (1, 2)
    tasks: tuple[Inner, ...] = (Inner(), Inner(name="b"))
    options: dict[str, Any] = Field(default_factory=dict)
    pair: tuple[int, int] = setting(
        (0, 1), parameter="p",
        text=Text(lambda two: "-".join(map(str, two)),
                  lambda text: tuple(int(each) for each in text.split("-"))),
    )  # fmt: skip
    secret: str = setting("", linked=False)


FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
VIEWS = st.builds(
    View,
    update=st.none() | st.integers(0, 10**15),
    axis=st.sampled_from(["update", "epoch"]),
    rate=FLOATS,
    on=st.booleans(),
    words=WORDS,
    names=st.lists(WORDS, max_size=4).map(tuple),
    widths=st.lists(st.integers(-(10**9), 10**9), max_size=4).map(tuple),
    tasks=st.lists(st.builds(Inner, name=WORDS, noise=st.floats(0, 1)), max_size=3).map(tuple),
    options=st.dictionaries(WORDS, FLOATS | st.booleans() | WORDS, max_size=3),
    pair=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)


@given(VIEWS, VIEWS)
def test_a_link_opens_exactly_the_settings_it_was_made_of(view, base):
    query = view.query(base)
    assert all(name.startswith("v_") for name in query)
    read, problems = View.read(query, base)
    assert not problems
    assert read == view.changed(secret=base.secret)


@given(FLOATS)
def test_the_text_of_a_number_is_exact(number):
    assert float(exact(number)) == number


@given(st.lists(WORDS.map(str.strip).filter(bool)))
def test_a_list_may_hold_commas(names):
    assert comma_values(comma_text(names)) == tuple(names)


def test_a_link_says_only_what_differs():
    assert View().query() == {}
    assert View(rate=1 / 3, pair=(2, 0)).query() == {"v_rate": repr(1 / 3), "v_p": "2-0"}
    assert View(tasks=(Inner(noise=0.5), Inner(name="b"))).query() == {"v_tasks.0.noise": "0.5"}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("v_rate", "x", "`v_rate` should be a number, got 'x'."),
        ("v_rate", "1e999", "`v_rate` should be a finite number, got '1e999'."),
        ("v_update", "1.5", "`v_update` should be a whole number, got '1.5'."),
        ("v_update", "-1", "`v_update` should be greater than or equal to 0, got '-1'."),
        ("v_axis", "mood", "`v_axis` must be one of update, epoch, got 'mood'."),
        ("v_on", "yes", "`v_on` must be 0 or 1, got 'yes'."),
        ("v_secret", "x", "A link cannot set `v_secret`."),
        ("v_tasks.0.noise", "2", "must be from 0 to 1, got '2'"),
        ("v_tasks.7.noise", "1", "There is no setting `tasks.7.noise`: '7' was not found."),
        ("v_options", "[" * 500 + "]" * 500, "nested too deeply"),
        ("v_update", "9" * 5000, "should be a number"),
    ],
)
def test_what_a_link_cannot_mean_is_one_sentence_and_the_rest_holds(name, text, sentence):
    read, problems = View.read({"v_words": "kept", name: text})
    assert read == View(words="kept")
    (problem,) = problems
    assert sentence in problem
    assert len(problem) < 250


def test_a_change_is_checked_and_says_what_is_wrong():
    assert View().changed(rate=2).rate == 2.0
    assert View().changed_at("tasks.1.noise", 0.5).tasks[1] == Inner(name="b", noise=0.5)
    assert View().value_at("tasks.1.name") == "b"
    with pytest.raises(ConfigError, match=r"There is no setting `v_nothing`"):
        View().changed(nothing=1)
    with pytest.raises(ConfigError, match=r"There is no setting `tasks.9.noise`"):
        View().changed_at("tasks.9.noise", 1)


def test_equal_but_for_named_settings_is_one_key():
    one, other = View(rate=1), View(rate=2)
    assert one.key_without("rate") == other.key_without("rate")
    assert one.key_without("axis") != other.key_without("axis")
    assert View(tasks=(Inner(noise=1),)).key_without("tasks.0.noise") == View(
        tasks=(Inner(),)
    ).key_without("tasks.0.noise")


def test_a_field_is_its_control():
    rate = View.control("rate")
    assert (rate.title, rate.group, rate.kind) == ("Rate", "Optimisation", "float")
    noise = View.control("tasks.5.noise")
    assert (noise.low, noise.high, noise.help) == (0, 1, "How much.")
    assert View.control("axis").offered() == {"update": "update", "epoch": "epoch"}
    assert View.control("update").optional
    assert list(View.controls()) == ["update", "axis", "rate"]
    with pytest.raises(ConfigError, match="There is no setting"):
        View.control("nothing.at.all")


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ConfigError, match="finite"):
        View().changed(rate=math.inf)


def test_a_link_names_no_folder_of_this_machine(tmp_path):
    view = View(words=str(tmp_path / "sst"))
    with access.chosen(Access({"$MTLVIZ_DATA": tmp_path})):
        assert view.query() == {"v_words": "sst"}
    with access.chosen(Access({}, everywhere=False)):
        assert view.query() == {"v_words": "$ELSEWHERE/sst"}
