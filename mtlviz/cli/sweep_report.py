"""What `mtlviz sweep` says: costs, how far, the best settings, what each setting does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from mtlviz.cli.progress import duration
from mtlviz.counts import counted
from mtlviz.engine.measures.sweeps import effects, importances
from mtlviz.engine.measures.transfer import signed
from mtlviz.runs.results import RunResult
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.cost import Cost
from mtlviz.runs.sweep.levels import levels
from mtlviz.runs.sweep.plan import SweepPlan, place_name
from mtlviz.runs.sweep.scores import (
    SweepScores,
    confirmed,
    fresh_difference,
    results_of,
    sweep_scores,
)
from mtlviz.runs.sweep.state import SweepState
from mtlviz.runs.sweep.stored import StoredSweep
from mtlviz.runs.sweep.words import (
    confirmed_sentences,
    confounded,
    difference,
    front_sentence,
    interval_sentence,
    learned,
    name_of,
    winner_sentence,
)

_BEST = 15
_MEGA = 1e6


def cost_line(plan: SweepPlan, cost: Cost) -> str:
    """Runs, time and memory before anything is begun."""
    settings, seeds = counted(cost.settings, "setting"), counted(plan.seeds, "seed")
    runs = f"{settings} x {seeds} = {counted(cost.runs, 'run')}"
    if cost.alone:
        runs += f" and {cost.alone} of single tasks"
    memory = "" if not cost.memory else f", {cost.memory / _MEGA:.0f} MB each at most"
    if cost.seconds is None:
        return f"{runs}{memory}; how long, the first runs will tell."
    pace = "one after the other" if cost.at_once == 1 else f"{cost.at_once} at once"
    return f"{runs}, {pace}: about {duration(cost.seconds)} within a factor of two{memory}."


def state_line(state: SweepState) -> str:
    """How far it is, in a line."""
    done = state.finished + state.active + state.waiting + state.ended
    parts = [f"{state.word}: {state.done} of {done + len(state.failed) + state.missing} runs"]
    if state.given_up:
        parts.append(f"{counted(state.given_up, 'setting')} stopped early")
    if state.going and state.seconds_left is not None:
        parts.append(f"about {duration(state.seconds_left)} left")
    if state.ended:
        parts.append(f"{state.ended} stopped or broken off")
    if state.failed:
        many = "" if state.word == "failed" else f"{len(state.failed)} failed, "
        parts.append(f"{many}first run {state.failed[0]}: {state.reason}")
    return ", ".join(parts)


def found_of(store: Store, sweep: StoredSweep) -> Iterator[str]:
    """What a stored sweep found so far."""
    results = results_of(store, sweep.numbers())
    yield from found_lines(sweep, sweep_scores(sweep, results), results)


def found_lines(
    sweep: StoredSweep, known: SweepScores, results: Mapping[int, RunResult]
) -> Iterator[str]:
    """The best settings, whether one is the winner, and what each setting does."""
    if not np.isfinite(known.means).any():
        return
    yield ""
    yield from _best(sweep, known)
    yield winner_sentence(sweep, known.winner)
    yield from filter(None, (front_sentence(sweep, known),))
    yield from _over_alone(known)
    chosen = confirmed(sweep, known, results)
    yield from confirmed_sentences(sweep, chosen)
    if (fresh := fresh_difference(chosen)) is not None:
        yield f"At the new seeds the first scores {difference(fresh)} against the second."
    yield from _effects(sweep, known)


def _best(sweep: StoredSweep, known: SweepScores) -> Iterator[str]:
    yield f"{'mean':>15}  " + "  ".join(f"{task[:14]:>14}" for task in known.tasks) + "  setting"
    for setting in known.order[:_BEST].tolist():
        cells = (_cell(known.scores[setting, :, task]) for task in range(len(known.tasks)))
        mean = _cell(known.means[setting])
        yield (
            f"{mean:>15}  "
            + "  ".join(f"{cell:>14}" for cell in cells)
            + "  "
            + name_of(sweep, setting)
        )
    if (more := len(known.order) - _BEST) > 0:
        yield f"… and {counted(more, 'more setting')}"


def _over_alone(known: SweepScores) -> Iterator[str]:
    """What the best setting does to each task against training it alone."""
    best = known.order[:1].tolist()
    for setting in best:
        told = [
            f"{task} {difference(found)}"
            for number, task in enumerate(known.tasks)
            if (found := known.over_alone(setting, number)) is not None
        ]
        if told:
            yield f"It scores against each task alone: {'; '.join(told)}."


def _cell(scores: np.ndarray) -> str:
    if len(scores) == 1:
        return f"{scores[0]:.3f}"
    return f"{scores.mean():.3f} ± {scores.std(ddof=1) / math.sqrt(len(scores)):.3f}"


def _effects(sweep: StoredSweep, known: SweepScores) -> Iterator[str]:
    """Each setting's values, and whether what it does can be told from noise."""
    if len(known.order) < 2:
        return
    every = levels(sweep.plan.over, known.codes)
    codes, sizes = np.column_stack([each.codes for each in every]), [len(e.words) for e in every]
    found = effects(known.means, codes, sizes)
    weights = importances(known.means, codes, sizes, np.random.default_rng(0))
    yield ""
    yield "What each setting does to the mean, in points (95 % interval), all else averaged:"
    yield from (f"  {each}" for each in (learned(sweep), interval_sentence(found[0])) if each)
    for path, each, effect, weight in zip(sweep.plan.over, every, found, weights, strict=True):
        told = f": {weight.doubt}" if weight.doubt else ""
        yield (
            f"  {place_name(path)} explains {weight.share:.0%} of the variance "
            f"(chance up to {weight.null:.0%}){told}"
        )
        said = ", ".join(
            f"{word} {signed(points)}" + ("" if math.isnan(half) else f" ± {half:.1f}")
            for word, points, half in zip(each.words, effect.points, effect.half, strict=True)
            if math.isfinite(points)
        )
        yield from (f"    {line}" for line in (said, confounded(effect)) if line)
