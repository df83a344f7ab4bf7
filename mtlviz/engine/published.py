"""Published scores beside which a preset's own are shown, and what is wrong with them."""

from dataclasses import dataclass

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
_MISPRINT = "printed as 96.0, but only 86.0 gives the printed mean"

_TABLES: dict[str, dict[str, Published]] = {
    "cs224n-classic": {
        "sst": Published(0.536, IYER),
        "quora": Published(0.734, IYER),
        "sts": Published(0.613, IYER),
    },
    "cs224n-pcgrad": {
        "sst": Published(0.532, IYER),
        "quora": Published(0.747, IYER),
        "sts": Published(0.645, IYER),
    },
    "cs224n-round-robin": {
        "sst": Published(0.504, IYER, _SWAPPED),
        "quora": Published(0.747, IYER, _SWAPPED),
        "sts": Published(0.608, IYER),
    },
    "six-sentiment": {
        "sst2_sent": Published(0.908, WU, _LEAK),
        "mr": Published(0.860, WU, f"{_MISPRINT}; {_LEAK}"),
        "cr": Published(0.787, WU),
        "subj": Published(0.895, WU),
        "mpqa": Published(0.870, WU),
        "trec": Published(0.787, WU),
    },
    "sst2-mnli": {
        "glue_sst2": Published(
            0.93577, SHARMA, "its single-task baseline of 0.908 is below the usual 0.923"
        ),
        "mnli": Published(0.84264, SHARMA),
    },
}


def published_scores(config: RunConfig) -> dict[str, Published]:
    """Published scores by task name for a run named after a preset; empty for other runs.

    A quick preset is compared with its full experiment, so encoder and budget may differ.
    """
    for name, table in _TABLES.items():
        if config.name == name or config.name.startswith(f"{name}-"):
            return table
    return {}
