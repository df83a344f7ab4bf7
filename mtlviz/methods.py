"""Methods by name, and what each is: its help, source and options, from its own signature and text.

A method is a function, or a class made anew for each run. Its options are its keyword-only
parameters: the default, the type, the range (`Annotated[float, Field(gt=0)]`) and the docstring say
everything that forms, links, the shell and the checks need to know. A class whose `__init__` ends
in `**others` and hands these on has the options of its base as well. Nothing here needs torch.
"""

import inspect
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo

from mtlviz.errors import ConfigError, unknown_choice

Method = TypeVar("Method", bound=Callable[..., Any])
OptionKind = Literal["number", "integer", "truth", "word", "choice", "values"]

AboveZero = Annotated[float, Field(gt=0)]
AtLeastZero = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]

_KINDS: dict[Any, OptionKind] = {float: "number", int: "integer", bool: "truth", str: "word"}
_WORDS = {
    "number": "a finite number",
    "integer": "a whole number",
    "truth": "true or false",
    "word": "a word",
    "values": "a list of values",
}
_BOUNDS = {"ge": "at least {:g}", "gt": "above {:g}", "le": "at most {:g}", "lt": "below {:g}"}
_LOWER, _UPPER = ("ge", "gt"), ("le", "lt")


@dataclass(frozen=True)
class Option:
    """One option of a method.

    Attributes:
        name: Its name in settings, links and files.
        default: Its value if nobody gives one; `inspect.Parameter.empty` if it must be given.
        help: What the method's docstring says of it, on one line; empty if it says nothing.
        kind: What kind of value it takes.
        choices: The values it is limited to; empty where it is free.
        bounds: Ends of its range, by the names `ge`, `gt`, `le` and `lt`.
        may_be_none: Whether it may be left open.
    """

    name: str
    default: Any
    help: str
    kind: OptionKind
    choices: tuple[Any, ...] = ()
    bounds: Mapping[str, float] = field(default_factory=dict)
    may_be_none: bool = False

    @property
    def title(self) -> str:
        """Its name as a person reads it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def required(self) -> bool:
        """Whether the user or the data must bring it."""
        return self.default is inspect.Parameter.empty

    @property
    def low(self) -> float | None:
        """The lower end of its range, which may belong to it or not."""
        return next((self.bounds[name] for name in _LOWER if name in self.bounds), None)

    @property
    def high(self) -> float | None:
        """The upper end of its range, which may belong to it or not."""
        return next((self.bounds[name] for name in _UPPER if name in self.bounds), None)

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        ends = " and ".join(_BOUNDS[name].format(end) for name, end in self.bounds.items())
        return f"{_WORDS[self.kind]} {ends}".strip()

    def fits(self, value: object) -> bool:
        """Whether a value is of the kind and in the range; lists are for the method to judge."""
        if value is None and self.may_be_none:
            return True
        if self.choices:
            return any(type(value) is type(known) and value == known for known in self.choices)
        if self.kind in ("word", "truth"):
            return isinstance(value, str if self.kind == "word" else bool)
        if self.kind == "values":
            return not isinstance(value, bool | int | float | str | Mapping | NoneType)
        return _is_number(value, whole=self.kind == "integer") and self._in_range(value)

    def _in_range(self, value: object) -> bool:
        return all(getattr(operator, name)(value, end) for name, end in self.bounds.items())


@dataclass(frozen=True)
class Spec(Generic[Method]):
    """One method of a registry; calling it checks the options, then calls the method.

    Attributes:
        noun: What it is one of, in the words of messages: "combiner".
        name: Its name in settings, links and files.
        method: The function or class itself, whose attributes hold what is special to its kind.
        help: One sentence on it, for a help text: the first line of its docstring.
        source: Paper, equation and link, as its docstring gives them; empty if it gives none.
        options: What can be set, in the order in which the method documents them.
    """

    noun: str
    name: str
    method: Method
    help: str
    source: str
    options: tuple[Option, ...]

    @property
    def title(self) -> str:
        """Its name as papers write it, or as a person reads it."""
        return str(getattr(self.method, "title", self.name.replace("_", " ")))

    @property
    def defaults(self) -> dict[str, Any]:
        """The options with their defaults."""
        return {option.name: option.default for option in self.options}

    @property
    def required(self) -> set[str]:
        """Options without a default: what the user or the task data must bring."""
        return {option.name for option in self.options if option.required}

    def option(self, name: str) -> Option:
        """One of its options.

        Raises:
            ConfigError: If it has no such option.
        """
        found = next((option for option in self.options if option.name == name), None)
        if found is None:
            known = ", ".join(self.defaults) or "none"
            raise ConfigError(
                f"The {self.name} {self.noun} has no option {name!r:.60}. Known: {known}."
            )
        return found

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options given, each known, of the right kind and in range.

        Raises:
            ConfigError: One sentence about the first that is not.
        """
        for name, value in given.items():
            option = self.option(name)
            if not option.fits(value):
                raise ConfigError(
                    f"`{name}` of the {self.name} {self.noun} must be {option.allowed}, "
                    f"got {value!r:.60}."
                )
        return dict(given)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the method with these options.

        Raises:
            ConfigError: If an option is unknown, or its value is not allowed.
        """
        return self.method(*arguments, **self.checked(options))


class Registry(Mapping[str, Spec[Method]]):
    """The methods of one kind, by name. To add one, write its file and one line here.

    Args:
        noun: What its entries are, in the words of messages: "combiner".
        methods: Function or class of each name, in the order in which choices show them.
    """

    def __init__(self, noun: str, methods: Mapping[str, Method]) -> None:
        self.noun, self.methods = noun, dict(methods)

    def __getitem__(self, name: str) -> Spec[Method]:
        """What is known of a method.

        Raises:
            ConfigError: If there is none of this name; the sentence lists those there are.
        """
        if name not in self.methods:
            raise unknown_choice(self.noun, name, self.methods)
        return _spec(self.noun, name, self.methods[name])

    def __contains__(self, name: object) -> bool:
        """Whether there is a method of this name."""
        return name in self.methods

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""
        return iter(self.methods)

    def __len__(self) -> int:
        """How many methods there are."""
        return len(self.methods)

    def checked(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options of the named method, each known, of the right kind and in range.

        Raises:
            ConfigError: If the name, an option or a value is wrong; one sentence says what is.
        """
        return self[name].checked(options)


