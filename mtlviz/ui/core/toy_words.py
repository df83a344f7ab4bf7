"""Which way transfer went, in words, with its sign and its uncertainty."""

from mtlviz.engine.measures.transfer import sentence, signed
from mtlviz.toy.layout import Arm
from mtlviz.toy.summary import Summary
from mtlviz.ui.core.words import MARKS

_WORDS = {"helps": "helps", "hurts": "hurts", "undecided": "not told from zero"}


def partner_names(arm: Arm, target: int, tasks: int) -> str:
    """Who trains with the target: `task 2`, `all tasks`."""
    others = [task for task in arm if task != target]
    if len(arm) == tasks > 2:
        return "all tasks"
    return " and ".join(f"task {task + 1}" for task in others)


def panel_verdict(summary: Summary, arm: Arm) -> dict[str, str] | None:
    """What the film shows under a panel; None for an arm without a transfer (alone, diverged).

    The verdict is of all repetitions. Where the one in the picture went the other way, it says so.
    """
    found, shown = summary.transfers.get((arm, summary.target)), signed(summary.shown[arm])
    if found is None:
        return None
    words = _WORDS[found.verdict] + (" a little" if found.small else "")
    mean, sign = signed(found.mean), {"helps": "+", "hurts": "−"}.get(found.verdict, "")
    if not sign or shown[0] in (sign, "0"):
        return {"sign": found.verdict, "text": f"{words}: {mean} points"}
    # One line, however narrow the panel is: of a small mean only the words.
    said = words if found.small else f"{words}: {mean}"
    hint = f"Mean of {found.seeds} repetitions: {mean} points; of the one shown here: {shown}."
    return {"sign": found.verdict, "text": f"{said}, here {shown}", "hint": hint}


def verdicts(summary: Summary) -> list[str]:
    """One sentence for each way of training the task in question with others."""
    tasks, name = len(summary.film["tasks"]), f"task {summary.target + 1}"
    found = {arm: summary.transfers.get((arm, summary.target)) for arm in summary.arms}
    return [
        f"{MARKS[each.verdict]} " + sentence(each, name, partner_names(arm, summary.target, tasks))
        for arm, each in found.items()
        if each is not None
    ]
