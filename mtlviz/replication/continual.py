"""Tasks one after another: every method's matrix over paired seeds, built-in and real sentences."""

from collections.abc import Mapping

from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.engine.presets import preset
from mtlviz.replication.experiment import Experiment, Found, Role, Size, Table, Value
from mtlviz.replication.from_runs import points
from mtlviz.runs.flat_settings import without_folders
from mtlviz.runs.score_matrices import BASELINE, NUMBERS, MethodScores, compared
from mtlviz.runs.store import Store

_PLACES = ("sst2_sent", "cr", "mpqa", "mr", "cs224n_cfimdb")
_METHODS = ("joint", "sequential", "replay", "agem", "gem", "ogd", "ewc", "lwf")
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}
_EXAMPLES: dict[Size, tuple[int, int, int]] = {
    "full": (500, 240, 10), "quick": (120, 100, 6), "tiny": (16, 8, 1),
}  # fmt: skip
"""To train and to score of each set, and passes."""
_TOLD = tuple(name for name in NUMBERS if name != "intransigence")
_OVER = f"over {BASELINE}"


def _polarity(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    """Positive or negative in five places, one head; the encoder is kept."""
    return {
        (method, seed): _in_places(method, seed, size, checkpoint)
        for seed in range(_SEEDS[size])
        for method in _METHODS
    }


def _in_places(method: str, seed: int, size: Size, checkpoint: str) -> RunConfig:
    train, scored, passes = _EXAMPLES[size]
    tasks = [
        {"name": name, "source": "folder", "path": name, "train_examples": train,
         "dev_examples": scored, "head": {"layers": 2, "width": 32, "dropout": 0.1}}
        for name in _PLACES
    ]  # fmt: skip
    return RunConfig.from_values({
        "name": f"polarity in five places · {method} · seed {seed}", "seed": seed, "device": "cpu",
        "data": {"tasks": tasks, "heads": "one", "batch_size": 32, "max_length": 64,
                 "drop_leaked": True},
        "capacity": {"encoder": "checkpoint", "checkpoint": checkpoint, "frozen": True},
        "optimisation": {"phases": " > ".join(_PLACES), "epochs": passes, "learning_rate": 3e-3,
                         "head_learning_rate": 3e-3, "warmup": 0.0, "decay": "constant"},
        "continual": {"method": method},
        "probes": {"gram_every": 0, "layers_every": 0, "planes_every": 0,
                   "evaluate_every": 100_000},
    })  # fmt: skip


def _four(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    """The four built-in tasks of the preset, heads of their own."""
    return {
        (method, seed): preset("continual-sequence").with_values({
            "name": f"four in turn · {method} · seed {seed}", "seed": seed, "device": "cpu",
            "continual.method": method, "probes.gram_every": 0, "probes.planes_every": 0,
            **({"optimisation.epochs": 1} if size == "tiny" else {}),
        })
        for seed in range(_SEEDS[size])
        for method in _METHODS
    }  # fmt: skip


def _read(store: Store, ways: Mapping[int, str]) -> Found:
    """Every number of every method's matrix, and its average less that of sequential training."""
    runs = list(ways)
    (methods,) = compared(store, runs)
    values: dict[str, Value] = {}
    rows = []
    for method, found in methods.items():
        told = {name: found.mean(name) for name in _TOLD} | {_OVER: found.against["average"]}
        known = {name: each for name, each in told.items() if each is not None}
        values |= {f"{method}/{name}": points(each) for name, each in known.items()}
        rows.append([CONTINUAL[method].title, *(_cell(known.get(name)) for name in told)])
    seeds = max(len(each.runs) for each in methods.values())
    over = f"mean and 95 % interval over {seeds} seeds" if seeds > 1 else "one seed"
    columns = ["against forgetting", *_TOLD, _OVER]
    return Found(
        values, [Table(f"Points, {over}", columns, rows), _last_rows(methods)],
        settings=without_folders(store.config(runs[0]).model_dump(mode="json")), runs=runs,
    )  # fmt: skip


def _last_rows(methods: dict[str, MethodScores]) -> Table:
    """What is known of every task at the end, mean over seeds."""
    first = next(iter(next(iter(methods.values())).matrices.values()))
    rows = []
    for method, found in methods.items():
        ends = [100 * each.scores[-1] for each in found.matrices.values()]
        rows.append([CONTINUAL[method].title, *(f"{each:.1f}" for each in sum(ends) / len(ends))])
    return Table("Score of every task after the last phase", ["", *first.tasks], rows)


def _cell(found: Transfer | None) -> str:
    if found is None:
        return "–"
    ends = f" ({found.low:.1f} to {found.high:.1f})" if found.seeds > 1 else ""
    return f"{found.mean:.1f}{ends}".replace("-", "−")


POLARITY = Experiment(
    "Positive or negative in five places in turn: what is forgotten?",
    "",
    runs=_polarity,
    read=_read,
    alone=False,
    pretrained=True,
    data=_PLACES,
    notes=(
        "MiniLM is kept as it is and only a shared layer of 32 and the answer train on 500 "
        "sentences a set, scored on 240: with so small a share of the model in motion little is "
        "forgotten. Methods have their default options, which nobody tuned.",
        "OGD keeps the answers to 20 of 500 examples a set, to first order. Where one head is "
        "asked the same of every set, it also takes out what would help old answers.",
    ),
)
FOUR = Experiment(
    "Four built-in tasks in turn: which method forgets what?",
    "",
    runs=_four,
    read=_read,
    alone=False,
    notes=("Accuracy after the last of four phases; heads of their own.",),
)
