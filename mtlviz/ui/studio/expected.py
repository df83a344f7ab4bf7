"""How long the run is likely to take and how much memory, and what that is known from."""

from dataclasses import fields

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.duration import preparation
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.memory import Memory
from mtlviz.engine.estimate.whole import Estimate, likely_seconds
from mtlviz.errors import MtlvizError
from mtlviz.runs.capacity import gpus
from mtlviz.runs.store import Store
from mtlviz.ui import cache
from mtlviz.ui.studio import cached
from mtlviz.ui.words import duration, grouped

_MEGA, _GIGA = 1e6, 1e9
_LOOKED_AT = 40
"""So many of the newest finished runs are asked how long they took."""
# Settings that do not change what an update costs.
_SAME_COST = (
    "learning_rate", "head_learning_rate", "weight_decay", "warmup", "decay", "clip_norm",
    "patience", "epochs", "max_updates",
)  # fmt: skip
_EARLIER = "The time is that of finished runs here whose updates cost the same."
_WORKED_OUT = (
    "The time is worked out from the model's size and a short measurement of this machine, so a "
    "busy machine takes longer. Once such a run has finished here, its own time is told."
)
_MEMORY = " The memory follows from the shapes; the parts stand below."
_PARTS = {
    "program": "Python and torch",
    "data": "data",
    "parameters": "parameters and their best state",
    "gradients": "gradients",
    "optimiser": "AdamW",
    "activations": "activations of one batch",
}


def cost(config: RunConfig, known: DataFacts | None) -> tuple[str, str]:
    """Updates, time and memory in a line, and what they are known from; says what is not known."""
    if known is None:
        return "Time and memory: as soon as the data is counted.", ""
    try:
        found = cached.estimated(config, known)
        seconds, source = _time(config, found)
    except MtlvizError as error:
        return f"Time and memory cannot be estimated: {error}", ""
    updates = f"{grouped(found.work.updates)} updates"
    return (
        f"{updates} · {seconds} · about **{megabytes(found.memory.total)}** of memory",
        source + _MEMORY,
    )


def parts(config: RunConfig, known: DataFacts | None) -> str:
    """Model and memory in numbers, part by part; empty where they are not known."""
    if known is None:
        return ""
    try:
        found = cached.estimated(config, known)
    except MtlvizError:
        return ""  # The line above says why.
    size, needed = found.size, found.memory
    share = [
        f"{text} {megabytes(getattr(needed, field.name))}{_copies(needed, field.name)}"
        for field in fields(Memory)
        if (text := _PARTS.get(field.name))
    ]
    return (
        f"The model has {_count(size.total)} parameters: {_count(size.shared)} shared and trained, "
        f"{_count(sum(size.tasks))} of single tasks, {_count(size.frozen)} kept as they are. "
        f"Memory from shapes: {'; '.join(share)}."
    )


def _time(config: RunConfig, found: Estimate) -> tuple[str, str]:
    """About how long, and what that is known from."""
    begin, updates = preparation(config), found.work.updates
    earlier = [begin + pace * updates for pace in _earlier(cache.store(), config)]
    if earlier:
        low, high = (said(seconds) for seconds in (min(earlier), max(earlier)))
        span = low if low == high else f"{low} to {high}"
        runs = "the last run" if len(earlier) == 1 else f"the last {len(earlier)} runs"
        return f"about **{span}**, as {runs} of these settings took", _EARLIER
    if gpus():
        return "how long, a first run on this GPU will tell", ""
    seconds = likely_seconds(config, found, cached.speed())
    return f"about **{said(_rounded(seconds))}**, estimated within a factor of two", _WORKED_OUT


def _earlier(store: Store, config: RunConfig) -> list[float]:
    """Seconds an update took in the newest finished runs of these settings, at most three."""
    wanted, paces = _cost_key(config), []
    for run in store.runs(("finished",))[:_LOOKED_AT]:
        try:
            result = store.result(run.id) if _cost_key(cache.run_config(run)) == wanted else None
            # The time of training alone: a run may have been stopped for a day in between.
            if result is not None and result.updates:
                paces.append(result.seconds / result.updates)
        except MtlvizError:
            continue  # Settings of a newer version: another run may still tell.
    return paces[:3]


def _cost_key(config: RunConfig) -> str:
    optimisation = config.optimisation.model_dump()
    kept = {name: value for name, value in optimisation.items() if name not in _SAME_COST}
    rest = config.model_dump(mode="json", exclude={"name", "seed", "version", "optimisation"})
    return f"{rest} {kept}"


def _copies(needed: Memory, name: str) -> str:
    """Whether gradients are kept apart, where it matters."""
    if name != "gradients":
        return ""
    return f" ({needed.copies} at once)" if needed.copies > 1 else " (one sum)"


def megabytes(count: float) -> str:
    """`340 MB`, `1.2 GB`: two digits that matter."""
    if count >= _GIGA:
        return f"{count / _GIGA:.1f} GB"
    megas = count / _MEGA
    return f"{round(megas, -1):.0f} MB" if megas >= 100 else f"{megas:.2g} MB"


def said(seconds: float) -> str:
    """A time without an empty smaller unit: `18 min`, not `18 min 0 s`."""
    return duration(seconds).removesuffix(" 0 s").removesuffix(" 0 min")


def _rounded(seconds: float) -> float:
    """No more digits than the estimate deserves."""
    for step in (3600, 600, 60, 10, 5):
        if seconds >= 6 * step:
            return round(seconds / step) * step
    return max(1.0, round(seconds))


def _count(number: int) -> str:
    return f"{number / _MEGA:.1f} M" if number >= _MEGA else grouped(number)
