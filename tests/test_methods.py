"""The registry of methods: what it reads from a method, and what it refuses, in one sentence."""

from collections.abc import Sequence
from typing import Literal

import pytest

from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero, Registry, Share


def stir(
    bowl: str,
    *,
    speed: AboveZero = 2.0,
    part: Share = 0.5,
    turns: int = 3,
    tool: Literal["spoon", "fork"] = "spoon",
    size: Literal[1, 2] = 1,
    gently: bool = False,
    said: str = "",
    times: Sequence[float] = (),
    rest: float | None = None,
) -> tuple[str, float]:
    """Stir what is in the bowl.

    Args:
        bowl: What is stirred.
        speed: Turns a second,
            above 0.
        tool: What with.

    Reference:
        Anybody's grandmother, chapter 2.
        https://example.org
    """
    return bowl, speed


class Whisk:
    """Whisk, and remember how often."""

    def __init__(self, *, eggs: int) -> None:
        self.eggs = eggs


KITCHEN = Registry("way of mixing", {"stir": stir, "whisk": Whisk})


def test_everything_is_read_from_the_signature_and_the_docstring():
    spec = KITCHEN["stir"]
    assert (spec.name, spec.noun, spec.help) == (
        "stir",
        "way of mixing",
        "Stir what is in the bowl.",
    )
    assert spec.source == "Anybody's grandmother, chapter 2. https://example.org"
    speed, part, turns, tool, size, gently, said, times, rest = spec.options
    assert (speed.default, speed.help, speed.kind) == (2.0, "Turns a second, above 0.", "number")
    assert (speed.low, speed.high, speed.allowed) == (0, None, "a finite number above 0")
    assert (part.low, part.high) == (0, 1)
    assert part.allowed == "a finite number at least 0 and at most 1"
    assert (turns.kind, tool.kind, tool.choices) == ("integer", "choice", ("spoon", "fork"))
    assert (gently.kind, said.kind, times.kind) == ("truth", "word", "values")
    assert (rest.kind, rest.may_be_none, part.may_be_none) == ("number", True, False)
    assert part.help == ""
    assert size.title == "Size"


def test_a_class_has_the_options_of_its_making_and_says_what_it_needs():
    spec = KITCHEN["whisk"]
    assert spec.required == {"eggs"}
    assert spec(eggs=2).eggs == 2


def test_the_registry_is_a_mapping_in_order():
    assert list(KITCHEN) == ["stir", "whisk"]
    assert len(KITCHEN) == 2
    assert "stir" in KITCHEN
    assert "knead" not in KITCHEN


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"^Unknown way of mixing 'knead'. Known: stir, whisk.$"):
        KITCHEN["knead"]


def test_what_fits_is_returned_and_used():
    given = {"speed": 3, "tool": "fork", "rest": None, "times": [1, 2], "gently": True}
    assert KITCHEN.checked("stir", given) == given
    assert KITCHEN["stir"]("soup", speed=3) == ("soup", 3)


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("speed", 0, "a finite number above 0"),
        ("speed", "fast", "a finite number above 0"),
        ("speed", True, "a finite number above 0"),
        ("speed", float("nan"), "a finite number above 0"),
        ("speed", 10**400, "a finite number above 0"),
        ("speed", None, "a finite number above 0"),
        ("part", 1.5, "a finite number at least 0 and at most 1"),
        ("turns", 1.0, "a whole number"),
        ("turns", True, "a whole number"),
        ("tool", "knife", "one of spoon, fork"),
        ("tool", ["spoon"], "one of spoon, fork"),
        ("size", True, "one of 1, 2"),
        ("gently", 1, "true or false"),
        ("said", 1, "a word"),
        ("times", "abc", "a list of values"),
        ("times", {"a": 1}, "a list of values"),
        ("rest", "long", "a finite number"),
    ],
)
def test_other_kinds_and_values_out_of_range_are_refused_in_one_sentence(option, value, allowed):
    with pytest.raises(ConfigError) as refused:
        KITCHEN["stir"]("soup", **{option: value})
    said = str(refused.value)
    assert said.startswith(f"`{option}` of the stir way of mixing must be {allowed}, got ")
    assert len(said) < 200


def test_an_unknown_option_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"'seed'\. Known: eggs"):
        KITCHEN["whisk"](eggs=1, seed=2)


class Base:
    """What others build on.

    Args:
        size: How large.
        pace: How fast.
    """

    def __init__(self, *, size: int = 3, pace: float = 1.0) -> None:
        self.size, self.pace = size, pace


class Extended(Base):
    """A method with options of its own and of its base.

    Args:
        depth: How deep.
        pace: How fast, in its own words.
    """

    def __init__(self, *, depth: int = 2, **others) -> None:
        super().__init__(**others)
        self.depth = depth


class Closed(Extended):
    """One that takes nothing else."""

    def __init__(self, *, depth: int = 4) -> None:
        super().__init__(depth=depth)


def test_what_a_class_hands_on_is_an_option_of_it_too():
    known = Registry("thing", {"extended": Extended, "closed": Closed})
    spec = known["extended"]
    told = [(option.name, option.default, option.help) for option in spec.options]
    assert told == [("depth", 2, "How deep."), ("size", 3, "How large."),
                    ("pace", 1.0, "How fast, in its own words.")]  # fmt: skip
    made = spec(depth=1, size=5)
    assert (made.depth, made.size, made.pace) == (1, 5, 1.0)
    assert [option.name for option in known["closed"].options] == ["depth"]
    with pytest.raises(ConfigError, match="no option 'breadth'"):
        spec(breadth=1)
