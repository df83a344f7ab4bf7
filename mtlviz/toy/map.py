"""The transfer map: signed transfer over two controls at once, from coarse to fine.

All settings that differ only in numbers train together as one batched program.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.errors import ConfigError
from mtlviz.toy.controls import Value, controls_of, get, replace
from mtlviz.toy.fields import ToyConfig
from mtlviz.toy.kernels import Array, State, make_points
from mtlviz.toy.layout import Arm, make_layout
from mtlviz.toy.loop import train_models
from mtlviz.toy.plan import make_plan
from mtlviz.toy.program import initial_state
from mtlviz.toy.scene import Draws, Scene, geometry, make_draws, make_scene, place
from mtlviz.toy.weigh import Method

DIRECTION = "direction"
"""Derived control of a task, as in `t3.direction`: where its cloud lies around the origin."""
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


def moved(config: ToyConfig, values: Mapping[str, float | Value]) -> ToyConfig:
    """The configuration with some controls changed, `t3.direction` and the like among them.

    A cloud at the origin is first moved out by 2.

    Raises:
        ConfigError: If a control does not exist or a value is not allowed.
    """
    plain: dict[str, object] = {}
    for key, value in values.items():
        task, _, name = key.partition(".")
        if name != DIRECTION:
            plain[key] = value
            continue
        radius = math.hypot(float(get(config, f"{task}.x")), float(get(config, f"{task}.y"))) or 2.0
        turn = math.radians(float(value))
        # More digits would only make links longer.
        plain[f"{task}.x"] = round(radius * math.cos(turn), 4)
        plain[f"{task}.y"] = round(radius * math.sin(turn), 4)
    return replace(config, plain)


def map_keys(config: ToyConfig) -> tuple[str, ...]:
    """The controls that can be an axis of the map: the numeric ones and the directions."""
    numeric = [
        key
        for key, control in controls_of(config).items()
        if control.kind != "choice" and key not in ("tasks", "seeds", "seed")
    ]
    return (*numeric, *(f"t{task + 1}.{DIRECTION}" for task in range(len(config.tasks))))


def axis_values(config: ToyConfig, key: str, count: int) -> tuple[float, ...]:
    """Evenly spaced values over a control's range; whole numbers where the control wants them.

    Raises:
        ConfigError: If the control cannot be an axis.
    """
    if key not in map_keys(config):
        raise ConfigError(f"{key!r} cannot be an axis. Known: {', '.join(map_keys(config))}.")
    if key.endswith(f".{DIRECTION}"):
        return tuple(float(value) for value in np.linspace(-180, 180, count, endpoint=False))
    control = controls_of(config)[key]
    if control.low is None or control.high is None:
        raise ConfigError(f"{control.label} has no range that a map could cover.")
    values = np.linspace(control.low, control.high, count)
    if control.kind == "int":
        return tuple(float(value) for value in np.unique(np.round(values)))
    return tuple(float(f"{value:.4g}") for value in values)


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
            found, low, _ = paired_interval(gains)
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
