"""Saving a run so that it goes on exactly, and going on from such a file."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from mtlviz.access import current
from mtlviz.engine import checkpoint
from mtlviz.engine.config import RunConfig
from mtlviz.engine.ranks import ALONE, Ranks
from mtlviz.engine.records import from_json, to_json
from mtlviz.engine.switch import arrange
from mtlviz.engine.tasks import Task
from mtlviz.engine.tasks.digest import digest
from mtlviz.engine.training import Progress, Training, prepare
from mtlviz.errors import CheckpointError


def save(training: Training, path: Path) -> None:
    """Write a checkpoint from which the run goes on exactly, at any moment between two records.

    Raises:
        CheckpointError: If the file cannot be written.
    """
    names = _names(training.model)
    groups = {
        "model": checkpoint.model_tensors(training.model),
        "best": training.best,
        "optimiser": checkpoint.optimiser_tensors(training.optimiser, names),
        "dropout": training.dropout.state(),
        "past": training.past.tensors(),
    }
    state = {
        "config": training.config.model_dump(mode="json"),
        "data": digest(training.tasks),
        "progress": vars(training.progress),
        "streams": [(feed.epoch, feed.position) for feed in training.streams],
        "combiner": _method_state(training.combiner.method),
        "weighting": _method_state(training.weighting),
        "past": training.past.state(),
        "loss_scale": training.loss_scale.state(),
        "watch": training.watch.state(),
        "best_record": training.best_record and to_json(training.best_record),
        "pending": [to_json(record) for record in training.pending],
    }
    checkpoint.write(path, groups, state)


def restored(
    config: RunConfig, tasks: Sequence[Task] | None, path: Path, ranks: Ranks = ALONE
) -> Training:
    """A run as it was when its checkpoint was written.

    Args:
        config: The run's settings; only name and device may differ from the checkpoint's.
        tasks: Its tasks where they are loaded already.
        path: The checkpoint.
        ranks: The processes that will train it.

    Raises:
        MtlvizError: If the checkpoint cannot be read or belongs to another run.
    """
    stored = checkpoint.read(path)
    check_same_settings(config, stored.state["config"])
    training = prepare(config, tasks, ranks)
    _restore(training, stored)
    return training


def _restore(training: Training, stored: checkpoint.Stored) -> None:
    """Bring a new run to where a checkpoint was taken."""
    state = stored.state
    check_same_data(training.tasks, stored)
    load_model(training.model, stored)
    training.best = stored.under("best")
    checkpoint.load_optimiser(training.optimiser, _names(training.model), stored.under("optimiser"))
    training.dropout.restore(stored.under("dropout"))
    training.progress = Progress(**state["progress"])
    arrange(training, training.progress.phase)
    for feed, (epoch, position) in zip(training.streams, state["streams"], strict=True):
        feed.move_to(epoch, position)
    if state["combiner"] is not None:
        training.combiner.method.load_state_dict(state["combiner"])
    if state["weighting"] is not None:
        training.weighting.load_state_dict(state["weighting"])
    if "past" in state:  # Files of earlier versions have none.
        on_device = {name: each.to(training.device) for name, each in stored.under("past").items()}
        training.past.restore(state["past"], on_device)
    training.loss_scale.restore(state["loss_scale"])
    training.watch.restore(state["watch"])
    training.best_record = state["best_record"] and from_json(state["best_record"])
    training.pending = deque(from_json(record) for record in state["pending"])


def load_model(model: nn.Module, stored: checkpoint.Stored) -> None:
    """Give a model the values it had when its checkpoint was written, with the same settings.

    Raises:
        CheckpointError: They belong to a model that these settings made in another version.
    """
    wanted = checkpoint.model_tensors(model)
    # Earlier versions stored also what the model makes anew.
    anew = dict(model.named_buffers()).keys() - wanted.keys()
    kept = {name: each for name, each in stored.under("model").items() if name not in anew}
    try:
        checkpoint.load_tensors(wanted, kept, "model")
    except CheckpointError as error:
        raise CheckpointError(
            f"{error} Another version of mtlviz made another model of these settings: what the run "
            "recorded stays, its weights need that version."
        ) from error


def check_same_data(tasks: Sequence[Task], stored: checkpoint.Stored) -> None:
    """Check that tasks hold the examples that a checkpoint was written with.

    Raises:
        CheckpointError: They do not.
    """
    if stored.state["data"] != digest(tasks):
        raise CheckpointError("The checkpoint was written with other training or dev examples.")


def _method_state(method: object) -> dict[str, object] | None:
    """What a combiner or weighting that remembers has to say; None for the others."""
    return method.state_dict() if hasattr(method, "state_dict") else None


def _names(model: nn.Module) -> dict[Tensor, str]:
    return {parameter: name for name, parameter in model.named_parameters()}


def check_same_settings(config: RunConfig, stored: dict[str, Any]) -> None:
    """Check that only a run's name and device differ from its checkpoint's.

    Paths are compared as others are told them: who opened a folder under another name reads on.

    Raises:
        CheckpointError: Another setting differs.
    """
    mine = _portable(config.model_dump(mode="json"))
    # A setting that came later was at its default.
    stored = _portable(RunConfig.from_values(stored).model_dump(mode="json"))
    for group in mine:
        if group not in ("name", "device") and mine[group] != stored.get(group):
            place, before, now = _first_difference(group, stored.get(group), mine[group])
            raise CheckpointError(
                f"The checkpoint was written with other settings: `{place}` was {before!r}, "
                f"is {now!r}."
            )


def _portable(value: Any) -> Any:
    """Settings without the server's folders."""
    if isinstance(value, dict):
        return {name: _portable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_portable(inner) for inner in value]
    return current().portable(value) if isinstance(value, str) else value


def _first_difference(place: str, before: Any, now: Any) -> tuple[str, Any, Any]:
    """Where two settings differ first, as deep as dictionaries go."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted({*before, *now}):
            if before.get(name) != now.get(name):
                return _first_difference(f"{place}.{name}", before.get(name), now.get(name))
    return place, before, now
