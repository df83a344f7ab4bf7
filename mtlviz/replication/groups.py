"""Groups of thirty-two planted tasks: are they found, do they pay, does affinity predict it?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.affinity import prediction
from mtlviz.engine.measures.clusters import clustered
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.records import AffinityRecord, EvalRecord, Record, StepRecord
from mtlviz.engine.tasks.families import MEMBERS, NAMES
from mtlviz.engine.tasks.task import Task
from mtlviz.replication.experiment import Experiment, Found, Size, Table, Value
from mtlviz.replication.families import (
    AFFINITIES,
    affinities_of,
    against_truth,
    agreement_table,
    config_of,
    over_seeds,
    told,
)
from mtlviz.runs import affinity_study
from mtlviz.runs.affinity_study import ALL, APART, Group, Measured
from mtlviz.runs.results import RunResult, run_result
from mtlviz.runs.study import PairedRuns

Array = NDArray[np.float64]
Numbers = dict[str, float]
_DRAWS: Mapping[Size, Sequence[int]] = {"full": range(10, 18), "quick": (10, 11), "tiny": (10,)}
"""Nobody had looked at these when the settings were fixed."""
_PAIR_DRAWS: Mapping[Size, Sequence[int]] = {
    "full": range(10, 13), "quick": (10, 11), "tiny": (10,),
}  # fmt: skip
"""The first of them: their pairs take longer than all groups."""
_MEMBERS: Mapping[Size, int] = {"full": MEMBERS, "quick": MEMBERS, "tiny": 2}
_UPDATES: Mapping[Size, int] = {"full": 160, "quick": 160, "tiny": 4}
_EVERY_PAIR: Mapping[Size, int] = {"full": 2, "quick": 2, "tiny": 14}
_AGAIN = 1000
"""The second seed of a draw, with the same data."""
_ORACLE = {"words": "For comparison: each task's own model of words (no network)"}
_GROUPINGS = {
    "planted": "The planted families",
    **{
        name: f"Four groups by: {title[0].lower()}{title[1:]}" for name, title in AFFINITIES.items()
    },
    "random": "Four random groups of eight",
    "apart": "Each task alone",
}
_TRUTHS = {"score": "change of the score", "loss": "change of the development loss"}
_NOTES = (
    "Fixed beforehand: settings as in the preset `families`, four groups, draws 10 to 17. Each "
    "draw has sentences, starting weights, batches, and the trait that each task judges in its own "
    "way, anew; intervals are over draws. The preset was once settled by draw 0, the length of the "
    "estimate’s gradients by draws 300 to 303; no draw that was looked at before is here.",
    "Above chance: the adjusted Rand index less its mean over random groups of the same sizes. By "
    "chance: what 95 % of these stay below.",
    "Every model has the same number of updates and the score of its best evaluation. Groups are "
    "found with the data and seed with which they are then trained. Differences in points.",
    "Prediction: rank correlation of an affinity with what company did to a task, over both "
    "directions of 32 pairs, against the task alone, in the mean of two seeds of one draw. Chance: "
    "what 95 % of correlations stay below with tasks' names dealt out anew (one-sided, since what "
    "is asked is whether affinity predicts). Without error a prediction would reach the root of "
    "2r / (1 + r), where r is the correlation of one seed with the other (Spearman and Brown).",
    "Agreement and trained groups are over all eight draws. Pairs are trained in draws 10 to 12 "
    "alone, in their order, for want of time; their intervals are wide.",
    "The estimate is taken from the development examples on which groups and pairs are then "
    "scored, which flatters it; lookahead affinity and cosine see training batches alone.",
)


@dataclass(frozen=True)
class _Trained:
    """What is kept of a run: at its best evaluation, and what was recorded on the way."""

    tasks: Sequence[Task]
    scores: RunResult
    records: Sequence[Record]

    @property
    def relief(self) -> RunResult:
        """Development losses in the place of scores, less of them being better."""
        best = [each for each in self.records if isinstance(each, EvalRecord) and each.best]
        return replace(self.scores, scores=tuple((-best[-1].losses).tolist()))


def _compute(size: Size) -> Found:
    return found_of(size, [of_draw(size, draw) for draw in _DRAWS[size]])


def found_of(size: Size, each: Sequence[Numbers]) -> Found:
    """What the draws found together.

    Args:
        size: Their size.
        each: What `of_draw` gave for each.
    """
    names = dict.fromkeys(name for one in each for name in one)
    values = {name: over_seeds([one[name] for one in each if name in one]) for name in names}
    values |= {
        name: replace(value, unit="points")
        for name, value in values.items()
        if name.startswith("groups/") and " − " in name
    }
    config = _config(size, _DRAWS[size][0]).model_dump(mode="json")
    return Found(values, _tables(values), _NOTES, {"run": config})


def _config(size: Size, draw: int) -> RunConfig:
    changes = {"optimisation.max_updates": _UPDATES[size], "probes.embeddings_every": 0}
    return config_of(draw, _MEMBERS[size], changes)


def of_draw(size: Size, draw: int) -> Numbers:
    """What one draw of sentences gave, numbers by name.

    Args:
        size: How much of it.
        draw: Which one.
    """
    config, drawn = _config(size, draw), np.random.default_rng(draw)
    truth = np.repeat(range(len(NAMES)), _MEMBERS[size])
    together, affinities = _affinities(config)
    values: Numbers = {}
    groupings = {"planted": _members(truth)}
    for name, affinity in affinities.items():
        values |= against_truth(name, affinity, truth, drawn)
        groupings[name] = clustered(affinity, len(NAMES)).members
    values |= against_truth("words", _word_cosines(together.tasks), truth, drawn)
    groupings["random"] = _members(drawn.permutation(truth))
    has_pairs = draw in _PAIR_DRAWS[size]
    pairs = affinity_study.pairs(len(truth))[:: _EVERY_PAIR[size]] if has_pairs else []
    found, trained = _relatives(config, together, groupings.values(), pairs)
    values |= _groups_pay(found, trained, groupings)
    for kind in _TRUTHS if has_pairs else ():
        results = {
            run: each.scores if kind == "score" else each.relief for run, each in trained.items()
        }
        measured = affinity_study.measured_transfer(found, results.get, len(truth))
        values |= _predicted(kind, affinities, measured, drawn)
        values |= _members_gain(kind, measured, truth)
    return {name: value for name, value in values.items() if np.isfinite(value)}


def _members(labels: Array) -> tuple[Group, ...]:
    groups = (np.flatnonzero(labels == group).tolist() for group in range(len(NAMES)))
    return tuple(map(tuple, groups))


def _train(config: RunConfig) -> tuple[_Trained, object]:
    """A run in this process, and its training as it ended."""
    from mtlviz.engine.train import records, start

    training = start(config)
    found = list(records(training))
    names = [task.name for task in config.data.tasks]
    updates = config.optimisation.max_updates or 0
    result = run_result(names, ["accuracy"] * len(names), found, updates=updates, seconds=0.0)
    return _Trained(training.tasks, result, found), training


def _affinities(config: RunConfig) -> tuple[_Trained, dict[str, Array]]:
    """All tasks trained together, and the three affinities."""
    from mtlviz.engine.models.build import build_tokenizer
    from mtlviz.engine.trained_model import TrainedModel

    made, training = _train(config)
    training.use_best()
    tokenizer = build_tokenizer(config, training.tasks)
    model = TrainedModel(config, training.tasks, tokenizer, training.model.eval(), training.device)
    lookahead = [each.affinity for each in made.records if isinstance(each, AffinityRecord)]
    grams = [e.gram for e in made.records if isinstance(e, StepRecord) and e.gram is not None]
    late = cosines(np.array(grams[len(grams) // 2 :], dtype=np.float64))
    return made, affinities_of(model, lookahead, late, config.seed)


def _word_cosines(tasks: Sequence[Task]) -> Array:
    """How alike the weights are that each task by itself gives to words: what its data hold."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    train = [task.splits["train"] for task in tasks]
    words = CountVectorizer().fit([text for each in train for text in each.first])
    weights = [
        LogisticRegression().fit(words.transform(each.first), each.labels).coef_[0]
        for each in train
    ]
    return cosines(np.array(weights) @ np.array(weights).T)


