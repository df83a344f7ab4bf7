"""Six real tasks by ways of sharing MiniLM: one encoder, inserts of each task's own, and alone."""

from mtlviz.engine.config import HeadConfig, ProbeConfig, RunConfig, TaskConfig
from mtlviz.replication.experiment import Experiment, Role, Size
from mtlviz.replication.from_runs import ALONE, LAST
from mtlviz.runs import sharing_study
from mtlviz.runs.sharing_study import way_title

EXAMPLES = {
    "sst2_sent": 160, "trec": 160, "cs224n_quora": 160, "cr": 80, "mpqa": 80, "sick": 80,
}  # fmt: skip
"""Training examples of each task; the last one is the task that comes later."""
BATCH = 8
_WAYS = ("hard", "lora", "pfeiffer", "hypernetwork", "adapter_fusion")
_LENGTH, _KEPT_LAYERS, _FIRST_STEP = 32, 3, 9
_SHARE: dict[Size, int] = {"full": 1, "quick": 1, "tiny": 10}
_SCORED: dict[Size, int] = {"full": 100, "quick": 100, "tiny": 8}
_SEEDS: dict[Size, int] = {"full": 5, "quick": 3, "tiny": 1}


def sharing_base(checkpoint: str, size: Size) -> RunConfig:
    """What all runs have in common; the way of sharing, step size and seed come later."""
    tasks = [
        TaskConfig(
            name=name, source="folder", path=name, options={"size": "small"},
            dev_examples=_SCORED[size], head=HeadConfig(pair="separate", fusion="compare"),
        )
        for name in EXAMPLES
    ]  # fmt: skip
    made = sharing_study.base(tasks, 1, None, checkpoint)
    limited = [
        task.changed(train_examples=EXAMPLES[task.name] // _SHARE[size]) for task in made.data.tasks
    ]
    data = made.data.changed(tasks=limited, batch_size=BATCH, max_length=_LENGTH)
    made = made.changed(data=data, device="cpu")
    return made.with_values({"capacity.frozen_layers": _KEPT_LAYERS})


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    base = sharing_base(checkpoint, size)
    rate, heads = base.optimisation.learning_rate, base.optimisation.head_learning_rate or 0
    base = base.with_values(
        {
            "name": "six real tasks",
            "optimisation.learning_rate": _FIRST_STEP * rate,
            "optimisation.head_learning_rate": _FIRST_STEP * heads,
        }
    ).changed(probes=ProbeConfig(layers_every=5, evaluate_every=10))
    runs = sharing_study.planned(base, _WAYS, 1, range(_SEEDS[size]))
    return {
        (ALONE if way == sharing_study.ALONE else way_title(way), seed): config
        for (way, _, seed), config in runs
    }


SHARING = Experiment(
    "Six real tasks by ways of sharing MiniLM, and each alone.",
    "",
    runs=_runs,
    opened=LAST,
    alone=False,
    pretrained=True,
    data=tuple(EXAMPLES),
    notes=(
        "Every way has one step size, 0.0009, which the search of the larger study chose for all "
        "but two of them: Pfeiffer's adapters did better there with 0.0027, tasks alone as well "
        "with 0.0003. 20 updates are very few for inserts that start at zero: this shows how the "
        "ways train, and ranks none of them. Of 30 intervals two may err by chance.",
    ),
)
