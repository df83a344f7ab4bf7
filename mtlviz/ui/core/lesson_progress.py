"""Which lesson is taken, at which step, and what was done in it: in the session and in links."""

import time
from collections.abc import Mapping
from functools import partial

from mtlviz.errors import ConfigError, MtlvizError, unknown_choice
from mtlviz.lessons.catalogue import built_in, of_teachers
from mtlviz.lessons.lesson import MOST_STEPS, Lesson, Step, Value, together
from mtlviz.runs.examples import EXAMPLES, open_example
from mtlviz.settings import Settings, setting
from mtlviz.ui.core import class_mode, recorded, run_records, session
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.part import Part
from mtlviz.ui.pages import PAGES, entry

_UPLOADED, _DEEDS, _FINISHED = "lesson:uploaded", "lesson:deeds", "lesson:finished"
_LEADS, _ENTERED, _TOLD = "lesson:leads", "lesson:entered", "lesson:told"
_PROBLEM, _CLOSING = "lesson:problem", "lesson:closing"
_UPLOADS = "upload/"
"""Begins the names of lessons that a visitor sent."""
_MOST_UPLOADED = 5
LOOKED_AGAIN = 5.0
"""Seconds after which the teacher's folder is judged anew."""
_CHECKED = Memo(128)
_BOUNDS = {"at least ": 1, "at most ": -1}


class Progress(Settings):
    """A lesson by name, and the step that is taken; no lesson if the name is empty."""

    lesson: str = setting("", "Lesson", max_length=120)
    step: int = setting(1, "Step", low=1, high=MOST_STEPS, parameter="lesson_step")


def _known(asked: Progress) -> tuple[Progress, list[str]]:
    """No lesson, and a sentence, where there is none of this name or none of its steps."""
    if not asked.lesson:
        return asked, []
    found = lesson_named(asked.lesson)
    if found is None and asked.lesson.startswith(_UPLOADS):
        name = asked.lesson.removeprefix(_UPLOADS)[:60]
        return Progress(), [
            f"The lesson {name!r} was uploaded for an earlier visit, and loading a page anew "
            "begins another: upload it again on the page Lessons, below “A lesson of your own”."
        ]
    if found is None:
        known = ", ".join(lessons())
        return Progress(), [f"There is no lesson {asked.lesson[:60]!r}. Known: {known}."]
    if asked.step > len(found.steps):
        return asked.changed(step=1), [
            f"`lesson_step` must be at most {len(found.steps)}, got {asked.step}."
        ]
    return asked, []


PROGRESS = Part("lesson", Progress, settle=_known)


def lessons() -> dict[str, Lesson]:
    """All lessons that this visitor can take, by name."""
    return {**built_in(), **of_teacher()[0], **_uploaded()}


def of_teacher() -> tuple[dict[str, Lesson], list[str]]:
    """The lessons in the teacher's folder that can be taken here, and why the others cannot."""
    found, problems = of_teachers()
    moment, wrong = int(time.monotonic() / LOOKED_AGAIN), {}
    for name, lesson in found.items():
        version = (lesson.key_without(), moment)
        wrong[name] = _CHECKED.once(name, version, partial(_wrong, lesson))
    problems += [f"{name}: {said}" for name, said in wrong.items() if said]
    return {name: lesson for name, lesson in found.items() if not wrong[name]}, problems


def _wrong(lesson: Lesson) -> str:
    """What `check` says against a lesson; empty for nothing."""
    try:
        check(lesson)
    except MtlvizError as error:
        return str(error)
    return ""


def lesson_named(name: str) -> Lesson | None:
    """The lesson of this name; None where there is none. One of ours needs no look at files."""
    return built_in().get(name) or (lessons().get(name) if name else None)


def _uploaded() -> dict[str, Lesson]:
    return session.remember(_UPLOADED, {})  # type: ignore[return-value]


def upload(name: str, lesson: Lesson) -> str:
    """Keep a visitor's own lesson for this visit; the name under which it is found.

    Raises:
        ConfigError: If it names something that no page has, or there are too many already.
    """
    check(lesson)
    key = f"{_UPLOADS}{name[:60]}"
    if key not in _uploaded() and len(_uploaded()) >= _MOST_UPLOADED:
        raise ConfigError(f"At most {_MOST_UPLOADED} lessons of your own are kept in one visit.")
    _uploaded()[key] = lesson
    return key