def _relatives(
    config: RunConfig,
    together: _Trained,
    groupings: Iterable[Sequence[Group]],
    pairs: Sequence[Group],
) -> tuple[PairedRuns, dict[int, _Trained]]:
    """Every task apart, pairs and groups, trained; the pairs with two seeds."""
    groups = [group for each in groupings for group in each]
    found = PairedRuns((), {(ALL, config.seed): 0})
    trained = {0: together}
    bare = affinity_study.planned_groups(config, found, groups)
    if pairs:
        again = PairedRuns((), {(ALL, seed): 0 for seed in (config.seed, config.seed + _AGAIN)})
        bare += affinity_study.planned_groups(config, again, pairs)
    for (way, _, seed), each in bare:
        if (way, seed) not in found.runs and way != ALL:
            found.runs[way, seed] = len(trained)
            trained[len(trained)] = _train(each)[0]
    return found, trained


def _groups_pay(
    found: PairedRuns, trained: Mapping[int, _Trained], groupings: Mapping[str, Sequence[Group]]
) -> Numbers:
    """Mean score of each grouping, and what it is above one encoder for all and random groups."""
    results = {run: each.scores for run, each in trained.items()}
    tasks = range(sum(map(len, groupings["planted"])))
    every = {**groupings, APART: [(task,) for task in tasks], ALL: [tuple(tasks)]}
    seed = found.seeds(ALL)[0]
    scores = {
        name: affinity_study.grouping_scores(found, groups, results.get)[seed]
        for name, groups in every.items()
    }
    values: Numbers = {f"groups/{name}": score for name, score in scores.items()}
    for name in _GROUPINGS:
        values[f"groups/{name} − all"] = 100 * (scores[name] - scores[ALL])
        if name != "random":
            values[f"groups/{name} − random"] = 100 * (scores[name] - scores["random"])
    return values


