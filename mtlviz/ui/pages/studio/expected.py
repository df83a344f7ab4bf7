"""How long the run is likely to take and how much memory, and what that is known from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import NamedTuple

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.duration import preparation
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.memory import Memory
from mtlviz.engine.estimate.whole import Estimate, likely_seconds
from mtlviz.errors import MtlvizError
from mtlviz.runs.machine_slots import gpus
from mtlviz.runs.queue import at_once, is_small
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import earlier_runs, run_estimates, run_records
from mtlviz.ui.core.earlier_runs import said
from mtlviz.ui.core.words import counted, grouped

_MEGA, _GIGA = 1e6, 1e9
_EARLIER = (
    "From the start of its process to its end, loading torch and reading the data included. Known "
    "from finished runs here with the same tasks, model and methods; learning rates may differ."
)
_WORKED_OUT = (
    "From the start of its process to its end, worked out from the model's size and a short "
    "measurement of this machine: a rough guess, and a busy machine takes several times as long. "
    "Once such a run has finished here, its own time is told."
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
        found = run_estimates.estimated(config, known)
        seconds, source = _time(config, found)
    except MtlvizError as error:
        return f"Time and memory cannot be estimated: {error}", ""
    updates = counted(found.work.updates, "update")
    each = f" in each of {config.processes} processes" if config.processes > 1 else ""
    return (
        f"{updates} · {seconds} · about **{megabytes(found.memory.total)}** of memory{each}",
        source + _MEMORY,
    )


def parts(config: RunConfig, known: DataFacts | None) -> str:
    """Model and memory in numbers, part by part; empty where they are not known."""
    if known is None:
        return ""
    try:
        found = run_estimates.estimated(config, known)
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


def recording(config: RunConfig, known: DataFacts | None) -> str:
    """What Gram matrices by layer cost in this run; empty where that is not known."""
    if known is None or not config.probes.layers_every:
        return ""
    try:
        found = run_estimates.estimated(config, known).work
    except MtlvizError:
        return ""  # The line above the controls says why.
    if not found.by_layer:
        return "By layer nothing is recorded here: no update takes a Gram matrix of several tasks."
    updates = f"{grouped(found.by_layer)} of {counted(found.updates, 'update')}"
    if gpus():
        return f"By layer at {updates}: each takes the products of a Gram matrix once more."
    seconds = found.layer_traffic / run_estimates.speed().bytes
    told = f"about {said(_rounded(seconds))}" if seconds >= 1 else "less than a second"
    return f"By layer at {updates}: {told} of the run's time, estimated."


def _time(config: RunConfig, found: Estimate) -> tuple[str, str]:
    """About how long, and what that is known from."""
    if runs := earlier_runs.runs_alike(run_records.store().runs(("finished",)), config):
        return earlier_runs.told(runs, found.work.updates), _EARLIER
    if gpus():
        return "how long, a first run on this GPU will tell", ""
    seconds = likely_seconds(config, found, run_estimates.speed())
    return f"roughly **{said(_rounded(seconds))}**, estimated", _WORKED_OUT


def whole(configs: Sequence[RunConfig], known: DataFacts | None) -> str:
    """About how long these runs take together, so many at a time; empty where nobody can know.

    Args:
        configs: The runs, which may be single tasks of one that has them all.
        known: The data of all their tasks.

    Raises:
        MtlvizError: If one of them cannot be estimated.
    """
    seconds, places = whole_seconds(configs, known), min(at_once(configs), len(configs))
    if seconds is None:
        return ""
    pace = "one after the other" if places == 1 else f"{places} at a time"
    return f"roughly **{said(_rounded(seconds))}** for all, {pace}"


def whole_seconds(configs: Sequence[RunConfig], known: DataFacts | None) -> float | None:
    """The same in seconds; None where nobody can know."""
    if known is None or not configs:
        return None
    alike = Counter(map(_without_seed, configs))
    finished = run_records.store().runs(("finished",))
    each = {config: _likely(RunConfig.from_json(config), known, finished) for config in alike}
    found = [time for config, count in alike.items() for time in [each[config]] * count]
    told = [time.seconds for time in found if time is not None]
    if len(told) < len(found):
        return None
    places = min(at_once(configs), len(found))
    # Small runs follow each other in one process, which has loaded torch once.
    saved = sum(sorted(time.spared for time in found if time is not None)[:-places])
    # Not even with room for all of them is the last over before the longest.
    return max(*told, (sum(told) - saved) / places, 0.0)


class _Likely(NamedTuple):
    """Seconds of a run, and how many of them it spares in the process of another before it."""

    seconds: float
    spared: float = 0.0


def _without_seed(config: RunConfig) -> str:
    """What runs have in common that take as long."""
    return config.model_copy(update={"name": "run", "seed": 0}).to_json()


def _likely(config: RunConfig, known: DataFacts, finished: list[RunSummary]) -> _Likely | None:
    """From start to end, as long as the newest run alike took; None on an unknown GPU."""
    names = {task.name for task in config.data.tasks}
    own = replace(known, tasks=tuple(task for task in known.tasks if task.name in names))
    found = run_estimates.estimated(config, own)
    if runs := earlier_runs.runs_alike(finished, config):
        return _Likely(runs[0].seconds(found.work.updates))
    if gpus():
        return None
    seconds = likely_seconds(config, found, run_estimates.speed())
    return _Likely(seconds, preparation(config) if is_small(config) else 0.0)


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


def _rounded(seconds: float) -> float:
    """No more digits than the estimate deserves."""
    for step in (3600, 600, 60, 10, 5):
        if seconds >= 6 * step:
            return round(seconds / step) * step
    return max(1.0, round(seconds))


def _count(number: int) -> str:
    return f"{number / _MEGA:.1f} M" if number >= _MEGA else grouped(number)
