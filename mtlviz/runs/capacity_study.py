"""A width study of text models: its runs, and the scores they have so far.

At every width and seed one run shares an encoder among all tasks and one gives each task an encoder
of its own, of the same width. Both have the same data, words, schedule and number of updates, and
are scored at their evaluation with the best mean, so that they differ in the sharing alone.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mtlviz.counts import counted
from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.measures.widths import Sweep
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.runs.results import RunResult
from mtlviz.runs.stored_study import Role
from mtlviz.runs.study import Study

TOGETHER, APART = "together", "apart"
_SHARING = {TOGETHER: "hard", APART: "separate"}
KIND = "capacity"
# Nothing but scores is read from these runs.
_SCORES_ONLY = {"gram_every": 0, "planes_every": 0, "examples_every": 0}


def base_config(
    tasks: Sequence[TaskConfig], encoder: str, epochs: int, examples: int | None = None
) -> RunConfig:
    """What all runs of a study have in common; width, seed and sharing come later.

    Args:
        tasks: The tasks.
        encoder: The kind of encoder.
        epochs: Passes over the largest task's training examples; smaller tasks start over.
        examples: Training examples of each task, all if None.
    """
    limited = tuple(task.model_copy(update={"train_examples": examples}) for task in tasks)
    return RunConfig(
        name="width study",
        data=DataConfig(tasks=limited, batch_size=32, max_length=48),
        capacity=CapacityConfig(
            encoder=encoder, vector_width=50, pooling=ENCODERS[encoder].method.poolings[0]
        ),
        optimisation=OptimisationConfig(
            scheduler="joint_fill_up",
            epochs=epochs,
            learning_rate=1e-2 if encoder == "mean" else 3e-3,
        ),
        probes=ProbeConfig(**_SCORES_ONLY),
    )


def planned(
    config: RunConfig, widths: Sequence[int], seeds: Sequence[int]
) -> list[tuple[Role, RunConfig]]:
    """The runs of a study, seed by seed, so that the first curves are there early."""
    heads = config.capacity.attention_heads
    ways = {
        (way, width): {
            "capacity.width": width,
            "capacity.sharing": sharing,
            # Attention needs heads that divide the width.
            "capacity.attention_heads": math.gcd(width, heads),
        }
        for width in widths
        for way, sharing in _SHARING.items()
    }
    made = Study(ways).runs(
        config, seeds, lambda way, seed: f"{config.name} · {way[0]} · width {way[1]} · seed {seed}"
    )
    return [((*way, seed), found) for (way, seed), found in made.items()]


def sweep(roles: Mapping[Role, int], results: Mapping[int, RunResult], tasks: int) -> Sweep:
    """Scores of the finished runs of a study; NaN for the others.

    Args:
        roles: Number of the run of each role.
        results: Results of finished runs, by number.
        tasks: Number of tasks.
    """
    widths = sorted({width for _, width, _ in roles})
    seeds = sorted({seed for _, _, seed in roles})
    scores = {way: np.full((len(widths), len(seeds), tasks), np.nan) for way in _SHARING}
    for (way, width, seed), run in roles.items():
        if run in results and way in scores:
            scores[way][widths.index(width), seeds.index(seed)] = results[run].scores
    return Sweep(np.array(widths), scores[TOGETHER], scores[APART])


def study_name(tasks: Iterable[str], encoder: str, widths: Sequence[int], seeds: int) -> str:
    """A name for a study that nobody has named."""
    return (
        f"{', '.join(tasks)} · {encoder} · widths {', '.join(map(str, widths))} · "
        f"{counted(seeds, 'seed')}"
    )[:200]
