"""Published scores beside which a run's own are shown, and what is wrong with them."""

from dataclasses import dataclass
from pathlib import PurePath

from mtlviz.engine.config import RunConfig

IYER = "Iyer, CS224N report, table 5 (dev)"
WU = "Wu, Zhang and Ré, ICLR 2020, figure 6"
SHARMA = "Sharma, CS224N report, tables 1 to 3"


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
F1_NOT_EM = (
    "printed as exact match, but it is F1: 88.135 is no count out of 10,570 questions, and exact "
    "match of BERT-base is 81 %"
)
_F1 = f"{F1_NOT_EM}; of one run, the gain of 0.7 is about 1.8 standard errors"
_UNPAIRED = (
    "the single-task baseline of 0.908 is below the usual 0.923, and over it +2.75 with inference "
    "is 2.1, +1.26 with questions 0.9 standard errors of one unpaired run"
)
_CUT = (
    f"cut after the third digit, not rounded (792 of 872 is 0.90826, printed 90.825); {_UNPAIRED}"
)
_NLI = (
    "the three printed figures fit no single development set (83.311 fits the 9,815 matched pairs, "
    "83.529 matched and mismatched together, 84.264 neither), so the rows were probably not scored "
    "on the same examples, and +0.7 or -0.2 must not be read as effects"
)
_MISPRINT = "printed as 96.0, but only 86.0 gives the printed mean"


@dataclass(frozen=True)
class _Experiment:
    """One published experiment: what a run must have in common with it, and its scores.

    Attributes:
        scores: Its scores by the last part of the place where a task's data are; None where it
            prints none.
        scheduler: How it took turns.
        combiner: How it combined gradients.
        encoders: Kinds of encoder that are near enough to compare.
        phases: The tasks of each phase and their share, by the same part; empty without phases.
    """

    scores: dict[str, Published | None]
    scheduler: str
    combiner: str
    encoders: tuple[str, ...]
    phases: tuple[tuple[tuple[str, ...], float], ...] = ()

    def is_of(self, config: RunConfig) -> bool:
        """Whether a run repeats it: the same tasks, trained together in the same way."""
        chosen = config.optimisation
        return (
            {_data_set(task.path) for task in config.data.tasks} == set(self.scores)
            and len(config.data.tasks) == len(self.scores)
            and _phases(config) == self.phases
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


def _pair(scores: dict[str, Published | None], outer: str = "", inner: str = "") -> _Experiment:
    """One row of Sharma's tables: together or alone, or a task between two halves of another."""
    phases = (((outer,), 0.5), ((inner,), 1.0), ((outer,), 0.5)) if outer else ()
    return _Experiment(scores, "joint", "sum", ("checkpoint",), phases)


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
    _pair(
        {"glue_sst2": Published(0.93577, SHARMA, _CUT), "mnli": Published(0.84264, SHARMA, _NLI)}
    ),
    _pair(
        {
            "squad": Published(0.88135, SHARMA, _F1),
            "glue_sst2": Published(0.92087, SHARMA, _UNPAIRED),
        },
        "squad",
        "glue_sst2",
    ),
    _pair({"squad": None, "mnli": Published(0.83311, SHARMA, _NLI)}, "squad", "mnli"),
    _pair({"glue_sst2": Published(0.90825, SHARMA, _CUT)}),
    _pair({"mnli": Published(0.83529, SHARMA, _NLI)}),
    _pair({"squad": Published(0.87398, SHARMA, f"{_F1}; the usual F1 is 0.883 to 0.885")}),
)


def published_scores(config: RunConfig) -> dict[str, Published]:
    """Published scores by task name, for a run that repeats a published experiment; else empty.

    What a run is called does not matter, nor do encoder size and budget, which may differ.
    """
    for experiment in _EXPERIMENTS:
        if experiment.is_of(config):
            found = {
                task.name: experiment.scores[_data_set(task.path)] for task in config.data.tasks
            }
            return {task: score for task, score in found.items() if score is not None}
    return {}


def _data_set(path: str) -> str:
    """The last part of a path; the hub's SST-2 has another name."""
    name = PurePath(path).name
    return "glue_sst2" if name == "sst2" else name


def _phases(config: RunConfig) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Data sets and share of each phase."""
    sets = {task.name: _data_set(task.path) for task in config.data.tasks}
    return tuple(
        (tuple(sets.get(name, "") for name in phase.tasks), phase.share)
        for phase in config.optimisation.phases
    )