def check(lesson: Lesson) -> None:
    """Check what only the app knows: pages, parameters and their values.

    Raises:
        ConfigError: A sentence on each thing that is wrong, with the number of its step.
    """
    wrong = [
        f"Step {number}: {problem}"
        for number, step in enumerate(lesson.steps, start=1)
        for problem in _wrong_in(step)
    ]
    if wrong:
        raise ConfigError(together(wrong))


def _wrong_in(step: Step) -> list[str]:
    known = [page.name for page in PAGES if page.name != "lessons"]
    if step.page not in known:
        return [f"there is no page {step.page!r}. Known: {', '.join(known)}."]
    found = []
    if step.example and step.example not in EXAMPLES:
        found.append(str(unknown_choice("example", step.example, EXAMPLES)))
    elif step.example and step.page not in recorded.SHOW_RUNS:
        pages = ", ".join(recorded.SHOW_RUNS)
        found.append(f"the page {step.page!r} shows no runs of an example. Those that do: {pages}.")
    for given in ({}, step.until, step.show):
        found += _problems(step.page, {**step.settings, **given})
    return list(dict.fromkeys(found))


def _problems(page: str, given: Mapping[str, Value]) -> list[str]:
    parts = entry(page).parts()
    values = {name: _value(text)[1] for name, text in texts(given).items()}
    unknown = [name for name in values if not any(part.knows(name) for part in parts)]
    if unknown:
        return [f"the page {page!r} has no parameter {name[:60]!r}." for name in unknown]
    with session.apart():  # What fits together is judged by the step's own settings.
        return [problem for part in parts for problem in part.apply(values)]


def texts(given: Mapping[str, Value]) -> dict[str, str]:
    """Parameters as a link has them."""
    return {
        name: str(int(value) if isinstance(value, bool) else value) for name, value in given.items()
    }


def current() -> tuple[Lesson, Step] | None:
    """The lesson that is taken and its step; None where none is."""
    now = PROGRESS.now
    found = lesson_named(now.lesson)
    return None if found is None else (found, found.steps[min(now.step, len(found.steps)) - 1])


def question_name() -> str:
    """What tells the question of this step from all others, also of a file that was changed."""
    found = current()
    mark = 0 if found is None else found[1].mark
    return f"lesson.{PROGRESS.now.lesson}.{PROGRESS.now.step}.{mark}"


def begin(name: str) -> None:
    """Take a lesson from its first step."""
    session.take(_CLOSING)
    PROGRESS.change(lesson=name, step=1)
    enter()


def go(step: int) -> None:
    """Go to a step of the lesson."""
    PROGRESS.change(step=step)
    enter()


def end() -> None:
    """Leave the lesson; the page stays as it is."""
    PROGRESS.put(Progress())


def finish() -> None:
    """Note that the lesson was taken to its end, and leave it for the list of lessons."""
    finished().add(PROGRESS.now.lesson)
    session.put(_CLOSING, PROGRESS.now.lesson)
    end()
    lead()


def just_finished() -> Lesson | None:
    """The lesson that was taken to its end and no other begun since; None where there is none."""
    return lesson_named(str(session.remember(_CLOSING, "")))


def finished() -> set[str]:
    """Names of the lessons that were taken to their end."""
    return session.remember(_FINISHED, set())  # type: ignore[return-value]


def enter() -> None:
    """Set the step's page as the step says, and lead there."""
    found = current()
    if found is None:
        return
    step = found[1]
    if is_offered(step):
        try:
            opening = settings_of(step)
        except MtlvizError as error:
            # Another picture than the step's would be asked about: there is no lesson then.
            end()
            session.put(_PROBLEM, str(error))
            return
        for part in entry(step.page).parts():
            part.apply(opening)
    session.put(_ENTERED, PROGRESS.now)
    lead()


