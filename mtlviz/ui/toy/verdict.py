"""Verdicts: which way transfer went, in words, with its sign and its uncertainty."""

from mtlviz.engine.measures.transfer import Transfer, sentence, signed
from mtlviz.toy.summary import Summary
from mtlviz.ui.toy.figures import partner_names

_WORDS = {"helps": "helps", "hurts": "hurts", "undecided": "cannot be told apart from zero"}


def panel_verdict(found: Transfer | None) -> dict[str, str] | None:
    """What the film shows under a panel; None for an arm without a transfer (alone, diverged)."""
    if found is None:
        return None
    return {
        "sign": found.verdict,
        "text": f"{_WORDS[found.verdict]}: {signed(found.mean)} points",
    }


def verdicts(summary: Summary) -> list[str]:
    """One sentence for each way of training the task in question with others."""
    tasks = len(summary.film["tasks"])
    name = f"task {summary.target + 1}"
    return [
        _MARKS[found.verdict] + sentence(found, name, partner_names(arm, summary.target, tasks))
        for arm in summary.arms
        if (found := summary.transfers.get((arm, summary.target))) is not None
    ]


# The hue repeats what the word says.
_MARKS = {"helps": ":blue[▲] ", "hurts": ":red[▼] ", "undecided": ":gray[●] "}