def titled(title: str) -> Callable[[Method], Method]:
    """Give a function the name that its paper gives it; a class says so in its `title`."""

    def named(method: Method) -> Method:
        method.title = title
        return method

    return named


@lru_cache(maxsize=512)
def _spec(noun: str, name: str, method: Callable[..., Any]) -> Spec[Any]:
    text = inspect.getdoc(method) or ""
    found: dict[str, Option] = {}
    for function, said in _makers(method):
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in found:
                # What the method itself says goes before what its base does.
                found[parameter.name] = _option(function, parameter, f"{text}\n{said}")
    first, source = text.split("\n", 1)[0], _section(text, "Reference")
    return Spec(noun, name, method, first, source, tuple(found.values()))


def _makers(method: Callable[..., Any]) -> Iterator[tuple[Callable[..., Any], str]]:
    """What takes a method's options, with the text on them.

    That of a class is its `__init__`; one that passes on what it does not know has the options of
    the class below it too.
    """
    if not inspect.isclass(method):
        yield method, ""
        return
    for each in inspect.getmro(method)[:-1]:
        if (made := each.__dict__.get("__init__")) is not None:
            yield made, inspect.getdoc(each) or ""
            kinds = [p.kind for p in inspect.signature(made).parameters.values()]
            if inspect.Parameter.VAR_KEYWORD not in kinds:
                return


def _option(function: Callable[..., Any], parameter: inspect.Parameter, text: str) -> Option:
    kind, choices, bounds, may_be_none = _read(_evaluated(function, parameter.annotation))
    said = _argument(text, parameter.name)
    return Option(parameter.name, parameter.default, said, kind, choices, bounds, may_be_none)


def _evaluated(function: Callable[..., Any], annotation: Any) -> Any:
    """The annotation as an object, where the file keeps its annotations as text."""
    if not isinstance(annotation, str):
        return annotation
    return eval(annotation, function.__globals__)  # Text of our own source files, not of a user.


def _read(annotation: Any) -> tuple[OptionKind, tuple[Any, ...], Mapping[str, float], bool]:
    """Kind, choices, bounds, and whether it may be None."""
    if get_origin(annotation) in (Union, UnionType):
        rest = [part for part in get_args(annotation) if part is not NoneType]
        found = _read(rest[0]) if len(rest) == 1 else ("values", (), {}, False)
        return (*found[:3], NoneType in get_args(annotation))
    if get_origin(annotation) is Annotated:
        kind, choices, _, may_be_none = _read(get_args(annotation)[0])
        return kind, choices, _bounds(get_args(annotation)[1:]), may_be_none
    if get_origin(annotation) is Literal:
        return "choice", get_args(annotation), {}, False
    return _KINDS.get(annotation, "values"), (), {}, False


def _bounds(metadata: tuple[Any, ...]) -> dict[str, float]:
    parts = [part for each in metadata if isinstance(each, FieldInfo) for part in each.metadata]
    return {name: getattr(part, name) for name in _BOUNDS for part in parts if hasattr(part, name)}


def _argument(text: str, name: str) -> str:
    """What a docstring says of an argument, on one line."""
    found = re.search(rf"^ +{name}: (.+(?:\n {{8,}}.+)*)", text, re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


def _section(text: str, heading: str) -> str:
    """A section of a docstring on one line; empty if there is none."""
    found = re.search(rf"^{heading}:(.*(?:\n.+)*)", text, re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


def _is_number(value: object, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # A whole number beyond what a float can hold.
        return False
