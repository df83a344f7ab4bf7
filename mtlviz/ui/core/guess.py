"""Guess first: until a visitor commits to an answer, what gives it away stays covered.

A page asks with `ask` before it draws its panels; `Panel.reveals` says which of them wait. First
the question stands alone, then comes the picture with "what did you see?", then what is right and
why. `hide=answers` asks everybody, `hide=questions` nobody; whoever skips sees all at once.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import streamlit as st

from mtlviz.questions import Question
from mtlviz.ui.core import link, session

Stage = Literal["asked", "seeing", "told", "open"]
Reveals = Literal["", "picture", "answer", "outcome"]
_STAGE, _SKIP_ALL, _LED, _HELD = "guess:stage", "guess:skip_all", "guess:led", "guess:held"
_CLASS = "guess:class"
_COVERED: dict[str, tuple[Stage, ...]] = {
    "": (), "picture": ("asked",), "answer": ("asked", "seeing"), "outcome": ("asked", "seeing"),
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What a visitor answered: places of answers, or None where nothing was said yet.

    Attributes:
        guess: What was expected.
        saw: What was seen.
        skipped: Whether the question was passed over.
        right: What was right when it was told; later edits do not change it. -1 for none.
        wanted: Whether the visitor asked to be asked, also of a link's own settings.
    """

    guess: int | None = None
    saw: int | None = None
    skipped: bool = False
    right: int | None = None
    wanted: bool = False

    @property
    def is_over(self) -> bool:
        """Whether there is an answer, or the question was passed over."""
        return self.guess is not None or self.skipped


def given(name: str) -> Given:
    """What was answered to the question of this name."""
    found = session.remember(_key(name), Given())
    return found if isinstance(found, Given) else Given()


def commit(name: str, guess: int) -> None:
    """Answer a question: the picture is shown."""
    session.put(_key(name), Given(guess))


def observe(name: str, saw: int) -> None:
    """Say what was seen: the answer is told."""
    session.put(_key(name), replace(given(name), saw=saw))


def skip(name: str) -> None:
    """Show everything that this question covers."""
    session.put(_key(name), Given(skipped=True))


def skip_all(on: bool = True) -> None:
    """Ask no more, or again; a link with `hide=answers` asks all the same."""
    session.put(_SKIP_ALL, on)


def ask_again(name: str) -> None:
    """Cover everything, as if nothing had been answered, and ask."""
    session.put(_key(name), Given(wanted=True))
    skip_all(False)


def stage(name: str, begins: bool = True, sees: bool = True) -> Stage:
    """How far a visitor is with a question.

    Args:
        name: The question's name.
        begins: Whether the page opened on what the question is about, and not on a link's own
            settings of it.
        sees: Whether there is something to be seen, or to be waited for, before the answer.
    """
    found, always = given(name), link.is_hidden("answers")
    begins = begins or found.wanted
    skipped = not always and (not begins or bool(session.remember(_SKIP_ALL, False)))
    if found.skipped or link.is_hidden("questions"):
        return "open"
    if found.guess is None:
        return "open" if skipped else "asked"
    return "seeing" if sees and found.saw is None else "told"


def fitting(own: Question, otherwise: Question, changed: bool) -> Question:
    """What is asked of a preset and of what was made of it: the same wherever an address is opened.

    Args:
        own: The preset's question; it stays when its settings are changed, with a note.
        otherwise: One that fits any settings. Where answers are hidden nobody may be told of
            changed settings what holds of the preset alone.
        changed: Whether the settings are not the preset's own.
    """
    session.put(_CLASS, otherwise.text if changed and otherwise.text != own.text else "")
    return instead(own, otherwise) if changed and link.is_hidden("answers") else own


def asked_of_a_class() -> str:
    """What a link that hides the answers asks in place of what is asked here; empty if the same."""
    return str(session.remember(_CLASS, ""))


def instead(own: Question, otherwise: Question) -> Question:
    """What is asked where the preset's own question does not fit; who knows that knows this too."""
    found = replace(otherwise, name=f"{own.name}, {otherwise.name}")
    if not session.has(_key(found.name)) and given(own.name).is_over:
        # Whoever was told of the preset moves it freely.
        session.put(_key(found.name), Given(skipped=stage(own.name) != "seeing"))
    return found


