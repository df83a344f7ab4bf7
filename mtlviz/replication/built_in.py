"""Three ways of training the built-in tasks, and each task alone."""

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.replication.experiment import Experiment, Role, Size
from mtlviz.replication.from_runs import LAST

_WAYS = {
    "classic": ("joint_fill_up", "sum"),
    "PCGrad": ("joint_fill_up", "pcgrad"),
    "round robin": ("round_robin", "sum"),
}
_EPOCHS: dict[Size, int] = {"full": 50, "quick": 20, "tiny": 1}
_PASSES = 5
_SEEDS: dict[Size, int] = {"full": 5, "quick": 3, "tiny": 1}


def _config(way: str, seed: int, size: Size) -> RunConfig:
    scheduler, combiner = _WAYS[way]
    # The shortest task alone makes a pass of round robin, and one update is one task's: so many
    # passes give every task as many batches as filling up does, and it is scored as often.
    turns, tasks = (_PASSES, 4) if scheduler == "round_robin" else (1, 1)
    return preset("default").with_values(
        {
            "name": f"built-in · {way} · seed {seed}",
            "seed": seed,
            "optimisation.scheduler": scheduler,
            "optimisation.combiner": combiner,
            "optimisation.epochs": _EPOCHS[size] * turns,
            "probes.evaluate_every": 10 * tasks,
            # Which examples made each gradient is kept once: these numbers hardly compress.
            "probes.examples_every": 1 if seed == 0 else 0,
            "probes.embeddings_every": 50 if seed == 0 else 0,
            "device": "cpu",
        }
    )


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    return {(way, seed): _config(way, seed, size) for seed in range(_SEEDS[size]) for way in _WAYS}


BUILT_IN = Experiment(
    "Four built-in tasks by classic training, PCGrad and round robin, and each alone.",
    "",
    runs=_runs,
    opened=LAST,
)
