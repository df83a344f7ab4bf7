"""Sentiment, inference and questions in pairs: one after the other, together, alone (Sharma)."""

from mtlviz.engine.config import RunConfig
from mtlviz.engine.sharma_presets import FOLDERS, PAIRS, Way, sharma_run
from mtlviz.replication.experiment import Experiment, Role, Size
from mtlviz.replication.from_runs import LAST

WAYS: dict[str, Way] = {"phases": "halves", "together": "joint"}
_SIZES: dict[Size, str] = {"full": "short", "quick": "quick", "tiny": "quick"}
_SEEDS: dict[Size, int] = {"full": 3, "quick": 3, "tiny": 1}


def _config(pair: str, way: str, seed: int, size: Size, checkpoint: str) -> RunConfig:
    made = sharma_run(PAIRS[pair], WAYS[way], _SIZES[size], checkpoint)
    made = made.changed(name=f"{pair} · {way} · seed {seed}", seed=seed, device="cpu")
    if size != "tiny":
        return made
    few = {"examples_per_epoch": 8, "dev_examples": 8}
    tasks = tuple(task.model_copy(update=few) for task in made.data.tasks)
    return made.changed(data=made.data.model_copy(update={"tasks": tasks}))


def _runs(size: Size, checkpoint: str) -> dict[Role, RunConfig]:
    return {
        (f"{pair} {way}", seed): _config(pair, way, seed, size, checkpoint)
        for seed in range(_SEEDS[size])
        for pair in PAIRS
        for way in WAYS
    }


HALVES = Experiment(
    "SST-2, MNLI and SQuAD in pairs: in halves, together, and each alone.",
    "Sharma",
    runs=_runs,
    opened=LAST,
    pretrained=True,
    data=tuple(FOLDERS.values()),
    notes=(
        "Sharma (CS224N report) trains SST-2 and MNLI together, and SQuAD in two halves around "
        "SST-2 or MNLI. Here each of the three pairs is trained in halves (*phases*) and with both "
        "tasks in every update (*together*), beside each task alone with as many batches. SQuAD is "
        "scored by F1, as in the paper.",
        "**At quick size this says nothing for or against phases.** With 256 examples a task, "
        "batches of 8 and the four lower layers of MiniLM frozen, SQuAD stays far below the floor "
        "of a rule that learns nothing (F1 0.245) and MNLI at its majority class: only SST-2 is "
        "learned. No difference can be told from zero, and the intervals leave out no effect of "
        "the paper's size.",
        'What is wrong in the printed figures: SQuAD\'s "EM" is F1 (88.135 is no count out of '
        "10,570; exact match of BERT-base is 81). SST-2 is cut, not rounded (792 of 872 is 90.826, "
        "printed 90.825), and its single-task 90.8 lies below the usual 92.3. The three MNLI "
        "figures fit no single development set (83.311 fits the 9,815 matched pairs, 83.529 both "
        "matched and mismatched, 84.264 neither). From one run each, unpaired: SST-2 +2.75 with "
        "MNLI z = 2.1, +1.26 with SQuAD 0.9; MNLI +0.735 about 1.4, −0.22 about 0.4; SQuAD +0.74 "
        'about 1.8. "Same domain helps, other domain helps less" does not follow. The same notes '
        "stand beside the figures on Compare.",
    ),
)
