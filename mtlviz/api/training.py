"""Training from a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mtlviz.api.run import Run
from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.records import Record
from mtlviz.errors import MtlvizError
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.source import training
from mtlviz.runs.worker import work

Settings = str | Path | Mapping[str, Any] | RunConfig


def train(
    settings: Settings = "default",
    changes: Mapping[str, Any] | None = None,
    *,
    home: str | Path | None = None,
    threads: int | None = None,
    on_record: Callable[[Record], None] | None = None,
) -> Run:
    """Train a run here and store it, as `mtlviz train` does; the app shows it as it goes.

    Ctrl-C saves and stops it; the run is returned as far as it came.

    Args:
        settings: Name of a preset, file of settings, or settings as in `config.json`.
        changes: Other values by their place, such as `{"optimisation.combiner": "pcgrad"}`.
        home: Home folder of the store; the usual one if None.
        threads: CPU threads; PyTorch's choice if None.
        on_record: Told of every step and evaluation.

    Raises:
        MtlvizError: A setting is wrong, or the run failed; it says why.
    """
    config = _config(settings, changes)
    from mtlviz.engine.device import use_threads

    use_threads(threads)
    with opened_store(home) as store:
        number = store.create_run(config, queued=False)
        with store.in_directory(number):
            work(store, number, on_record=on_record)
        found = store.run(number)
        if found.status == "failed":
            raise MtlvizError(found.error or "The run failed; its log says why.")
        return Run(number, store.home)


def records(
    settings: Settings, changes: Mapping[str, Any] | None = None, *, threads: int | None = None
) -> Iterator[Record]:
    """Train without storing anything: every step and evaluation as it happens.

    Raises:
        MtlvizError: A setting is wrong, or training cannot go on.
    """
    from mtlviz.engine.device import use_threads

    use_threads(threads)
    yield from training(_config(settings, changes), None).records()


def _config(settings: Settings, changes: Mapping[str, Any] | None) -> RunConfig:
    """Settings from whatever names them.

    Raises:
        MtlvizError: They are wrong.
    """
    if isinstance(settings, RunConfig):
        config = settings
    elif isinstance(settings, Mapping):
        config = RunConfig.from_values(dict(settings))
    else:
        named = isinstance(settings, str) and not settings.endswith(".json")
        config = preset(str(settings)) if named else RunConfig.from_file(str(settings))
    for place, value in (changes or {}).items():
        config = config.changed_at(place, value)
    check_choices(config)
    return config
