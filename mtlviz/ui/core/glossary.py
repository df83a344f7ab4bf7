"""The app's words: what each means, one hover away where it is used, and all in one list."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import streamlit as st

GLOSSARY: Mapping[str, str] = {
    "95 % interval": "Where the true mean lies in 19 of 20 such experiments. If it leaves out "
    "zero, the sign is settled; if not, more seeds may settle it.",
    "adjusted Rand index": "How well two ways to group the same things agree: 1 exactly, 0 as well "
    "as random groups of these sizes would.",
    "affinity": "How much a step on one task's loss lowers another task's loss, measured while "
    "both train.",
    "alone": "The same task with the same data, seed and settings, and no other task. What "
    "transfer is measured against.",
    "baseline": "What a score is compared with: the same task trained alone, unless another is "
    "named.",
    "budget": "How many updates a task takes part in. Tasks are compared at equal budgets.",
    "capacity": "How much the shared module can hold: the number of directions, or the width of "
    "the encoder.",
    "combiner": "How several tasks' gradients become one update, such as their sum or PCGrad.",
    "conflict": "Two tasks' gradients at more than a right angle: a step for one, taken alone, "
    "raises the other's loss. A zero cosine is no conflict.",
    "cosine": "Of the angle between two gradients: 1 the same way, 0 at right angles, −1 opposite.",
    "covariance": "Along which directions a task's inputs spread, and how far.",
    "encoder": "What turns an input, such as a text, into numbers; the part of the model that "
    "tasks share.",
    "epoch": "One pass through the training examples.",
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
    "standard error": "How far a number would typically be off if it were measured again with as "
    "many examples or seeds.",
    "transfer": "The score together minus the score alone, in percentage points: above zero "
    "the task gains by training together, below it loses.",
    "width": "How many numbers the shared module passes on: r, the columns of its matrix. As wide "
    "as there are tasks (r ≥ k), it can hold a direction for each.",
    "weighting": "How much each task's loss counts.",
}  # fmt: skip
_FORMS = {
    "held-out": "held out", "seeds": "seed", "budgets": "budget", "baselines": "baseline",
    "combiners": "combiner", "schedulers": "scheduler", "conflicts": "conflict", "heads": "head",
    "cosines": "cosine", "covariances": "covariance", "encoders": "encoder", "epochs": "epoch",
    "negative transfer": "transfer", "95 % intervals": "95 % interval",
}  # fmt: skip
_SCRIPT = Path(__file__).with_name("glossary.html")


def meanings() -> dict[str, str]:
    """What each term and each of its forms means, in small letters: what the browser looks for."""
    known = {term.lower(): f"{term}: {meaning}" for term, meaning in GLOSSARY.items()}
    return known | {form: known[term.lower()] for form, term in _FORMS.items()}


def explain_words() -> None:
    """Let the browser explain every term of the glossary where the page uses it."""
    st.html(_script(), unsafe_allow_javascript=True)


@cache
def _script() -> str:
    found = json.dumps(meanings(), ensure_ascii=False)
    return _SCRIPT.read_text(encoding="utf-8").replace("MEANINGS", found)


def words_button(more: Callable[[], None]) -> None:
    """A button that opens the list of all terms; `more` draws the link to its page."""
    box = st.popover(
        "Words", help="What the words of this app mean.", key="frame.words", on_change="rerun"
    )
    if box.open:
        with box:
            more()
            words_list()


def words_list() -> None:
    """Every term with what it means, by the alphabet."""
    terms = sorted(GLOSSARY, key=str.lower)
    st.markdown("\n".join(f"- **{term}**: {GLOSSARY[term]}" for term in terms))
