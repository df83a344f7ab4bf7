"""Ways of sharing MiniLM among six real tasks, and a task that comes later: runs and answers.

Step sizes are tuned by a seed of their own, each arm alike: two a factor of three apart, then
further ones on the better side until the best lies between two others. Arms are then compared over
other seeds.
"""

from collections.abc import Callable, Iterator, Sequence

from mtlviz.engine.config import RunConfig
from mtlviz.replication.sharing import BATCH, EXAMPLES, sharing_base
from mtlviz.runs import adding_study
from tests.benchmarks.papers_course import course_tasks
from tests.benchmarks.papers_jobs import QUIET, Job

ARMS = ("separate", "hard", "lora", "pfeiffer", "hypernetwork", "adapter_fusion")
ADDED = {"head": "hard", "insert": "lora", "embedding": "hypernetwork", "everything": "hard"}
"""Ways of adding a task, and the arm whose step size each takes; hard sharing is all together."""
TUNING_SEED = 100
FIRST, MOST = (1, 2), 6
"""Step sizes that every arm is tried at, as powers of three times the first; and how many at most.
"""
NOTES = (
    "all-MiniLM-L6-v2, embeddings and the lower three of six layers kept in every arm; inserts in "
    "the upper three. Training examples, drawn anew for each seed: 160 of SST-2, TREC and Quora, "
    "80 of CR, MPQA and SICK; 100 development examples each; pairs read apart; 32 tokens, batches "
    "of 8, 20 updates of all tasks: very short runs. The publisher trained this checkpoint on "
    "pairs from Quora among others.",
    "35 intervals over three seeds tell three differences from zero, LoRA lower on MPQA, "
    "Pfeiffer's adapters higher on Quora and the hypernetwork lower on TREC; two may err by "
    "chance. Of hard sharing's means those of the small sentiment sets CR and MPQA, beside the "
    "larger SST-2, are the highest; in AdapterFusion's table 1 joint training too gains most on "
    "small sets, but these intervals allow no such claim. 20 updates are few for inserts that "
    "start at zero, and AdapterFusion has 10 for its adapters and 10 for its fusion, where the "
    "publication trains both to the end: that it stays below adapters of their own is told by no "
    "interval. No way of adding a task is told from having it from the start: head, insert and "
    "task embedding leave the old tasks as they are by construction, and what training everything "
    'takes from them has an interval that reaches over zero. "All from the start" is hard '
    "sharing, for every way.",
    "Step sizes are those of encoder and heads (ten times as large); inserts take the published "
    "multiple. Every arm's best lies between two others, but for alone, which scored the same to "
    "three digits at the largest tried (0.0009): a larger one might be better, and all differences "
    "smaller. At an earlier default of 15 times the learning rate the hypernetwork gave one class "
    "a task at 0.0001, 0.0003 and 0.0009 alike: a "
    "generated weight is a sum of 64 products, so that an update moves it that much farther. Its "
    "publication trains it at the step size of training all of T5, which is the default now, and "
    "it learns. A task that comes later takes the step size of its way's arm, untuned itself; "
    "with an insert or a task embedding the encoder trains with the first five tasks, and is kept "
    "then.",
    "All made on one day. Step sizes of the first four arms were tried some hours before the "
    "rest, of which only means were kept; runs of alone and hard sharing made anew gave the same "
    "scores as then, those of LoRA and Pfeiffer's adapters but for one answer of 100 each. The "
    "task that comes later with an insert had −19.7 (−89.8 to +50.4) then: at LoRA's step size "
    "rounding decides.",
)
UPDATES = max(EXAMPLES.values()) // BATCH
"""Of every run; a task that comes later has as many of its own."""


def base_config(checkpoint: str) -> RunConfig:
    """What all runs have in common."""
    return sharing_base(checkpoint, "full").changed(probes=QUIET)


def at_power(config: RunConfig, power: int) -> RunConfig:
    """The settings at another step size: so many factors of three from the first."""
    chosen, factor = config.optimisation, 3.0**power
    return config.with_values({
        "optimisation.learning_rate": factor * chosen.learning_rate,
        "optimisation.head_learning_rate": factor * (chosen.head_learning_rate or 0),
    })  # fmt: skip


def job(part: str, arm: str, power: int, seed: int, config: RunConfig) -> Job:
    """One run."""
    key = {"experiment": "sharing", "part": part, "arm": arm, "power": power, "seed": seed}
    made = at_power(config, power).with_values({"seed": seed, "name": f"{part} {arm} {power}"})
    return Job(key, made, lambda: course_tasks(made))


def tried(results: Sequence[dict], arm: str) -> dict[int, float]:
    """Mean score of an arm with the tuning seed, by step size."""
    chosen = [line for line in results if (line["part"], line["arm"]) == ("tune", arm)]
    return {line["power"]: sum(line["scores"]) / len(line["scores"]) for line in chosen}


def next_power(known: dict[int, float]) -> int | None:
    """The next step size to try; None where the best lies between two that were tried."""
    missing = [power for power in FIRST if power not in known]
    if missing or len(known) >= MOST:
        return missing[0] if missing else None
    best = max(known, key=lambda power: known[power])
    return {max(known): best + 1, min(known): best - 1}.get(best)


def best_power(results: Sequence[dict], arm: str) -> int:
    """The step size that did best with the tuning seed."""
    known = tried(results, arm)
    return max(known, key=lambda power: known[power])


def sharing_jobs(
    read: Callable[[], list[dict]], seeds: int, checkpoint: str, arms: Sequence[str] = ARMS
) -> Iterator[Job]:
    """The runs in their order, each made when those before it are known.

    Args:
        read: Reads what is finished.
        seeds: Seeds that are compared.
        checkpoint: The pretrained encoder.
        arms: Arms to run; a way of adding a task is tried where its arm is.
    """
    base = base_config(checkpoint)
    for arm in arms:
        config = base.with_values({"capacity.sharing": arm})
        while (power := next_power(tried(read(), arm))) is not None:
            yield job("tune", arm, power, TUNING_SEED, config)
    for seed in range(seeds):
        for arm in arms:
            config = base.with_values({"capacity.sharing": arm})
            yield job("score", arm, best_power(read(), arm), seed, config)
    for seed in range(seeds):
        added = dict(adding_study.planned(base, [seed]))
        for way, arm in ((way, arm) for way, arm in ADDED.items() if arm in arms):
            config = _longer(added[way, seed])
            yield job("add", way, best_power(read(), arm), seed, config)


def _longer(config: RunConfig) -> RunConfig:
    """With as many updates of the new task as it has among all from the start."""
    if not config.optimisation.phases:
        return config
    first, second = config.optimisation.phases
    return config.with_values({"optimisation.phases": [first, second.changed(updates=UPDATES)]})
