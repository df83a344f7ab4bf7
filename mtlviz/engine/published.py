"""Published scores beside which a run's own are shown, and what is wrong with them."""

from dataclasses import dataclass
from pathlib import PurePath

from mtlviz.engine.config import RunConfig

IYER = "Iyer, CS224N report, table 5 (dev)"
WU = "Wu, Zhang and Ré, ICLR 2020, figure 6"
SHARMA = "Sharma, CS224N report, tables 1 and 2"


@dataclass(frozen=True)
class Published:
    """One published score.

    Attributes:
        score: As printed there, as a share or a correlation.
        source: Where it stands.
        flag: What a reader must know before comparing; empty if nothing.
    """

    score: float
    source: str
    flag: str = ""


_SWAPPED = (
    "the printed row is almost surely column-swapped (SST 0.747, PARA 0.504): this is the value "
    "after swapping back"
)
_LEAK = "no de-duplication is described, and MR and SST share sentences across their splits"
_LEAK_SUBJ = "no de-duplication is described, and MR and SUBJ share sentences"
_MISPRINT = "printed as 96.0, but only 86.0 gives the printed mean"


@dataclass(frozen=True)
class _Experiment:
    """One published experiment: what a run must have in common with it, and its scores.

    Attributes:
        scores: Its scores by the last part of the place where a task's data are.
        scheduler: How it took turns.
        combiner: How it combined gradients.
        encoders: Kinds of encoder that are near enough to compare.
    """

    scores: dict[str, Published]
    scheduler: str
    combiner: str
    encoders: tuple[str, ...]

    def is_of(self, config: RunConfig) -> bool:
        """Whether a run repeats it: the same tasks, trained together in the same way."""
        chosen = config.optimisation
        return (
            {_data_set(task.path) for task in config.data.tasks} == set(self.scores)
            and len(config.data.tasks) == len(self.scores)
            and (chosen.scheduler, chosen.combiner) == (self.scheduler, self.combiner)
            and (chosen.weighting, config.capacity.sharing) == ("equal", "hard")
            and not (chosen.match_sum_norm or chosen.combiner_options or chosen.scheduler_options)
            and not any(task.label_noise for task in config.data.tasks)
            and config.capacity.encoder in self.encoders
        )


def _course(scheduler: str, combiner: str, *scores: Published) -> _Experiment:
    """One row of Iyer's table: SST, Quora and STS on BERT."""
    names = ("cs224n_sst", "cs224n_quora", "cs224n_sts")
    return _Experiment(dict(zip(names, scores, strict=True)), scheduler, combiner, ("checkpoint",))


_EXPERIMENTS = (
    _course("joint", "sum", Published(0.536, IYER), Published(0.734, IYER), Published(0.613, IYER)),
    _course(
        "joint", "pcgrad", Published(0.532, IYER), Published(0.747, IYER), Published(0.645, IYER)
    ),
    _course(
        "round_robin",
        "sum",
        Published(0.504, IYER, _SWAPPED),
        Published(0.747, IYER, _SWAPPED),
        Published(0.608, IYER),
    ),
    _Experiment(
        {
            "sst2_sent": Published(0.908, WU, _LEAK),
            "mr": Published(0.860, WU, f"{_MISPRINT}; {_LEAK}"),
            "cr": Published(0.787, WU),
            "subj": Published(0.895, WU, _LEAK_SUBJ),
            "mpqa": Published(0.870, WU),
            "trec": Published(0.787, WU),
        },
        "proportional",
        "sum",
        ("mean", "cnn", "lstm"),
    ),
    _Experiment(
        {
            "glue_sst2": Published(
                0.93577, SHARMA, "its single-task baseline of 0.908 is below the usual 0.923"
            ),
            "mnli": Published(0.84264, SHARMA),
        },
        "joint",
        "sum",
        ("checkpoint",),
    ),
)


def published_scores(config: RunConfig) -> dict[str, Published]:
    """Published scores by task name, for a run that repeats a published experiment; else empty.

    What a run is called does not matter, nor do encoder size and budget, which may differ.
    """
    for experiment in _EXPERIMENTS:
        if experiment.is_of(config):
            return {
                task.name: experiment.scores[_data_set(task.path)] for task in config.data.tasks
            }
    return {}


def _data_set(path: str) -> str:
    """The last part of a path."""
    return PurePath(path).name
