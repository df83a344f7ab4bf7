"""The points of the toy tasks: for training and held out, the same for every arm.

    point = centre + R(rotation) diag(spread √elongation, spread / √elongation) z,   z ~ N(0, I)
    class 1 where  normal · point > offset,   normal = (−sin angle, cos angle)
    a training label is flipped where  u < noise,   u ~ U(0, 1)

The draws z and u depend only on the seed, the repetition and the task, so moving a cloud or a
boundary never draws anew, and more points keep those that were there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.own import OwnSplit, split_own_points

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
HELD_OUT = 1000
"""Held-out points of a task, whatever its number of training points."""


@dataclass(frozen=True)
class Draws:
    """The random part of a scene, before any cloud is placed. S repetitions, N points, H held out.

    Attributes:
        normals: Base normals z of the training points, shape (K, S, N, 2).
        uniforms: Draws that decide which labels are flipped, shape (K, S, N).
        held_out: Base normals of the held-out points, shape (K, S, H, 2).
    """

    normals: Floats
    uniforms: Floats
    held_out: Floats


@dataclass(frozen=True)
class Scene:
    """The points that the arms train and are scored on. A sign of 0 marks an empty place.

    Attributes:
        points: Training points, shape (K, S, N, 2).
        signs: Training labels as −1 or 1, shape (K, S, N).
        flipped: Whether the label was flipped by noise, shape (K, S, N).
        own: Whether it is a person's own point, shape (K, S, N).
        held_out: Held-out points, shape (K, S, H, 2).
        held_out_signs: Their clean labels, shape (K, S, H).
        draws: What the clouds were made of, or None where no cloud is used.
    """

    points: Floats
    signs: Floats
    flipped: Bools
    own: Bools
    held_out: Floats
    held_out_signs: Floats
    draws: Draws | None


def make_draws(
    seed: int, repetitions: int, counts: Sequence[int], held_out: int = HELD_OUT
) -> Draws:
    """Draw what the clouds are made of.

    Args:
        seed: The base seed.
        repetitions: Number of paired repetitions S.
        counts: Training points of each task.
        held_out: Held-out points of a task.
    """
    tasks, size = len(counts), max(counts)
    normals = np.zeros((tasks, repetitions, size, 2), np.float32)
    uniforms = np.ones((tasks, repetitions, size), np.float32)
    tests = np.zeros((tasks, repetitions, held_out, 2), np.float32)
    for task, count in enumerate(counts):
        for repetition in range(repetitions):
            # A generator of its own for each kind of draw: more points must keep the old ones.
            z, u, h = (np.random.default_rng((seed, repetition, task, kind)) for kind in range(3))
            normals[task, repetition, :count] = z.standard_normal((count, 2), np.float32)
            uniforms[task, repetition, :count] = u.random(count, np.float32)
            tests[task, repetition] = h.standard_normal((held_out, 2), np.float32)
    return Draws(normals, uniforms, tests)


def make_scene(config: ToyConfig) -> Scene:
    """The points of a configuration."""
    if config.source == "table":
        return _table_scene(split_own_points(config))
    counts = [scene.points for scene in config.tasks]
    draws = make_draws(config.seed, config.seeds, counts)
    scene = place(draws, geometry([config.tasks]), counts)
    scene = Scene(*(getattr(scene, name)[:, 0] for name in _ARRAYS), draws=draws)
    return _with_painted(scene, config) if config.own_points else scene


_ARRAYS = ("points", "signs", "flipped", "own", "held_out", "held_out_signs")
_NUMBERS = ("angle", "offset", "x", "y", "spread", "elongation", "rotation", "noise")


def geometry(settings: Sequence[Sequence[TaskScene]]) -> dict[str, NDArray[np.float64]]:
    """The numbers of several settings' scenes, each of shape (K, G) for G settings."""
    return {
        name: np.array([[getattr(scene, name) for scene in tasks] for tasks in settings]).T
        for name in _NUMBERS
    }


def place(draws: Draws, numbers: dict[str, NDArray[np.float64]], counts: Sequence[int]) -> Scene:
    """Place clouds and boundaries: every array has shape (K, G, S, ...) for G settings."""
    points = _cloud(draws.normals[:, None], numbers)
    held_out = _cloud(draws.held_out[:, None], numbers)
    signs = _sides(points, numbers)
    filled = np.arange(points.shape[-2]) < np.asarray(counts)[:, None, None, None]
    flipped = (draws.uniforms[:, None] < numbers["noise"][:, :, None, None]) & filled
    signs = np.where(flipped, -signs, signs) * filled
    return Scene(
        points * filled[..., None], signs, flipped, np.zeros_like(flipped),
        held_out, _sides(held_out, numbers), draws,
    )  # fmt: skip


def _cloud(normals: Floats, numbers: dict[str, NDArray[np.float64]]) -> Floats:
    turn = np.deg2rad(numbers["rotation"])
    stretch = np.sqrt(numbers["elongation"])
    along, across = numbers["spread"] * stretch, numbers["spread"] / stretch
    # Row k of the matrix says where base normal k goes.
    matrix = np.stack(
        [
            np.stack([along * np.cos(turn), along * np.sin(turn)], -1),
            np.stack([-across * np.sin(turn), across * np.cos(turn)], -1),
        ],
        -2,
    ).astype(np.float32)
    centre = np.stack([numbers["x"], numbers["y"]], -1).astype(np.float32)
    return normals @ matrix[:, :, None] + centre[:, :, None, None]


def _sides(points: Floats, numbers: dict[str, NDArray[np.float64]]) -> Floats:
    """The clean label of each point, −1 or 1."""
    angle = np.deg2rad(numbers["angle"])
    normal = np.stack([-np.sin(angle), np.cos(angle)], -1).astype(np.float32)
    distance = (points * normal[:, :, None, None]).sum(-1)
    above = distance > numbers["offset"].astype(np.float32)[:, :, None, None]
    return np.where(above, np.float32(1), np.float32(-1))


def _with_painted(scene: Scene, config: ToyConfig) -> Scene:
    """Painted points join the training points of every repetition; the held-out points stay."""
    tasks, repetitions, size = scene.signs.shape
    rows = [[p for p in config.own_points if p[0] == task] for task in range(tasks)]
    extra = max(len(row) for row in rows)
    points = np.zeros((tasks, repetitions, size + extra, 2), np.float32)
    signs = np.zeros((tasks, repetitions, size + extra), np.float32)
    points[:, :, :size], signs[:, :, :size] = scene.points, scene.signs
    for task, row in enumerate(rows):
        for place_, (_, x, y, label) in enumerate(row, start=size):
            points[task, :, place_] = x, y
            signs[task, :, place_] = 2 * label - 1
    own = np.broadcast_to(np.arange(size + extra) >= size, signs.shape) & (signs != 0)
    flipped = np.pad(scene.flipped, ((0, 0), (0, 0), (0, extra)))
    return Scene(points, signs, flipped, own, scene.held_out, scene.held_out_signs, scene.draws)


def _table_scene(split: OwnSplit) -> Scene:
    return Scene(
        split.points, split.signs, np.zeros(split.signs.shape, bool), split.signs != 0,
        split.held_out, split.held_out_signs, None,
    )  # fmt: skip
