"""A lesson as one HTML file: its words, and the pictures of every step at every stage."""

import json
from collections.abc import Mapping
from typing import Any

from mtlviz.errors import MtlvizError
from mtlviz.lessons.lesson import Lesson, Step
from mtlviz.ui.component.take_home import Shown, document, plain
from mtlviz.ui.core import guess, link, session
from mtlviz.ui.core.lesson_progress import check, deed_of, settings_of
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.pages import entry

_BOOT = """
import { Lesson, unfold } from "mv/lesson.js";
const { steps, components } = JSON.parse(document.getElementById("given").textContent);
const draw = {};
for (const name of components) draw[name] = (await import(`mv/${name}.js`)).default;
for (const step of steps) step.pieces = unfold(step.pieces);
new Lesson(steps, draw, document.getElementById("said"), document.getElementById("pictures"));
"""
_ALONE: Mapping[str, Any] = {"feed": None, "events": []}
_GONE = "\0gone"
"""Stands, as in lesson.js, for what the stage before had and this one has not."""
_FILES = Memo(16)


def lesson_file(lesson: Lesson, address: str = "") -> str:
    """The lesson as one file that opens without a server and without a network.

    Args:
        lesson: The lesson.
        address: The app's link to it; empty for none.

    Raises:
        ConfigError: If a step names a page or a setting that there is not.
    """
    check(lesson)
    if any(step.example for step in lesson.steps):  # Whether its runs can be opened may change.
        return _made(lesson, address)
    return _FILES.once((lesson.key_without(), address), (), lambda: _made(lesson, address))


def _made(lesson: Lesson, address: str) -> str:
    steps = [_step(lesson, step) for step in lesson.steps]
    names = {piece["component"] for step in steps for stage in step["pieces"].values()
             for piece in stage.values() if "component" in piece}  # fmt: skip
    given = {"steps": steps, "components": sorted(names)}
    return document(lesson.title, given, _BOOT, {*names, "lesson"}, address)


def _step(lesson: Lesson, step: Step) -> dict[str, Any]:
    words = ("title", "text", "question", "do", "reveal", "explanation")
    found: dict[str, Any] = dict(zip(words, plain([getattr(step, name) for name in words]),
                                     strict=True))  # fmt: skip
    return found | _pictures(lesson, step) | {
        "source": step.source,
        "options": [dict(zip(("text", "why"), plain([each.text, each.why]), strict=True))
                    for each in step.options],
        "right": next((k for k, each in enumerate(step.options) if each.right), None),
    }  # fmt: skip


def _pictures(lesson: Lesson, step: Step) -> dict[str, Any]:
    """The step's pictures by stage, each stage as what changes from the one before."""
    stages, before, said, missing = {}, {}, [], ""
    for stage in ("asked", "guessed", "done", "told"):
        try:
            shown = _shown(lesson, step, stage)
        except MtlvizError as error:
            return {"pieces": {}, "said": [], "missing": f"There is no picture here: {error}"}
        if shown is None:
            title = entry(step.page).title
            missing = f"The picture of this step is in the app, on the page **{title}**; this "
            return {"pieces": {}, "said": [], "missing": f"{missing}file does not have it."}
        now = {
            name: {"component": piece.component, "data": _ALONE | dict(piece.data)}
            for name, piece in shown.pieces.items()
        }
        stages[stage] = {name: _changes(before.get(name), piece) for name, piece in now.items()}
        before, said = now, plain(shown.sentences)
    return {"pieces": stages, "said": said, "missing": missing}


def _shown(lesson: Lesson, step: Step, stage: str) -> Shown | None:
    """What the step's page shows once the reader is as far as this."""
    page = entry(step.page)
    asked = bool(step.question)
    with session.apart():
        covers = (*lesson.covers, *step.covers) if stage == "asked" and asked else ()
        link.open_apart(page, (*lesson.hide, *step.hide, *covers))
        done = deed_of(step) if stage in ("done", "told") else {}
        opening = settings_of(step)
        for part in page.parts():
            part.apply(opening)
            if any(map(part.knows, done)):
                part.put(part.model.read(done, part.now)[0])
        seen: guess.Stage = "asked" if stage == "asked" else "seeing"
        guess.pretend("open" if stage == "told" or not asked else seen)
        return page.shown()


def _changes(before: Any, after: Any) -> Any:
    """What of one is another than before; whole where there was none."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return after
    return {name: _GONE for name in before if name not in after} | {
        name: _changes(before.get(name), value)
        for name, value in after.items()
        if name not in before or json.dumps(before[name]) != json.dumps(value)
    }
