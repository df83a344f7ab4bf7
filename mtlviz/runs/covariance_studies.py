"""Two questions on text that runs answer: does alignment help, and does reweighting?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.runs.study import FREE, PairedRuns, Study

EMBEDDINGS_EVERY = 25
AGREEMENTS = {"reader 1": 1.0, "reader 2": 0.9, "reader 3": 0.8}
"""Three readers judge the same sentences; the later ones judge some adjectives the other way."""


@dataclass(frozen=True)
class Question:
    """Which ways of training are compared.

    Attributes:
        study: The ways, called by one word each.
        titles: What each is called on the page.
        compared: Pairs of ways whose difference is told; the first pair makes the verdicts.
    """

    study: Study
    titles: Mapping[str, str]
    compared: Sequence[tuple[str, str]]

    def experiments(self, configs: Iterable[tuple[int, RunConfig]]) -> list[PairedRuns]:
        """Experiments in which the first compared way was run beside another, newest first.

        Args:
            configs: Number and settings of each run, newest first.
        """
        several = ((run, config) for run, config in configs if len(config.data.tasks) > 1)
        found = self.study.experiments(several).values()
        ways = [{way for way, _ in each.runs} for each in found]
        wanted = self.compared[0][0]
        return [each for each, of in zip(found, ways, strict=True) if wanted in of and len(of) > 1]


_SHARINGS = {"hard": "plain", "aligned": "aligned", "control": "control"}
ALIGNMENT = Question(
    Study({way: {"capacity.sharing": way} for way in _SHARINGS}),
    _SHARINGS,
    compared=(("aligned", "hard"), ("aligned", "control")),
)
_WEIGHTINGS = {"equal": "equal", "svd": "SVD", "svd_task_embeddings": "SVD, blog"}
REWEIGHTING = Question(
    Study(
        {way: {"optimisation.weighting": way} for way in _WEIGHTINGS},
        free=(*FREE, "optimisation.weighting_options"),
    ),
    _WEIGHTINGS,
    compared=(("svd", "equal"), ("svd_task_embeddings", "equal")),
)


def alignment_runs(config: RunConfig, seeds: int) -> list[RunConfig]:
    """The runs to make: each way of sharing with each seed, all else equal.

    Args:
        config: The tasks, the encoder and the optimisation.
        seeds: Number of seeds, from the config's own upwards.
    """
    every = config.probes.embeddings_every or EMBEDDINGS_EVERY
    plain = {"probes.embeddings_every": every, "capacity.sharing_options": {}}
    found = ALIGNMENT.study.runs(
        config.with_values(plain),
        range(config.seed, config.seed + seeds),
        lambda way, seed: f"{config.name[:80]} · {_SHARINGS[way]} · seed {seed}",
    )
    return list(found.values())


def reweighting_runs(noise: float, seeds: int) -> list[RunConfig]:
    """The runs to make: each weighting with each seed.

    Args:
        noise: Share of reader 1's training labels that are random.
        seeds: Number of seeds.
    """
    tasks = tuple(
        TaskConfig(name=name, options={"agreement": share}, label_noise=0.0 if place else noise)
        for place, (name, share) in enumerate(AGREEMENTS.items())
    )
    base = RunConfig(
        name="readers",
        data=DataConfig(tasks=tasks, batch_size=64, max_length=32),
        capacity=CapacityConfig(encoder="mean", width=8, vector_width=32),
        optimisation=OptimisationConfig(epochs=10, learning_rate=1e-2),
        probes=ProbeConfig(planes_every=0),
    )
    found = REWEIGHTING.study.runs(
        base,
        range(seeds),
        lambda way, seed: f"readers, {noise:.0%} random · {_WEIGHTINGS[way]} · seed {seed}",
    )
    return list(found.values())
