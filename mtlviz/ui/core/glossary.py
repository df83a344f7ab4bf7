"""The app's words: what each means, one hover away where it is used, and all in one list."""

import re
from collections.abc import Mapping

import streamlit as st

GLOSSARY: Mapping[str, str] = {
    "95 % interval": "Where the true mean lies in 19 of 20 such experiments. If it leaves out "
    "zero, the sign is settled; if not, more seeds may settle it.",
    "affinity": "How much a step on one task's loss lowers another task's loss, measured while "
    "both train.",
    "alone": "The same task with the same data, seed and settings, and no other task. What "
    "transfer is measured against.",
    "budget": "How many updates a task takes part in. Tasks are compared at equal budgets.",
    "capacity": "How much the shared module can hold: the number of directions, or the width of "
    "the encoder.",
    "combiner": "How several tasks' gradients become one update, such as their sum or PCGrad.",
    "conflict": "Two tasks' gradients at more than a right angle: a step for one, taken alone, "
    "raises the other's loss. A zero cosine is no conflict.",
    "cosine": "Of the angle between two gradients: 1 the same way, 0 at right angles, −1 opposite.",
    "covariance": "Along which directions a task's inputs spread, and how far.",
    "Gram matrix": "All inner products of the tasks' gradients. Lengths, angles, every combiner's "
    "update and each task's predicted change follow from it.",
    "head": "What belongs to one task alone: it makes an answer of what the shared module says.",
    "held out": "Examples that were not trained on. Accuracy on them is what counts.",
    "paired": "Compared within one seed: same points and start, with and without the other task, "
    "so that luck cancels out.",
    "Pareto set": "All places at which no task can gain without another losing.",
    "principal direction": "The direction along which points spread most, then the next at right "
    "angles to it.",
    "scheduler": "Which tasks take part in which update: all at once, in turn, or by size.",
    "seed": "The number that decides every random draw: points, start, order. Another seed is "
    "another repetition of the experiment.",
    "shared direction": "One line through the inputs that all tasks have to look along; each head "
    "stretches it or turns its sign.",
    "sharing": "Which weights the tasks have in common, and which are their own.",
    "similarity": "How alike two tasks' covariances are (equation 5 of Wu, Zhang and Ré).",
    "transfer": "The score together minus the score alone, in percentage points: above zero "
    "the task gains by training together, below it loses.",
    "weighting": "How much each task's loss counts.",
}  # fmt: skip
_FORMS = {"held-out": "held out", "seeds": "seed"}


def explained(text: str) -> str:
    """Our own words as Markdown with HTML, each term at its first use with its meaning to hover.

    Names that people or files gave do not belong here: only `st.markdown` with HTML shows it.
    """
    used: set[str] = set()

    def marked(found: re.Match[str]) -> str:
        term = _term(found[0])
        if term in used:
            return found[0]
        used.add(term)
        return f'<abbr title="{GLOSSARY[term]}">{found[0]}</abbr>'

    return _TERMS.sub(marked, text)


def explain(text: str, *, caption: bool = False) -> None:
    """Draw our own words, each term with its meaning one hover away."""
    draw = st.caption if caption else st.markdown
    draw(explained(text), unsafe_allow_html=True)


def words_button() -> None:
    """A button that opens the list of all terms."""
    box = st.popover(
        "Words", help="What the words of this app mean.", key="frame.words", on_change="rerun"
    )
    if box.open:
        box.markdown("\n".join(f"- **{term}**: {meaning}" for term, meaning in GLOSSARY.items()))


def _term(text: str) -> str:
    lower = text.lower()
    form = _FORMS.get(lower, lower)
    return next(term for term in GLOSSARY if term.lower() == form)


_TERMS = re.compile(
    r"\b(" + "|".join(map(re.escape, sorted([*GLOSSARY, *_FORMS], key=len, reverse=True))) + r")\b",
    re.IGNORECASE,
)
