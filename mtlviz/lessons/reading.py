"""Reads a lesson that anybody wrote: YAML or JSON within limits, and one sentence if it is none."""

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import yaml

from mtlviz.errors import ConfigError, brief
from mtlviz.lessons.lesson import Lesson
from mtlviz.limits import parse_json

LARGEST = 2**18
"""Bytes of a lesson's file."""
_DEEPEST = 10


class _Loader(yaml.SafeLoader):
    """YAML without what blows up or hides something: aliases, tags, keys named twice, dates."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node, unless it repeats another or lies too deep."""
        if self.check_event(yaml.AliasEvent):
            raise ConfigError("It uses a YAML alias (*name); write the text out instead.")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ConfigError(f"It is nested more than {_DEEPEST} levels deep.")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping that names each key once."""
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"It names {brief(str(name))} twice in one place.")
        return super().construct_mapping(node, deep)


# `2026-01-01` stays a text, and yes, no, on, off are words here.
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if not tag.endswith((":timestamp", ":bool"))]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])


# A teacher's file is read whenever a page of a lesson is drawn; it is worked out once.
@lru_cache(maxsize=128)
def lesson_of(content: bytes, name: str) -> Lesson:
    """The lesson in a file.

    Args:
        content: The file's bytes.
        name: The file's name, with which a sentence about it begins; `.json` is read as JSON.

    Raises:
        ConfigError: If it is too large, no YAML or JSON, or no lesson: what is wrong, and where.
    """
    if len(content) > LARGEST:
        raise ConfigError(
            f"{brief(name)} is too large: a lesson has at most {LARGEST // 1024} KB, "
            f"got {len(content) // 1024:,} KB."
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{brief(name)} is no text in UTF-8.") from error
    values = parse_json(text, brief(name)) if name.endswith(".json") else _yaml(text, name)
    if not isinstance(values, dict):
        raise ConfigError(f"{brief(name)} is no lesson: it must have a title, a goal and steps.")
    try:
        return Lesson.checked(values)
    except ConfigError as error:
        raise ConfigError(f"{brief(name)}: {error}") from None


def _yaml(text: str, name: str) -> Any:
    try:
        return yaml.load(text, _Loader)
    except ConfigError as error:
        raise ConfigError(f"{brief(name)}: {error}") from None
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where is not None else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise ConfigError(f"{brief(name)} is no valid YAML{line}: {what}.") from error
