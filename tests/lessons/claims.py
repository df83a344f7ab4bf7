"""What lessons claim, computed at their settings."""

from collections.abc import Callable, Mapping
from typing import Any

from mtlviz.engine.measures.transfer import Transfer, transfer
from mtlviz.lessons.lesson import Claim, Step
from mtlviz.runs.examples import open_example
from mtlviz.settings import Settings
from mtlviz.toy.alignment import run_alignment
from mtlviz.toy.arrow_updates import combination, effect, scene
from mtlviz.toy.continual.summary import BASELINE, ContinualSummary, summarise
from mtlviz.toy.program import train
from mtlviz.toy.reweighting import run_reweighting
from mtlviz.ui.core import run_records, scored_runs, session
from mtlviz.ui.pages import entry
from mtlviz.ui.pages.conflict.settings import ARROWS
from mtlviz.ui.pages.continual.settings import TOY as CONTINUAL
from mtlviz.ui.pages.covariance import alignment, reweighting
from mtlviz.ui.pages.covariance.settings import ALIGN, REWEIGH
from mtlviz.ui.pages.toy.settings import TOY

MARGIN = 1.5
"""Points within which the whole interval of an `equivalent` claim must lie."""
_COMPUTED: dict[str, object] = {}


def _once(compute: Callable[[Any], Any], config: Settings) -> Any:
    """What is computed at these settings, once for all claims."""
    key = f"{compute.__name__} {config.key_without()}"
    if key not in _COMPUTED:
        _COMPUTED[key] = compute(config)
    return _COMPUTED[key]


def settings_at(page: str, query: Mapping[str, object]) -> tuple[dict[str, Settings], list[str]]:
    """The settings of a page's parts at these parameters, and what is wrong with them."""
    found, problems = {}, []
    with session.apart():
        for part in entry(page).parts():
            problems += part.apply({name: str(value) for name, value in query.items()})
            found[part.name] = part.now
    return found, problems


def toy_at(config: Settings) -> Any:
    """All arms of the Toy lab at these settings."""
    return _once(train, config)


def alignment_at(config: Settings, similar: bool = False) -> Any:
    """Transfer to the target by way, or how alike the clouds are before R₂, after, and at most."""
    found = _once(run_alignment, config)
    return found.similar if similar else alignment.transfers(config, found)


def reweighting_at(config: Settings) -> list[tuple[str, Transfer]]:
    """What reweighting changes, for the noisy task and for the others."""
    return reweighting.changes(config, _once(run_reweighting, config))


def _at(step: Step, claim: Claim, part: str) -> Settings:
    deed = {} if claim.before else step.deed
    return settings_at(step.page, {**step.settings, **deed})[0][part]


def _of_example(step: Step, claim: Claim) -> Transfer:
    """What Compare says of the runs whose name holds the claim's way, against each task alone."""
    store = run_records.store()
    runs = open_example(store, step.example).runs
    run = next(run for run in runs if claim.way in store.run(run).name)
    names = [task.name for task in store.config(run).data.tasks]
    return scored_runs.family_of(store.run(run)).transfers[names[claim.task - 1]]


def verdict(step: Step, claim: Claim) -> Transfer:
    """The difference that a claim is about, paired over repetitions."""
    if claim.of == "alignment":
        return alignment_at(_at(step, claim, ALIGN.name))[claim.way]
    if claim.of == "reweighting":
        noisy, clean = reweighting_at(_at(step, claim, REWEIGH.name))
        return (noisy if claim.way == "noisy" else clean)[1]
    if claim.of == "continual":
        return _continual(_once(summarise, _at(step, claim, CONTINUAL.name)), claim.way)
    if claim.of == "example":
        return _of_example(step, claim)
    result = toy_at(_at(step, claim, TOY.name))
    task, arm = claim.task - 1, tuple(task - 1 for task in claim.arm)
    final = result.accuracy[-1]
    return transfer(final[result.arm(arm), task], final[result.arm((task,)), task])


def _continual(found: ContinualSummary, way: str) -> Transfer:
    if way.startswith("kept by "):
        lost = found.methods[way.removeprefix("kept by ")].lost
        assert lost is not None
        return lost
    method, _, other = way.partition("-")
    return transfer(found.averages[method], found.averages[other or BASELINE])


def hurt_by(step: Step, claim: Claim) -> tuple[int, ...]:
    """The tasks whose loss rises in a method's step, counted from 1."""
    config = _at(step, claim, ARROWS.name)
    gram = scene(config).gram
    found = effect(config, gram, combination(claim.way, gram, config.order))
    return tuple(int(task) + 1 for task in found.hurt)
