"""What the Lessons page shows: the lessons, what a teacher needs for one, and how to add one."""

from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from mtlviz import access
from mtlviz.access import DATA_FOLDER
from mtlviz.errors import MtlvizError
from mtlviz.lessons.catalogue import FOLDER, source
from mtlviz.lessons.hand_out import hand_out, notes
from mtlviz.lessons.lesson import Lesson
from mtlviz.lessons.reading import LARGEST, lesson_of
from mtlviz.ui.core import class_copy, class_mode, lesson_progress, link, session
from mtlviz.ui.core.lesson_home import lesson_file
from mtlviz.ui.core.page import Panel, address
from mtlviz.ui.core.words import counted, escaped, listed, sentence
from mtlviz.ui.pages import entry

_COLUMNS = 3
_FILE, _PROBLEM, _NOTE = "lessons.file", "lessons.problem", "lessons.note"


def _list(_: Any) -> None:
    """Every lesson, in the order in which a class would take them."""
    if not class_mode.is_on():  # Its teacher is told on a page of his own.
        for problem in lesson_progress.of_teacher()[1]:
            st.warning(f"A lesson in the folder of lessons is left out. {sentence(problem)}")
    if done := lesson_progress.just_finished():
        st.success(f"You have finished “{escaped(done.title)}”. Take another lesson from the list.")
    found = [each for each in lesson_progress.lessons().items() if _can_be_taken(each[1])]
    for row in range(0, len(found), _COLUMNS):
        columns = st.columns(_COLUMNS)
        for column, (name, lesson) in zip(columns, found[row : row + _COLUMNS], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(name, lesson)


def _can_be_taken(lesson: Lesson) -> bool:
    """Whether every step of it is offered; a class sees others on the teacher's screen."""
    return all(lesson_progress.is_offered(step) for step in lesson.steps)


def _card(name: str, lesson: Lesson) -> None:
    now, is_done = lesson_progress.PROGRESS.now, name in lesson_progress.finished()
    st.markdown(f"{'✓ ' * is_done}**{escaped(lesson.title)}**")
    # What a lesson is to teach answers its questions: it is told at the end.
    pages = listed(list(dict.fromkeys(entry(step.page).title for step in lesson.steps)))
    about = escaped(lesson.goal) if is_done else f"{counted(len(lesson.steps), 'step')} in {pages}"
    st.caption(f"{about} · {lesson.minutes:.0f} min")
    with st.container(horizontal=True):
        if now.lesson == name:
            st.button("Go on", key=f"lessons.on.{name}", type="primary",
                      on_click=lesson_progress.go, args=(now.step,))  # fmt: skip
        st.button(
            "Begin", key=f"lessons.begin.{name}", on_click=lesson_progress.begin, args=(name,)
        )
        if lesson != class_copy.answers_to_come() and not link.is_hidden("answers"):
            _home(name, lesson)


def _home(name: str, lesson: Lesson) -> None:
    where = address(st.context.url or "", {"lesson": name})
    st.download_button(
        "Take it home", partial(lesson_file, lesson, where), f"{PurePath(name).name}.html",
        "text/html", key=f"lessons.home.{name}", type="tertiary", on_click="ignore",
        help="The whole lesson as one HTML file that opens without a server and without a "
        "network, with its pictures alive. It takes a few seconds to make.",
    )  # fmt: skip


def _teacher(_: Any) -> None:
    """Notes, answers and hand-outs of one lesson."""
    found = lesson_progress.lessons()
    chosen = st.selectbox(
        "Which lesson",
        list(found),
        key="lessons.notes_of",
        format_func=lambda name: found[name].title,
    )
    lesson, hidden = found[chosen], link.is_hidden("answers")
    offered = {False: "Hand-out to print", True: "The same with the answers"}
    with st.container(horizontal=True):
        for answers, label in list(offered.items())[: 1 if hidden else 2]:
            st.download_button(
                label, hand_out(lesson, answers=answers), mime="text/html",
                file_name=f"{PurePath(chosen).name}{'-answers' if answers else ''}.html",
                key=f"lessons.print.{answers}", on_click="ignore",
                help="A page that prints well; open it in a browser.",
            )  # fmt: skip
    st.markdown(
        "This link hides the answers, and the notes tell them." if hidden else notes(lesson)
    )


def _own(_: Any) -> None:
    """How to add a lesson, by upload or by folder."""
    hidden = link.is_hidden("answers")  # Our lessons hold them.
    st.markdown(
        "A lesson is one YAML or JSON file: a title, a goal, and steps with a page, settings as a "
        "link of that page names them, a question with a reason for each answer, and what to do. "
        f"{'' if hidden else 'Start from one of ours. '}{_folder()}; an upload is for this visit: "
        "a page that is loaded anew needs it again."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not hidden:
            st.download_button(
                "An example", source("negative_transfer"), file_name="lesson.yaml",
                mime="application/yaml", key="lessons.example", on_click="ignore",
            )  # fmt: skip
        st.file_uploader(
            f"Your own lesson: YAML or JSON, at most {LARGEST // 1024} KB",
            type=["yaml", "yml", "json"],
            key=_FILE,
            on_change=_take,
        )
    for kind, key in ((st.error, _PROBLEM), (st.success, _NOTE)):
        if text := session.take(key):
            kind(sentence(str(text)))


def _folder() -> str:
    """Where a file is put that everybody is to find: by the folder's name, not the server's."""
    place = f"`${DATA_FOLDER}/{FOLDER}`"
    if f"${DATA_FOLDER}" in access.current().folders:
        return f"Files in the folder {place} are listed for everybody"
    return (
        f"Files in the folder {place} are listed for everybody once {DATA_FOLDER} names a folder "
        "when the app is started (now it names none)"
    )


def _take() -> None:
    upload: Any = session.widget(_FILE)
    if upload is None:
        return
    try:
        lesson = lesson_of(upload.getvalue(), upload.name)
        lesson_progress.upload(PurePath(upload.name).stem, lesson)
    except MtlvizError as error:
        session.put(_PROBLEM, str(error))
    else:
        session.put(_NOTE, f"“{lesson.title}” is in the list above.")


PANELS = (
    Panel("lessons.list", "The lessons", _list, hideable=False),
    Panel("lessons.teacher", "Notes, answers and hand-outs", _teacher,
          folded="For teachers: notes, answers, hand-outs"),
    Panel("lessons.own", "A lesson of one's own", _own, folded="A lesson of your own"),
)  # fmt: skip