def changed_from(title: str, changed: bool) -> str:
    """The note beside a preset's question that its settings were changed; empty if not."""
    return f"(Changed from “{title}”; Reset brings it back.)" if changed else ""


def enter(name: str, begins: bool = True, sees: bool = True) -> Stage:
    """Say which question the page asks, before anything is drawn; what it covers stays covered.

    The arguments are those of `stage`.
    """
    if session.remember(_LED, name) not in (name, ""):
        return session.remember(_STAGE, "open")  # type: ignore[return-value]
    found = "asked" if session.remember(_HELD, False) else stage(name, begins, sees)
    session.put(_STAGE, found)
    return found


def stands(name: str) -> bool:
    """Whether the page shows this question or what became of it, and no lesson asks another."""
    asks = session.remember(_STAGE, "open") != "open" or given(name).skipped
    return asks and session.remember(_LED, "") in (name, "")


def lead(name: str) -> None:
    """Have this question asked, and no other of the page: a lesson asks it."""
    session.put(_LED, name)


def pretend(stage: Stage) -> None:
    """Have the page drawn as at this stage, whatever it asks."""
    session.put(_LED, "nothing that a page asks")
    session.put(_STAGE, stage)


def leave() -> None:
    """No question is asked here: nothing is covered."""
    session.put(_LED, "")
    session.put(_STAGE, "open")
    session.put(_HELD, False)
    session.put(_CLASS, "")


def pass_by() -> None:
    """The view on screen asks nothing of its own: what a question before it covered is open.

    A lesson's or a class's question stays.
    """
    if session.remember(_LED, "") == "":
        session.put(_STAGE, "open")


@contextmanager
def aside() -> Iterator[None]:
    """A second question stands here: what the page's own one covers is the same after it."""
    before = session.remember(_STAGE, "open")
    try:
        yield
    finally:
        session.put(_STAGE, before)


def hold() -> None:
    """A class has yet to vote: everything stays covered here, and nobody answers alone."""
    session.put(_HELD, True)


def covers(what: Reveals) -> bool:
    """Whether what shows the picture, or gives the answer away, has to wait.

    What shows the outcome of real runs waits for the page's own question alone: a lesson, whose
    picture it may be, says itself what it covers.
    """
    if what == "outcome" and session.remember(_LED, "") != "":
        return False
    if session.remember(_HELD, False):
        return bool(what)
    return session.remember(_STAGE, "open") in _COVERED[what]


def ask(  # noqa: PLR0913 (what a page has to say of its question, by names)
    question: Question,
    again: Callable[[], None] | None = None,
    note: str = "",
    waits: str = "",
    reveal: str = "",
    key: str = "guess",
) -> None:
    """Draw the question that was entered, or what became of it.

    Args:
        question: The question.
        again: Opens the same question on other data; None where there is none.
        note: What else there is to say of it, such as that its settings were changed.
        waits: Why nobody can say yet what was seen, such as runs to come; empty where they can.
        reveal: What happened, told with the answer; Markdown.
        key: What its parts are called on the page, where two questions stand on one.
    """
    if session.remember(_LED, "") not in (question.name, ""):
        return
    if session.remember(_HELD, False):
        st.caption("What answers the class's question stays covered until its vote is closed.")
        return
    now = session.remember(_STAGE, "open")
    with st.container(key=key, gap="small"):
        if now == "asked":
            st.markdown(f"{question.text} :gray[{note}]" if note else question.text)
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                answer_buttons(question, f"{key}.guess", commit)
                _skips(question.name, key)
        elif now == "seeing":
            said = question.answers[given(question.name).guess or 0].text
            asked = waits or "Look at the picture. **What did you see?**"
            # In a lecture room the picture needs the room.
            brief, whole = f"{_small(asked_at_last(question))} ", f"{_small(question.text)}  \n"
            expected = f"{brief if link.lecture() else whole}You expect: *{said}*. {asked}"
            if waits:
                text, skips = st.columns([4, 1], vertical_alignment="center", gap="small")
                text.markdown(expected)
                with skips.container(horizontal=True, gap="small"):
                    _skips(question.name, key)
                return
            st.markdown(expected)
            with st.container(horizontal=True, gap="small"):
                answer_buttons(question, f"{key}.saw", observe)
        else:
            _told(question, again, note, (reveal, key))


