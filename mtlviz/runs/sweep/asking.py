"""What a search that learns from scores wants next: the same, however often it was interrupted.

Setting number n is asked for when all but the last few before it are done, and told of the scores
of just those: which of the others happen to be done as well decides nothing.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from mtlviz.runs.store import Store
from mtlviz.runs.sweep.plan import values_of
from mtlviz.runs.sweep.scores import results_of, sweep_scores
from mtlviz.runs.sweep.searches.search import Told
from mtlviz.runs.sweep.stored import RUN, StoredSweep


def asked(store: Store, sweep: StoredSweep) -> StoredSweep:
    """The same sweep with the settings that its search wants next, as far as scores allow.

    Raises:
        ConfigError: If what the search needs is not installed.
        StoreError: If the store cannot be read.
    """
    if not sweep.to_come:
        return sweep
    plan, told = sweep.plan, _told(store, sweep)
    done = next((n for n, (_, known) in enumerate(told) if not known), len(told))
    before = [each if n < done else replace(each, scores=None) for n, (each, _) in enumerate(told)]
    settings = list(sweep.settings)
    while len(settings) < min(plan.count, done + plan.together):
        number = len(settings)
        known = max(0, number + 1 - plan.together)
        now = [each if n < known else replace(each, scores=None) for n, each in enumerate(before)]
        seed = random.Random(f"{plan.draw} {number}").randrange(2**31)
        codes = plan.way.following(plan.space, now, seed)  # type: ignore[misc]
        settings.append(values_of(plan, codes))
        before.append(Told(codes, None))
    return replace(sweep, settings=tuple(settings))


def _told(store: Store, sweep: StoredSweep) -> list[tuple[Told, bool]]:
    """Each setting with its scores, and whether these will not change any more."""
    numbers = sweep.numbers()
    ended = {run.id for run in store.runs(("finished", "failed")) if run.id in numbers}
    known = sweep_scores(sweep, results_of(store, numbers))
    found = []
    for number, codes in enumerate(known.codes.tolist()):
        runs = [sweep.study.runs.get((RUN, number, seed)) for seed in sweep.seeds]
        scores = known.scores[number].mean(axis=0)
        whole = tuple(scores.tolist()) if np.isfinite(scores).all() else None
        found.append((Told(tuple(codes), whole), ended.issuperset(runs)))
    return found
