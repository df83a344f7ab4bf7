"""The transfer map: signed transfer over two controls at once, from coarse to fine.

All settings that differ only in numbers train together as one batched program.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.errors import ConfigError
from mtlviz.toy.axes import DIRECTION, axis_values, map_keys, moved
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.kernels import Array, State, make_points
from mtlviz.toy.layout import Arm, make_layout, make_plan
from mtlviz.toy.loop import train_models
from mtlviz.toy.own import resplit_ratio
from mtlviz.toy.program import initial_state
from mtlviz.toy.scene import Draws, Scene, geometry, make_draws, make_scene, place
from mtlviz.toy.weigh import Method

__all__ = ["DIRECTION", "MapPart", "axis_values", "map_keys", "moved", "transfer_map"]

_CHUNK = 150_000
_STRIDES = (8, 4, 2, 1)


@dataclass(frozen=True)
class MapPart:
    """The map as far as it is computed; what is not yet computed is NaN.

    Attributes:
        progress: Share of the settings that are done.
        transfer: Mean signed transfer in points, shape (rows, columns).
        half_width: Half the width of its 95 % interval, shape (rows, columns).
    """

    progress: float
    transfer: Array
    half_width: Array


def transfer_map(
    config: ToyConfig, row: tuple[str, Sequence[float]], column: tuple[str, Sequence[float]],
    arm: Arm, task: int,
) -> Iterator[MapPart]:  # fmt: skip
    """Compute the map, coarse to fine. Stop asking and it stops computing.

    Args:
        config: The setting around which the two controls vary; its repetitions are used as is.
        row: Control and values of the rows.
        column: Control and values of the columns.
        arm: Tasks trained together.
        task: The task of the arm that is scored.

    Raises:
        ConfigError: If a control or value is not allowed, or the task is not in the arm.
    """
    if task not in arm or len(arm) < 2:
        raise ConfigError(f"Transfer to task {task + 1} needs an arm of it and others, got {arm}.")
    mean = np.full((len(row[1]), len(column[1])), np.nan)
    half = mean.copy()
    for cells in _batches(mean.shape, _per_batch(config, arm)):
        configs = [moved(config, {row[0]: row[1][i], column[0]: column[1][j]}) for i, j in cells]
        for members in _alike(configs):
            gains = _gains([configs[member] for member in members], arm, task)
            found, low, _ = paired_interval(gains, resplit=resplit_ratio(config, task))
            for member, value, bottom in zip(members, found, low, strict=True):
                mean[cells[member]], half[cells[member]] = value, value - bottom
        yield MapPart(_done(mean.shape, cells), mean.copy(), half.copy())


def _order(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """All cells, coarse ones first."""
    seen: dict[tuple[int, int], None] = {}
    for stride in _STRIDES:
        for i in range(0, shape[0], stride):
            for j in range(0, shape[1], stride):
                seen[i, j] = None
    return list(seen)


def _batches(shape: tuple[int, int], size: int) -> Iterator[list[tuple[int, int]]]:
    cells = _order(shape)
    for start in range(0, len(cells), size):
        yield cells[start : start + size]


def _done(shape: tuple[int, int], cells: list[tuple[int, int]]) -> float:
    return (_order(shape).index(cells[-1]) + 1) / (shape[0] * shape[1])


def _per_batch(config: ToyConfig, arm: Arm) -> int:
    """Settings to train together: as many as keep the working arrays in the cache."""
    points = max(scene.points for scene in config.tasks)
    width = 1 if config.activation == "linear" else config.capacity
    return max(1, _CHUNK // (2 * len(arm) * config.seeds * points * width))


def _alike(configs: list[ToyConfig]) -> list[list[int]]:
    """Places of the configurations that can train together."""
    groups: dict[str, list[int]] = {}
    for place_, config in enumerate(configs):
        shared = config.model_dump(exclude={"tasks", "learning_rate"})
        counts = [scene.points for scene in config.tasks]
        groups.setdefault(repr((shared, counts)), []).append(place_)
    return list(groups.values())


def _gains(configs: list[ToyConfig], arm: Arm, task: int) -> Array:
    """Transfer in points of each setting and repetition, shape (G, S)."""
    first, settings, seeds = configs[0], len(configs), configs[0].seeds
    own = arm.index(task)
    layout = make_layout([(own,), tuple(range(len(arm)))], len(arm))
    scene = _scenes(configs, arm)
    repetitions = [(first.seed, repetition) for repetition in range(seeds)]
    relu = first.activation == "relu"
    start = initial_state(layout, repetitions, first.capacity, relu)
    recording = train_models(
        make_points(scene.points, scene.signs),
        make_points(scene.held_out, scene.held_out_signs),
        State(
            np.tile(start.shared, (1, settings, 1, 1)),
            np.tile(start.head, (1, 1, settings, 1)),
            np.tile(start.bias, (1, 1, settings)),
        ),
        layout,
        make_plan(layout, first.scheduler, first.scheduler_options, first.steps,
                  repetitions * settings),
        Method(first.combiner, first.combiner_options, relu, first.seed),
        np.repeat([config.learning_rate for config in configs], seeds),
        np.array([first.steps]),
    )  # fmt: skip
    accuracy = recording.accuracy[-1, own]
    return 100 * (accuracy[1] - accuracy[0]).reshape(settings, seeds)


_ARRAYS = ("points", "signs", "flipped", "own", "held_out", "held_out_signs")


def _scenes(configs: list[ToyConfig], arm: Arm) -> Scene:
    """The scenes of the arm's tasks, settings one after the other along the repetitions."""
    first = configs[0]
    if first.own_points:
        scenes = [make_scene(config) for config in configs]
        joined = {name: np.concatenate([getattr(s, name) for s in scenes], 1) for name in _ARRAYS}
    else:
        counts = tuple(scene.points for scene in first.tasks)
        draws = _draws(first.seed, first.seeds, counts)
        placed = place(draws, geometry([config.tasks for config in configs]), counts)
        joined = {name: _joined(getattr(placed, name)) for name in _ARRAYS}
    return Scene(**{name: values[list(arm)] for name, values in joined.items()}, draws=None)


def _joined(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(K, G, S, ...) to (K, G S, ...)."""
    return values.reshape(values.shape[0], -1, *values.shape[3:])


@lru_cache(maxsize=4)
def _draws(seed: int, seeds: int, counts: tuple[int, ...]) -> Draws:
    """The draws that all parts of a map share."""
    return make_draws(seed, seeds, counts)
