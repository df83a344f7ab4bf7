"""The verdict on a panel: which way transfer went, in words and with its sign."""

from mtlviz.engine.measures.transfer import Transfer, signed

_WORDS = {"helps": "helps", "hurts": "hurts", "undecided": "cannot be told apart from zero"}


def panel_verdict(found: Transfer | None) -> dict[str, str] | None:
    """What the film shows under a panel; None for an arm without a transfer (alone, diverged)."""
    if found is None:
        return None
    return {
        "sign": found.verdict,
        "text": f"{_WORDS[found.verdict]}: {signed(found.mean)} points",
    }
