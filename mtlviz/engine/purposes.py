"""What random numbers are drawn for, and the generator of each purpose."""

import numpy as np

# What a random number is drawn for. Every draw depends on the run's seed, its purpose and its place
# in the run alone, so that a resumed run needs no generator's past.
DATA, MODEL, SCHEDULE, ORDER, COMBINER, WEIGHTING, DROPOUT, PLANES, PROBE_SET, AFFINITY, HEADS = (
    range(11)
)
MEMORY, REPLAY, FISHER, NOISE = range(11, 15)


def generator(seed: int, purpose: int, *place: int) -> np.random.Generator:
    """The generator of one purpose at one place of a run."""
    return np.random.default_rng([seed, purpose, *place])
