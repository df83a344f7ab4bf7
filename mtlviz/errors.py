"""Errors whose message is fit to show a person; any other exception is a bug and may crash loudly.

MtlvizError
├── ConfigError     a setting is wrong
├── DataError       a file, a table or a task is wrong
│   └── MissingError    there is none, or it may not be read
├── CheckpointError a stored model or run cannot be read or does not fit
│   └── DamagedError    its file is not as it was written
└── OfflineError    something must be fetched and there is no network
"""

from collections.abc import Iterable


class MtlvizError(Exception):
    """One clear sentence: what is wrong, what was given, what is allowed."""


class ConfigError(MtlvizError):
    """A setting is wrong."""


class DataError(MtlvizError):
    """A file, a table or a task is wrong."""


class MissingError(DataError):
    """There is no such file or folder, or it may not be read."""


class CheckpointError(MtlvizError):
    """A stored model or run cannot be read or does not fit."""


class DamagedError(CheckpointError):
    """A stored model's or run's file is not as it was written."""


class OfflineError(MtlvizError):
    """Something must be fetched and there is no network."""


def brief(given: object, longest: int = 60) -> str:
    """What was given, as an error quotes it: in quotes where it is text, cut where it is long."""
    if isinstance(given, str) and len(given) > longest:
        return repr(f"{given[: longest - 1]}…")
    text = repr(given)
    return text if len(text) <= 2 * longest else f"{text[: 2 * longest]}…"


def unknown_choice(kind: str, given: object, known: Iterable[str]) -> ConfigError:
    """The error for a name that is not in a registry, listing what is."""
    return ConfigError(f"Unknown {kind} {brief(given)}. Known: {', '.join(sorted(known))}.")