def _predicted(
    kind: str,
    affinities: Mapping[str, Array],
    measured: Sequence[Measured],
    drawn: np.random.Generator,
) -> Numbers:
    """How well each affinity predicts what pairs did, what chance does, and the truth itself."""
    company = [(each.task, each.company) for each in measured]
    seeds = sorted({seed for each in measured for seed in each.seeds})
    changes = np.array([[each.seeds.get(seed, np.nan) for seed in seeds] for each in measured])
    values: Numbers = {}
    for name, affinity in affinities.items():
        seen = prediction(affinity, company, changes, drawn, resamples=500)
        if seen is not None:
            values[f"{name}/predicts {kind}"] = seen.value
            values[f"{name}/predicts {kind} by chance"] = seen.chance
            values[f"measured/ceiling, {kind}"] = seen.ceiling
    return values


def _members_gain(kind: str, measured: Sequence[Measured], truth: Array) -> Numbers:
    """What a member of its own family does to a task, and what a stranger does, in points."""
    own = [each.found.mean for each in measured if truth[each.task] == truth[each.company[0]]]
    other = [each.found.mean for each in measured if truth[each.task] != truth[each.company[0]]]
    if not own or not other:
        return {}
    return {f"pairs/member, {kind}": float(np.mean(own)),
            f"pairs/stranger, {kind}": float(np.mean(other)),
            f"pairs/member − stranger, {kind}": float(np.mean(own) - np.mean(other))}  # fmt: skip


def _tables(values: Mapping[str, Value]) -> tuple[Table, ...]:
    found = agreement_table(values, {**AFFINITIES, **_ORACLE})
    pays = Table(
        "The same groups trained, each on an encoder of its own: mean accuracy of 32 tasks",
        ("groups", "mean score", "above one encoder for all (points)",
         "above random groups (points)"),
        [["One encoder for all", told(values.get("groups/all"), 3), "", ""]]
        + [[title, told(values.get(f"groups/{name}"), 3),
            told(values.get(f"groups/{name} − all"), 1),
            told(values.get(f"groups/{name} − random"), 1)]
           for name, title in _GROUPINGS.items()],
    )  # fmt: skip
    columns = [(kind, by) for kind in _TRUTHS for by in ("", " by chance")]
    predicts = Table(
        "Does affinity predict what one other task does to a task? Rank correlations",
        ("affinity", *(f"{title}{', chance below' if by else ''}"
                       for title in _TRUTHS.values() for by in (False, True))),
        [[title, *(told(values.get(f"{name}/predicts {kind}{by}")) for kind, by in columns)]
         for name, title in AFFINITIES.items()]
        + [["What a prediction without error would reach",
            *(cell for kind in _TRUTHS
              for cell in (told(values.get(f"measured/ceiling, {kind}")), ""))]],
    )  # fmt: skip
    gains = Table(
        "What one other task does to a task, against the task alone (points, hundredths of loss)",
        ("", *_TRUTHS.values()),
        [[title, *(told(values.get(f"pairs/{who}, {kind}"), 1) for kind in _TRUTHS)]
         for who, title in (("member", "a member of its family"), ("stranger", "a stranger"),
                            ("member − stranger", "difference"))],
    )  # fmt: skip
    return found, pays, predicts, gains


GROUPS = Experiment(
    "Groups of thirty-two planted tasks: are they found beyond chance, and do they pay?",
    "",
    compute=_compute,
)
