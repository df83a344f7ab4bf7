"""A student's own copy of the app: it goes along with the class, or is played with alone.

What answers the question that the class is at stays covered in every copy until its vote is closed,
and no copy goes to a later step of its lesson. Only the teacher's browser may look.
"""

import os
import time
from functools import cache
from typing import Any

import streamlit as st

from mtlviz.access import home_place
from mtlviz.classroom.room import OPEN, Place, Room
from mtlviz.classroom.views import SEEN, step_of
from mtlviz.lessons.catalogue import built_in
from mtlviz.lessons.lesson import Lesson, Step
from mtlviz.ui.component.feed import Feed
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core import class_mode, guess, lesson_progress, session
from mtlviz.ui.core.lesson_progress import PROGRESS, Progress
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.words import escaped
from mtlviz.ui.launch import HOSTS

SEAT, TEACHER = "mtlviz_seat", "mtlviz_teacher"
"""The cookies that hold a student's seat, and the key of the teacher's browser."""
_OWN, _SET, _LOOKS = "class:own", "class:set", "class:looks"
_LESSONS = Memo(1)
_SAID = {
    "waiting": "the question comes soon",
    "first": "the vote is open, on the class's page",
    "between": "talk with your neighbour",
    "second": "the second vote is open, on the class's page",
    "closed": "the vote is closed",
    "told": "the answer is told",
}


@cache
def room() -> Room:
    """The room of this server's home."""
    return Room(home_place())


def lessons() -> dict[str, Lesson]:
    """What a class can take: the app's own lessons and those in the teacher's folder."""
    return _LESSONS.once("lessons", int(time.monotonic() / lesson_progress.LOOKED_AGAIN), _lessons)


def _lessons() -> dict[str, Lesson]:
    return {**built_in(), **lesson_progress.of_teacher()[0]}


def held() -> tuple[Lesson, Step] | None:
    """The step whose question the class has yet to answer; None outside a class."""
    if not class_mode.is_on() or _looks():
        return None
    place = room().place
    found = step_of(place, lessons())
    return found if found is not None and found[1].question and place.phase not in SEEN else None


def answers_to_come() -> Lesson | None:
    """The lesson that the class takes, until its last answer is told; None outside a class."""
    if not class_mode.is_on():
        return None
    place = room().place
    found = step_of(place, lessons())
    if found is None:
        return None
    lesson, step = found
    over = place.step == len(lesson.steps) and (place.phase == "told" or not step.question)
    return None if over else lesson


def holds(page: str) -> tuple[str, ...] | None:
    """What stays covered on a page until the class has voted; None where nothing has to."""
    found = held()
    if found is None or found[1].page != page:
        return None
    return (*found[0].covers, *found[1].covers)


def follows() -> bool:
    """Whether this copy goes along with the class."""
    return class_mode.is_on() and bool(_seat()) and not session.remember(_OWN, False)


def go_along() -> None:
    """Take this copy to where the class is, unless its student plays alone."""
    if not follows():
        _wait_for_the_class()
        return
    place = room().place
    if step_of(place, lessons()) is None:
        return
    there = Progress(lesson=place.lesson, step=place.step)
    if session.remember(_SET, None) not in (None, PROGRESS.now):
        session.put(_OWN, True)  # The student has taken another lesson or step.
        return
    if PROGRESS.now != there:
        PROGRESS.put(there)
        lesson_progress.enter()
    session.put(_SET, there)
    _take_vote(place)


def is_last() -> bool:
    """Whether this copy is as far in the lesson as the class is, and goes no further."""
    return _is_in_the_lesson() and PROGRESS.now.step >= room().place.step


def _is_in_the_lesson() -> bool:
    if not class_mode.is_on() or _looks():
        return False
    place = room().place
    return step_of(place, lessons()) is not None and PROGRESS.now.lesson == place.lesson


def _wait_for_the_class() -> None:
    """Take a copy that is ahead, as by a link, back to the step that the class is at."""
    if _is_in_the_lesson() and PROGRESS.now.step > room().place.step:
        lesson_progress.go(room().place.step)


def _take_vote(place: Place) -> None:
    """Once its vote is closed, what was voted last is what this copy's student expects."""
    name = lesson_progress.question_name()
    if place.phase not in SEEN or guess.given(name).is_over:
        return
    votes = [room().choice_of(_seat(), round_) for round_ in sorted(OPEN.values(), reverse=True)]
    if known := [vote for vote in votes if vote is not None]:
        guess.commit(name, known[0])


def draw() -> None:
    """Where the class is, and the choice to play alone or to come back."""
    if not class_mode.is_on():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="class"):
        place = Feed("mtlviz/class/copy?", _token(room().place))
        live_text(_said(room().place), key="class.place", feed=place.described("class"))
        if is_teacher():
            st.toggle(
                "Look at what is covered", key=_LOOKS, persist_state="session",
                help="For you alone: who sees this screen, as on a projector, sees it too.",
            )  # fmt: skip
        if not _seat():
            return
        if follows():
            st.button(
                "Play on your own copy", key="class.leave", on_click=_play_alone, args=(True,),
                help="Your copy stays where it is while the class goes on.",
            )  # fmt: skip
        else:
            st.button("Back to the class", key="class.back", type="primary",
                      on_click=_play_alone, args=(False,))  # fmt: skip


def _play_alone(on: bool) -> None:
    session.put(_OWN, on)
    session.take(_SET)


def news(since: str) -> dict[str, Any] | None:
    """Where the class is, for a copy that knows it as of `since`; None if it is there still."""
    place = room().place
    if _token(place) == since:
        return None
    return {"at": time.time(), "token": _token(place), "told": {"class": _said(place)}}


def _said(place: Place) -> dict[str, Any]:
    found = step_of(place, lessons())
    if found is None:
        line = "The class has not begun yet."
    else:
        step = f"step {place.step} of {len(found[0].steps)}: {escaped(found[1].title)}"
        line = f"**The class** is at {step} · {_SAID[place.phase]}."
    return {"lines": [line], "notes": [], "progress": None, "stage": _token(place)}


def _token(place: Place) -> str:
    return f"{place.lesson}-{place.step}-{place.phase}"


def owner() -> str:
    """Whom a computation counts for: a tab; in a class a seat or a device with all its tabs.

    Behind a name that was given, such as a proxy's, all who have no seat have one address: there,
    and where no address is known, it counts for the tab.
    """
    if not class_mode.is_on():
        return session.visitor()
    address = None if os.environ.get(HOSTS) else st.context.ip_address
    return _seat() or (f"without a seat at {address}" if address else session.visitor())


def is_teacher() -> bool:
    """Whether the teacher's page was opened in this browser."""
    return bool(_key()) and room().is_teacher(_key())


def _key() -> str:
    return st.context.cookies.get(TEACHER, "")


def _looks() -> bool:
    """Whether the teacher looks at what is covered."""
    return session.has_widget(_LOOKS) and bool(session.widget(_LOOKS)) and is_teacher()


def _seat() -> str:
    """The seat of whoever looks at this page; empty for none."""
    seat = st.context.cookies.get(SEAT, "")
    return seat if seat and room().has(seat) else ""
