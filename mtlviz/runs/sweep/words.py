"""What a sweep found, in sentences that the shell and the page share."""

from collections.abc import Sequence

from mtlviz.counts import counted
from mtlviz.engine.measures.sweeps import Effect, Winner, pareto
from mtlviz.engine.measures.transfer import ONE_SEED, Transfer, digits, signed
from mtlviz.runs.sweep.plan import setting_name
from mtlviz.runs.sweep.scores import Confirmed, SweepScores
from mtlviz.runs.sweep.stored import NEW_SEEDS, StoredSweep

_NAMED = 3


def winner_sentence(sweep: StoredSweep, found: Winner | None) -> str:
    """Which setting is best, called the winner only if it beats every other one."""
    if found is None:
        return "No setting has a score at every seed yet."
    best = name_of(sweep, found.best)
    if found.closest is None:
        return f"{best} is the only setting with a score at every seed."
    of = "" if found.rivals == 1 else f" for all {found.rivals} comparisons together"
    against = f"{difference(found.found, of)} against {name_of(sweep, found.closest)}"
    if found.sure:
        every = "the other" if found.rivals == 1 else f"each of {found.rivals} others"
        return f"The winner is {best}: it beats {every}; {against}."
    others = len(found.ties)
    which = counted(others, "other")
    return f"No winner: {best} scores highest, but cannot be told apart from {which} ({against})."


def front_sentence(sweep: StoredSweep, known: SweepScores) -> str:
    """Which settings nothing beats on every task, where the search was for these; else nothing."""
    order = known.order
    if sweep.written["search"] != "pareto" or len(known.tasks) < 2 or not len(order):
        return ""
    front = order[pareto(known.scores[order].mean(axis=1))].tolist()
    named = "; ".join(name_of(sweep, number) for number in front[:_NAMED])
    more = f"; and {len(front) - _NAMED} more" if len(front) > _NAMED else ""
    return (
        f"On the Pareto front over {len(known.tasks)} tasks, where no other setting scores as much "
        f"on every one: {len(front)} of {counted(len(order), 'setting')}: {named}{more}."
    )


def learned(sweep: StoredSweep) -> str:
    """What is said of effects where settings were chosen by their scores; else nothing."""
    if sweep.plan.way.following is None:
        return ""
    return "The search chose these settings by their scores, so intervals and chance are rough."


def difference(found: Transfer | None, of: str = "") -> str:
    """`+1.2 points, 95 % interval +0.3 to +2.1, 3 paired seeds`.

    Args:
        found: The difference.
        of: What the interval holds for, if not for this difference alone.
    """
    if found is None:
        return "no paired seeds"
    if found.seeds == 1:
        return f"{signed(found.mean)} points, {ONE_SEED}"
    if found.spreadless:
        return f"exactly {signed(found.mean)} points in each of {found.seeds} seeds"
    mean, low, high = digits(found)
    return f"{mean} points, 95 % interval{of} {low} to {high}, {found.seeds} paired seeds"


def confounded(found: Effect) -> str:
    """What is said where effects are left out, as these settings cannot tell them; else nothing."""
    if not found.confounded:
        return ""
    return "Values that came only together with certain values of other settings have no number."


def interval_sentence(found: Effect) -> str:
    """What the intervals of effects are over."""
    settings, seeds = f"{found.settings} settings", f"{found.seeds} paired seeds"
    if found.seeds and found.settings:
        return f"Intervals are over {seeds} and over {settings}, together."
    if found.seeds:
        return f"Intervals are over {seeds}."
    if found.settings:
        return f"Intervals are over {settings} and hold for this one seed alone: add seeds."
    return f"{ONE_SEED.capitalize()}."


def confirmed_sentences(sweep: StoredSweep, found: Sequence[Confirmed]) -> list[str]:
    """What new seeds say of the chosen settings: how much the choice had flattered them."""
    told = []
    for each in found:
        name = name_of(sweep, each.setting)
        if not each.fresh:
            told.append(f"{name}: its {NEW_SEEDS} new seeds are still to come.")
            continue
        told.append(
            f"{name}: {each.chosen:.3f} at the seeds that chose it, {each.mean:.3f} at "
            f"{len(each.fresh)} new ones; the choice flattered it by {signed(each.curse)} points."
        )
    return told


def name_of(sweep: StoredSweep, setting: int) -> str:
    """A setting in words."""
    return setting_name(sweep.plan, sweep.settings[setting])
