"""Searches that learn from scores, by Optuna's ask and tell: for the best mean, or for the front.

Nothing of Optuna is stored: each time it is told anew of the settings before, so that a search goes
on after whatever was killed as it would have without.

Reference:
    Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011, section 4 (TPE).
    Ozaki et al., "Multiobjective Tree-Structured Parzen Estimator", JAIR 73, 2022.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mtlviz.errors import ConfigError
from mtlviz.runs.sweep.searches.plain import combination, combinations
from mtlviz.runs.sweep.searches.search import Codes, Search, Space, Told

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

AT_RANDOM = 10
"""Settings that are drawn at random before any score is learned from."""
_PATIENCE = 20


def _check() -> None:
    if find_spec("optuna") is None:
        raise ConfigError(
            'A search that learns from scores needs Optuna: pip install "mtlviz[search]".'
        )


def _best_mean(space: Space, before: Sequence[Told], seed: int) -> Codes:
    means = [
        Told(each.codes, each.scores and (sum(each.scores) / len(each.scores),)) for each in before
    ]
    return _asked(space, means, seed)


def _asked(space: Space, before: Sequence[Told], seed: int) -> Codes:
    """The next setting, none of those before."""
    _check()
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=AT_RANDOM)
    targets = max((len(each.scores) for each in before if each.scores), default=1)
    study = optuna.create_study(sampler=sampler, directions=["maximize"] * targets)
    ways = {str(place): _distribution(values) for place, values in enumerate(space)}
    _tell(study, before, [_order(values) for values in space], ways)
    tried = {each.codes for each in before}
    for _ in range(_PATIENCE):
        # One that was tried before stays open in this study, which keeps the next away from it.
        params = study.ask(ways).params
        codes = tuple(_order(values)[params[str(i)]] for i, values in enumerate(space))
        if codes not in tried:
            return codes
    return _untried(space, tried, seed)


def _tell(
    study: Study,
    before: Sequence[Told],
    orders: Sequence[Sequence[int]],
    ways: dict[str, BaseDistribution],
) -> None:
    from optuna.trial import TrialState, create_trial

    for each in before:
        ranks = (order.index(code) for order, code in zip(orders, each.codes, strict=True))
        study.add_trial(
            create_trial(
                # Open ones count as bad, so that several at once are not all alike.
                state=TrialState.RUNNING if each.scores is None else TrialState.COMPLETE,
                params={str(place): rank for place, rank in enumerate(ranks)},
                distributions=ways,
                values=each.scores,
            )
        )


def _distribution(values: Sequence[Any]) -> BaseDistribution:
    """Numbers by their rank, whatever their distances; all else without an order."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if _numbers(values):
        return IntDistribution(0, len(values) - 1)
    return CategoricalDistribution(range(len(values)))


def _order(values: Sequence[Any]) -> list[int]:
    """Numbers of the values, in the order in which Optuna has them."""
    places = list(range(len(values)))
    return sorted(places, key=lambda place: values[place]) if _numbers(values) else places


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)


def _untried(space: Space, tried: set[Codes], seed: int) -> Codes:
    """Any that is left, at random."""
    drawn, count = random.Random(seed), combinations(space)
    for _ in range(_PATIENCE):
        found = combination(space, drawn.randrange(count))
        if found not in tried:
            return found
    left = (combination(space, number) for number in range(count))
    return drawn.choice([each for each in left if each not in tried])


def _none(space: Space, count: int, seed: int) -> list[Codes]:
    return []


TPE = Search("Learned from scores (TPE)", _none, _best_mean, _check)
PARETO = Search("Learned Pareto front of tasks", _none, _asked, _check)
