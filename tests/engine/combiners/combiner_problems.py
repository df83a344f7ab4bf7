"""Gradients, as rows of J, that the combiner tests share: easy ones and nasty ones."""

import itertools

import numpy as np

from mtlviz.engine.combiners import make_combiner


def generator(seed=0):
    return np.random.default_rng(seed)


def gram_of(gradients):
    gradients = np.asarray(gradients, dtype=np.float64)
    return gradients @ gradients.swapaxes(-1, -2)


def at_degrees(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def random_gradients(tasks, size, *, seed=0, shift=-0.3, batch=()):
    return generator(seed).normal(size=(*batch, tasks, size)) + shift


def combine(name, gram, seed=0, losses=None, **options):
    return make_combiner(name, **options)(gram, generator(seed), losses)


def powers(low, high, count):
    return np.diag(10.0 ** np.linspace(low, high, count))


ORDINARY = {
    f"K={tasks} seed={seed}": random_gradients(tasks, tasks + 2, seed=seed)
    for tasks, seed in itertools.product((2, 3, 5, 8), (0, 1, 2))
}

NASTY = {
    "one task": np.array([[2.0, 0.0]]),
    "one zero task": np.zeros((1, 2)),
    "all zero": np.zeros((3, 4)),
    "one zero of three": np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.5]]),
    "opposite": np.array([[1.0, 0.0], [-2.0, 0.0]]),
    "opposite and one across": np.array([[1.0, 0.0], [-2.0, 0.0], [0.0, 1.0]]),
    "parallel": np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]),
    "equal": np.ones((4, 3)),
    "balanced triangle": at_degrees(0, 120, 240),
    "almost opposite": np.array([[1.0, 1e-9], [-1.0, 1e-9], [1.0, 0.0]]),
    "tiny": 1e-10 * random_gradients(3, 4),
    "huge": 1e10 * random_gradients(4, 6),
    "badly scaled": powers(-10, 10, 5) @ random_gradients(5, 7),
    "more tasks than directions": random_gradients(5, 2),
    "8 tasks badly scaled": powers(-10, 10, 8) @ random_gradients(8, 9),
    "8 tasks, 3 directions": random_gradients(8, 3),
    "8 tasks, 2 zero": np.vstack([np.zeros((2, 5)), random_gradients(6, 5)]),
    "32 tasks": random_gradients(32, 40),
    "32 tasks, 5 directions": random_gradients(32, 5),
}


def lattice_gradients(count, *, seed=0):
    """Small whole numbers: parallel, opposite, equal and zero gradients galore, some far apart."""
    source = generator(seed)
    for number in range(count):
        tasks, size = source.integers(2, 8), source.integers(1, 5)
        gradients = source.integers(-1, 2, size=(tasks, size)).astype(np.float64)
        if number % 3 == 0:
            gradients *= 10.0 ** source.integers(-4, 5, size=(tasks, 1))
        yield gradients
