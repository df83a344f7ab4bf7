"""The Continual lab's sentences and tables: who forgets, who keeps what, what it costs."""

import csv
import io

from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.measures.transfer import signed
from mtlviz.replication.result_file import Result
from mtlviz.toy.continual.summary import BASELINE, REFERENCE, ContinualSummary, MethodSummary
from mtlviz.ui.core.transfer_words import interval, points
from mtlviz.ui.core.words import MARKS, grouped, table

_COLUMNS = {
    "average": "average",
    "backward": "backward",
    "forward": "forward",
    "forgetting": "forgotten",
    "learning": "learned",
    "gap": "below joint",
}


def verdicts(summary: ContinualSummary) -> list[str]:
    """What sequential training forgets, and what the best method saves of it."""
    return list(filter(None, (_forgotten(summary), _saved(summary))))


def _forgotten(summary: ContinualSummary) -> str:
    lost = summary.methods[BASELINE].lost
    if lost is None:
        return "Sequential training diverged, so there is nothing to compare with."
    start = f"{MARKS[lost.verdict]} Going on with new tasks alone "
    if lost.verdict == "hurts":
        return f"{start}*forgets*: {interval(lost)} on old tasks."
    if lost.verdict == "helps":
        return f"{start}*helps* old tasks: {interval(lost)}."
    return f"{start}changes old tasks by {interval(lost)}: forgetting cannot be told from none."


def _saved(summary: ContinualSummary) -> str:
    best = summary.methods[summary.best]
    if best.name == BASELINE or best.gain is None:
        return "No method averages more than going on with new tasks alone."
    title, gain = CONTINUAL[best.name].title, best.gain
    if gain.verdict != "helps":
        return (
            f"{MARKS[gain.verdict]} {title} averages most, {interval(gain)} beside sequential "
            "training: these seeds cannot tell them apart."
        )
    return (
        f"{MARKS[gain.verdict]} **{title}** has the highest mean, not tested against other "
        f"methods: {interval(gain)} over sequential training{_beside_joint(best)}."
    )


def _beside_joint(method: MethodSummary) -> str:
    gap = method.gap
    if gap is None:
        return ""
    if gap.verdict == "undecided":
        return f", not told from joint training ({signed(gap.mean)})"
    return f", {signed(gap.mean)} beside joint training"


def panel_verdict(method: MethodSummary) -> dict[str, str] | None:
    """What the film says below a method's picture."""
    if method.lost is None:
        return None
    word = {"hurts": "forgot", "helps": "gained", "undecided": "kept"}[method.lost.verdict]
    return {
        "sign": method.lost.verdict,
        "text": f"old tasks {word}: {signed(method.lost.mean)} points",
    }


def numbers(summary: ContinualSummary) -> str:
    """A table of all numbers, a row for each method."""
    # A fresh head of a task's own says nothing before it trains.
    fields = [field for field in _COLUMNS if field != "forward" or summary.config.one_head]
    rows = [
        [_marked(found), *(_number(found, field) for field in fields), *_kept(found)]
        for found in summary.methods.values()
    ]
    named = [_COLUMNS[field] for field in fields]
    return table(["method", *named, "examples kept", "numbers kept"], rows)


def _marked(found: MethodSummary) -> str:
    mark = "" if found.gain is None else f"{MARKS[found.gain.verdict]} "
    return f"{mark}{CONTINUAL[found.name].title}"


def _number(found: MethodSummary, field: str) -> str:
    """Mean and half the interval; a dash where the number means nothing."""
    meaningless = found.name == REFERENCE and field != "average"
    value = found.numbers[field]
    if meaningless or value.mean != value.mean:
        return "–"
    shown = f"{value.mean:.1f}" if field in ("average", "learning") else signed(value.mean)
    return f"{shown}\u00a0±\u00a0{(value.high - value.low) / 2:.1f}"


def _kept(found: MethodSummary) -> tuple[str, str]:
    return tuple(grouped(each) if each else "0" for each in (found.examples, found.stored))


def gains(summary: ContinualSummary) -> str:
    """Each method's average beside sequential training, a line each, for who cannot see it."""
    return "; ".join(
        f"{CONTINUAL[name].title} {points(found.gain)}"
        for name, found in summary.methods.items()
        if found.gain is not None
    )


def as_csv(summary: ContinualSummary) -> str:
    """Every number of every method and every cell of its matrix, a row each."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["method", "number", "step", "task", "mean", "low", "high"])
    for name, found in summary.methods.items():
        for field, value in found.numbers.items():
            rows.writerow([name, field, "", "", *map(_exact, (value.mean, value.low, value.high))])
        for kept, count in (("examples kept", found.examples), ("numbers kept", found.stored)):
            rows.writerow([name, kept, "", "", count, "", ""])
        for step, row in enumerate(found.scores.tolist(), start=1):
            for task, score in enumerate(row, start=1):
                rows.writerow([name, "score", step, task, _exact(100 * score), "", ""])
    return out.getvalue()


def _exact(value: float) -> str:
    """A number as it is; nothing where it was not measured."""
    return "" if value != value else f"{value:.6g}"


def on_sentences(result: Result) -> str:
    """Average and backward transfer of every method in every scenario, as a table."""
    values = result.values
    places = [name.split("/")[:2] for name in values]
    scenarios, methods = (list(dict.fromkeys(each)) for each in zip(*places, strict=True))
    rows = [[method, *(_means(result, f"{each}/{method}") for each in scenarios)]
            for method in methods]  # fmt: skip
    return table(["method", *scenarios], rows)


def _means(result: Result, place: str) -> str:
    """Mean average with its interval, and mean backward transfer."""
    found, back = (result.values.get(f"{place}/{name}") for name in ("average", "backward"))
    if found is None:
        return "–"
    told = f"{found.mean:.1f} ({found.low:.1f} to {found.high:.1f})"
    return (told + (f" / {back.mean:.1f}" if back else "")).replace("-", "−")
