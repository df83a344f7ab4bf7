"""The film: everything the browser needs to play a trained configuration without asking again.

Arrays travel as {"dtype", "shape", "bdata"}: little-endian numbers in base64, the form that the
chart component reads too. The browser draws boundaries, shading and the loss landscape from the
parameters and points, so no picture is sent.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mtlviz.counts import plural
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import EXTENT, TaskScene
from mtlviz.toy.layout import Arm, Layout, arm_name, arms_of
from mtlviz.toy.program import ToyResult
from mtlviz.toy.scene import Scene

_SCENE = ("angle", "offset", "x", "y", "spread", "elongation", "rotation", "noise")


def film(
    result: ToyResult, arms: Sequence[Arm] | None = None, seed: int | None = None, target: int = 0
) -> dict[str, Any]:
    """The payload for the browser.

    Args:
        result: A trained configuration.
        arms: The panels, in order; the arms that the target takes part in if None.
        seed: The repetition to show; the most typical one if None.
        target: The task in question, counted from 0: it comes first in its panels.

    Returns:
        Plain data: `steps`, `extent`, `activation`, `capacity`, `seed`, `seeds`, `diverged`,
        `recipe`, `tasks` and `panels`. With F frames, r the capacity and m tasks in a panel, a
        panel holds `shared` (F, 2, r), `shift` (F, r), `head` (F, m, r), `bias` (F, m), training
        `loss` and held-out `accuracy` of the shown repetition (F, m), `gradient` (F, m, 2, r),
        `weights` (F, m), `coefficients` (F, m, m), visiting `order` (F, m, m) in task numbers,
        −1 where none, and `update` (F, 2, r).
    """
    config = result.config
    shown = typical_seed(result) if seed is None else seed
    panels = arms_of(target, len(config.tasks)) if arms is None else arms
    return {
        "steps": result.steps.tolist(),
        "extent": EXTENT,
        "activation": config.activation,
        "capacity": config.capacity,
        "seed": shown,
        "seeds": config.seeds,
        "diverged": result.diverged,
        "recipe": recipe(config),
        "tasks": [
            film_task(result.scene, task, shown, config.tasks[task])
            for task in range(len(config.tasks))
        ],
        "panels": [_panel(result, tuple(arm), shown, target) for arm in panels],
    }


def recipe(config: ToyConfig) -> dict[str, float] | None:
    """What a browser needs to train as quickly as data is dragged; None where it cannot.

    It knows gradient descent on linear models whose tasks are all due and summed.
    """
    known = config.activation == "linear" and config.source == "clouds"
    if not known or (config.scheduler, config.combiner) != ("joint", "sum"):
        return None
    return {"rate": config.learning_rate, "steps": config.steps}


def typical_seed(result: ToyResult) -> int:
    """The repetition whose final held-out accuracies lie nearest to their means over all."""
    final = result.accuracy[-1]
    distance = np.nansum((final - final.mean(axis=-1, keepdims=True)) ** 2, axis=(0, 1))
    return int(distance.argmin())


def encoded(values: ArrayLike, dtype: str = "f4") -> dict[str, str]:
    """An array as plain data: type, shape and the numbers in base64."""
    array = np.ascontiguousarray(values, dtype=f"<{dtype}")
    return {
        "dtype": dtype,
        "shape": ",".join(str(size) for size in array.shape),
        "bdata": base64.b64encode(array.tobytes()).decode("ascii"),
    }


def decoded(data: dict[str, str]) -> np.ndarray:
    """The array of `encoded`."""
    shape = [int(size) for size in data["shape"].split(",")] if data["shape"] else []
    return np.frombuffer(base64.b64decode(data["bdata"]), f"<{data['dtype']}").reshape(shape)


def film_task(scene: Scene, task: int, seed: int, settings: TaskScene) -> dict[str, Any]:
    """One task's training points; own points have no base normals, so theirs are 0."""
    filled = scene.signs[task, seed] != 0
    points = scene.points[task, seed, filled]
    found: dict[str, Any] = {
        "name": f"Task {task + 1}",
        "x": encoded(points[:, 0]),
        "y": encoded(points[:, 1]),
        "label": encoded(scene.signs[task, seed, filled] > 0, "u1"),
        "flipped": encoded(scene.flipped[task, seed, filled], "u1"),
        "own": encoded(scene.own[task, seed, filled], "u1"),
    }
    if scene.draws is None:
        return found | {"z": None, "flip": None, "scene": None}
    spare = len(filled) - scene.draws.uniforms.shape[-1]
    normals = np.pad(scene.draws.normals[task, seed], ((0, spare), (0, 0)))
    uniforms = np.pad(scene.draws.uniforms[task, seed], (0, spare), constant_values=1)
    return found | {
        "z": encoded(normals[filled]),
        "flip": encoded(uniforms[filled]),
        "scene": {name: getattr(settings, name) for name in _SCENE},
    }


def _panel(result: ToyResult, arm: Arm, seed: int, target: int) -> dict[str, Any]:
    place = result.arm(arm)
    tasks = sorted(arm, key=lambda task: (task != target, task))
    slots = [slot_of(result.layout, place, task) for task in tasks]
    frames = result.frames
    shared = frames.shared[:, place, seed]
    relu = result.config.activation == "relu"
    shift = shared[:, 2] if relu else np.zeros((len(shared), shared.shape[-1]))
    return {
        "arm": arm_name(arm),
        "title": title(tasks, len(result.config.tasks)),
        "tasks": tasks,
        "shared": encoded(shared[:, :2]),
        "shift": encoded(shift),
        "head": encoded(frames.head[:, tasks, slots, seed]),
        "bias": encoded(frames.bias[:, tasks, slots, seed]),
        "loss": encoded(frames.loss[:, tasks, slots, seed]),
        "accuracy": encoded(frames.accuracy[:, tasks, slots, seed]),
        "gradient": encoded(frames.gradient[:, tasks, slots, seed, :2]),
        "weights": encoded(frames.weights[:, tasks, slots, seed]),
        "coefficients": encoded(frames.coefficients[:, tasks, slots, seed][:, :, tasks]),
        "order": encoded(frames.order[:, tasks, slots, seed, : len(tasks)], "i4"),
        "update": encoded(frames.update[:, place, seed, :2]),
    }


def slot_of(layout: Layout, arm: int, task: int) -> int:
    """The slot in which a task keeps its numbers for the arm at this place."""
    return int(np.flatnonzero(layout.used[task] & (layout.arm[task] == arm))[0])


def title(arm: Sequence[int], tasks: int) -> str:
    """An arm in words, the task in question first: `Task 1 alone`, `Task 1 with task 2`."""
    if len(arm) == 1:
        return f"Task {arm[0] + 1} alone"
    if len(arm) == tasks > 2:
        return "All tasks"
    others = " and ".join(str(task + 1) for task in arm[1:])
    return f"Task {arm[0] + 1} with {plural(len(arm) - 1, 'task')} {others}"
