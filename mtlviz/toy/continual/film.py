"""The film of the continual toy: a panel for each method, all tasks in it, through every step."""

from collections.abc import Sequence
from typing import Any

from mtlviz.engine.continual import CONTINUAL
from mtlviz.toy.continual.program import ContinualResult
from mtlviz.toy.continual.world import scenes
from mtlviz.toy.fields import EXTENT
from mtlviz.toy.film import encoded, film_task


def film(result: ContinualResult, methods: Sequence[str], frames: int | None = None) -> dict:
    """What the browser plays: every method's boundaries and scores, frame by frame.

    Args:
        result: The trained methods.
        methods: Those with a panel, in order.
        frames: How many of the first frames there are; all if None.
    """
    shown, config = typical_seed(result), result.config
    return {
        "steps": result.steps[:frames].tolist(),
        "extent": EXTENT,
        "activation": "relu",
        "capacity": config.capacity,
        "seed": shown,
        "seeds": config.seeds,
        "diverged": _diverged(result),
        "recipe": None,
        "tasks": [
            film_task(result.scene, task, shown, scene)
            | {"name": f"{'Place' if config.one_head else 'Task'} {task + 1}"}
            for task, scene in enumerate(scenes(config))
        ],
        "panels": [_panel(result, result.methods.index(name), shown, frames) for name in methods],
    }


def typical_seed(result: ContinualResult) -> int:
    """The repetition whose final scores lie nearest to their means over all."""
    final = result.accuracy[-1]
    return int(((final - final.mean(axis=-1, keepdims=True)) ** 2).sum(axis=(0, 1)).argmin())


def _diverged(result: ContinualResult) -> str | None:
    lost = [CONTINUAL[name].title for name, fine in zip(result.methods, result.finite, strict=True)
            if not fine]  # fmt: skip
    if not lost:
        return None
    return (
        f"Training diverged under {', '.join(lost)}. Try a learning rate below "
        f"{result.config.learning_rate:g}."
    )


def _panel(result: ContinualResult, place: int, seed: int, frames: int | None) -> dict[str, Any]:
    tasks = range(result.config.tasks)
    shared = result.shared[:frames, place, seed]
    name = result.methods[place]
    return {
        "arm": name,
        "title": CONTINUAL[name].title,
        "tasks": list(tasks),
        "shared": encoded(shared[:, :2]),
        "shift": encoded(shared[:, 2]),
        "head": encoded(result.head[:frames, :, place, seed]),
        "bias": encoded(result.bias[:frames, :, place, seed]),
        "loss": encoded(result.loss[:frames, :, place, seed]),
        "accuracy": encoded(result.accuracy[:frames, :, place, seed]),
    }