def _small(text: str) -> str:
    """The question above what became of it: who comes late can answer it too."""
    return f":small[{' '.join(text.split())}]"


def asked_at_last(question: Question) -> str:
    """The question's last sentence: what is asked, without what is seen before the answer is."""
    last = re.split(r"(?<=[.?!]) |(?<=[.?!]\*\*) |\n+", question.text.strip())[-1]
    return f"**{last}" if last.count("**") % 2 else last  # All of a text may be bold.


def answer_buttons(question: Question, key: str, answered: Callable[[str, int], None]) -> None:
    """A button for each answer; `answered` is called with the question's name and its place."""
    for place, answer in enumerate(question.answers):
        args = (question.name, place)
        st.button(answer.text, key=f"{key}.{place}", on_click=answered, args=args)


def _skips(name: str, key: str) -> None:
    skip_button(f"{key}.skip", partial(skip, name))
    st.button(
        "Never ask", key=f"{key}.skip_all", type="tertiary", on_click=skip_all,
        help="Every picture is shown at once, until you ask to guess again.",
    )  # fmt: skip


def skip_button(key: str, then: Callable[[], None]) -> None:
    """The button of whoever wants to see it without a guess."""
    st.button(
        "Just show it", key=key, type="tertiary", on_click=then,
        help="Whoever guesses first, right or wrong, sees more of what follows.",
    )  # fmt: skip


def _told(
    question: Question, again: Callable[[], None] | None, note: str, shown: tuple[str, str]
) -> None:
    found, (reveal, key) = _judgeable(question), shown
    brief, asked = link.lecture(), asked_at_last(question)
    judgement = f"{_small(asked)} {judged(question, found)}"
    said = judgement if found.guess is not None else asked if brief else question.text
    said = f"{said} :gray[{note}]" if note else said
    if found.guess is None or (again is None and not reveal):
        text, actions = st.columns([4, 1], vertical_alignment="center", gap="small")
    else:
        text, actions = st.container(), st.container()
    text.markdown(said)
    with actions.container(
        horizontal=True, gap="small", vertical_alignment="center",
        key="told" if key == "guess" else f"{key}.told",
    ):  # fmt: skip
        if reveal and found.guess is not None:  # Beside the buttons: the picture needs the room.
            st.markdown(f"**{reveal}**", width="stretch")
        with st.popover("Why?", help="What happens here, and the reason."):
            if brief or found.guess is not None:
                st.markdown(question.text)
            st.markdown(question.mechanism)
        if again is not None and found.guess is not None:
            st.button("Same question, other data", key=f"{key}.again", on_click=again)
        st.button(
            "Guess" if found.guess is None else "Guess anew", key=f"{key}.anew", type="tertiary",
            on_click=ask_again, args=(question.name,),
            help="Covers the answers, and asks first.",
        )  # fmt: skip
    if reveal and found.guess is None:
        st.markdown(f"**{reveal}**")


def _judgeable(question: Question) -> Given:
    """What was given, with what is right of it: as it was first told, or as runs have it now."""
    found, right = given(question.name), -1 if question.right is None else question.right
    if question.of_runs or found.right is None:
        found = replace(found, right=right)
    if found.guess is not None and not question.of_runs and not question.undecided:
        session.put(_key(question.name), found)
    return found


def judged(question: Question, found: Given) -> str:
    """Right or wrong, what was expected and seen, and the reason for that answer."""
    guess, right, answers = found.guess or 0, found.right, question.answers
    told = [f"You expected: *{answers[guess].text}*"]
    told[0] += "." if found.saw is None else f" and saw: *{answers[found.saw].text}*."
    if question.undecided:
        return " ".join([*told, question.undecided, answers[guess].reason])
    told.insert(0, "**Right.**" if guess == right else "**Not so.**")
    if right is None or right < 0:
        told.append("With these settings none of the answers holds.")
    elif guess != right or found.saw not in (None, right):
        told.append(f"What happened: **{answers[right].text}**.")
    return " ".join([*told, answers[guess].reason])


def _key(name: str) -> str:
    return f"guess:given:{name}"