def settings_of(step: Step) -> dict[str, str]:
    """Parameters of a link that opens a step's page as the step says.

    Raises:
        MtlvizError: If the step's example cannot be opened.
    """
    return {**_example_of(step), **texts(step.settings)}


def _example_of(step: Step) -> dict[str, str]:
    """Parameters that show a step's example on its page; its runs are opened."""
    if not step.example:
        return {}
    opened = open_example(run_records.store(), step.example)
    return recorded.places(opened).get(step.page, {})


def is_offered(step: Step) -> bool:
    """Whether a step can be taken here: what shows runs a class sees on the teacher's screen."""
    return entry(step.page) in class_mode.offered(PAGES) and not (
        class_mode.is_on() and _shows_runs(step)
    )


def _shows_runs(step: Step) -> bool:
    toys = {"cap_view": "capacity", "cap_measured": "toy"}  # The Capacity lab's other views.
    given = {**step.settings, **step.until, **step.show}
    return bool(step.example) or any(given.get(name, toy) != toy for name, toy in toys.items())


def problem() -> str:
    """Why a lesson has just ended before its end, told once; empty where none has."""
    return str(session.take(_PROBLEM) or "")


def entered() -> bool:
    """Whether this step was entered in this visit, and not just opened by a link."""
    return session.remember(_ENTERED, None) == PROGRESS.now


def keep_opened() -> None:
    """A link opened this step at settings of its own: they stay."""
    session.put(_ENTERED, PROGRESS.now)


def reopen() -> None:
    """An address led to this step again: its page is set as the step or the address says."""
    session.take(_ENTERED)


def lead() -> None:
    """Open the step's page with the next run of the script."""
    session.put(_LEADS, True)


def leads() -> bool:
    """Whether the step's page is to be opened now; told once."""
    return bool(session.take(_LEADS))


def done(step: Step) -> bool:
    """Whether what the step asks for was done, now or before."""
    deeds: set[str] = session.remember(_DEEDS, set())  # type: ignore[assignment]
    if all(_holds(step.page, name, text) for name, text in texts(step.until).items()):
        deeds.add(question_name())
    return question_name() in deeds


def _holds(page: str, name: str, text: str) -> bool:
    """Whether a parameter of a page has this value now, or lies beyond this bound."""
    part = next(part for part in entry(page).parts() if part.knows(name))
    bound, value = _value(text)
    wanted = part.model.read({name: value}, part.now)[0]
    if not bound:
        return bool(wanted == part.now)
    path = name.removeprefix(part.model.link_prefix)
    return bool(bound * (part.now.value_at(path) - wanted.value_at(path)) >= 0)


def _value(text: str) -> tuple[int, str]:
    """A bound's side (1 for at least, -1 for at most, 0 for neither) and the value."""
    for words, side in _BOUNDS.items():
        if text.startswith(words):
            return side, text.removeprefix(words)
    return 0, text


def asks_for(page: str) -> tuple[str, ...]:
    """Parameters that the step of a lesson wants changed on this page: they belong in sight."""
    found = current()
    return () if found is None or found[1].page != page else tuple(found[1].until)


def needs_room(page: str) -> bool:
    """Whether a step takes the room of this page's top: nothing there is part of what it asks."""
    found, top = current(), entry(page).top
    if found is None or found[1].page != page or top is None:
        return False
    presets = (part.preset_parameter for part in entry(page).parts() if part.presets)
    return not {*top, *presets} & set(found[1].until)


def deed_of(step: Step) -> dict[str, str]:
    """Parameters of a link that do what the step asks for."""
    return {name: _value(text)[1] for name, text in texts(step.deed).items()}


def show_me() -> None:
    """Do what the step asks for."""
    found = current()
    if found is None:
        return
    given = deed_of(found[1])
    for part in entry(found[1].page).parts():
        if any(map(part.knows, given)):
            part.put(part.model.read(given, part.now)[0])


def drawn(is_done: bool) -> None:
    """Remember what the reader was told of the deed."""
    session.put(_TOLD, is_done)


def acted() -> bool:
    """Whether the deed was done since the reader was last told of it."""
    found = current()
    return found is not None and not session.remember(_TOLD, True) and done(found[1])
