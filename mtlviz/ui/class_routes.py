"""The addresses of a class: plain pages for phones, and a few small questions and answers.

A vote runs no script of the app: thirty who press at the same moment cost thirty small requests.
"""

import os
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from mtlviz.classroom.views import for_student, for_teacher, step_of
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import parse_json
from mtlviz.ui.core import class_mode
from mtlviz.ui.core.class_copy import SEAT, TEACHER, lessons, news, room
from mtlviz.ui.core.lesson_progress import of_teacher

_KEY_HEADER = "x-class-key"
_LONGEST_BODY = 4096
_PAGE = Path(__file__).with_name("class.html")
Given = dict[str, Any]


def routes() -> dict[str, Callable[[Request], Any]]:
    """The addresses of a class."""
    return {
        "/class": page, "/class/teach": page, "/class/screen": page,
        "/mtlviz/class/state": _answering(state), "/mtlviz/class/copy": _answering(copy),
        "/mtlviz/class/join": _answering(join), "/mtlviz/class/vote": _answering(vote),
        "/mtlviz/class/lead": _answering(lead), "/mtlviz/class/hands": _answering(hands),
    }  # fmt: skip


def page(request: Request) -> Response:
    """The one page of a class: for students, the screen, or the teacher."""
    join_at = os.environ[class_mode.CLASS]
    text = _PAGE.read_text(encoding="utf-8")
    text = text.replace("JOIN_AT", escape(join_at)).replace("QR_CODE", _qr(join_at))
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


@cache
def _qr(address: str) -> str:
    """The address as a picture that phones read."""
    import segno

    return segno.make(address).svg_inline(omitsize=True, border=2)


def _answering(work: Callable[[Request, Given], Response]) -> Callable[[Request], Any]:
    """An endpoint: reads a small JSON object, and refuses in a sentence.

    It answers at once, in less time than it takes to hand the question to another thread: thirty
    threads that wake each other kept a class waiting for half a second.
    """

    async def endpoint(request: Request) -> Response:
        try:
            given = await _body(request) if request.method == "POST" else {}
            return work(request, given)
        except MtlvizError as error:
            return JSONResponse({"problem": str(error)}, status_code=400)

    return endpoint


async def _body(request: Request) -> Given:
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > _LONGEST_BODY:
            raise ConfigError(f"A request has at most {_LONGEST_BODY} bytes.")
    given = parse_json(found, "The request")
    if not isinstance(given, dict):
        raise ConfigError("The request must be an object.")
    return given


def state(request: Request, given: Given) -> Response:
    """Where the class is, as far as this role may know."""
    teacher = request.headers.get(_KEY_HEADER)
    seat = request.cookies.get(SEAT, "")
    if teacher is not None:
        _check_teacher(request)
    elif not room().has(seat):
        return JSONResponse({"join": True})
    if request.query_params.get("since") == str(room().place.version):
        return Response(status_code=204)
    if teacher is None:
        found = for_student(room(), lessons(), seat)
    elif request.query_params.get("as") == "screen":
        found = for_student(room(), lessons()) | {"code": room().code}
    else:
        found = for_teacher(room(), lessons()) | {"problems": of_teacher()[1]}
    answer = JSONResponse(found, headers={"Cache-Control": "no-store"})
    if teacher is not None and teacher != request.cookies.get(TEACHER):
        # The app, opened in this browser, lets its teacher look.
        answer.set_cookie(TEACHER, teacher, httponly=True, samesite="strict")
    return answer


def copy(request: Request, given: Given) -> Response:
    """Where the class is, for the copies of the app."""
    found = news(request.query_params.get("since", ""))
    if found is None:
        return Response(status_code=204)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def join(request: Request, given: Given) -> Response:
    """A seat for whoever knows the code; one who has one keeps it."""
    if room().has(request.cookies.get(SEAT, "")):
        return JSONResponse({})
    answer = JSONResponse({})
    seat = room().join(str(given.get("code", "")))
    answer.set_cookie(SEAT, seat, max_age=86_400, httponly=True, samesite="strict")
    return answer


def vote(request: Request, given: Given) -> Response:
    """One vote of a seat in the round that is open."""
    choice, found = given.get("choice"), step_of(room().place, lessons())
    if found is None or not isinstance(choice, int) or isinstance(choice, bool):
        raise ConfigError("`choice` must be the number of an answer.")
    room().vote(request.cookies.get(SEAT, ""), choice, len(found[1].options))
    return JSONResponse({})


def lead(request: Request, given: Given) -> Response:
    """The teacher takes the class somewhere."""
    _check_teacher(request)
    name, step, phase = given.get("lesson"), given.get("step"), given.get("phase")
    lesson = lessons().get(str(name))
    if lesson is None:
        raise ConfigError(f"There is no lesson {str(name)[:60]!r}.")
    if not isinstance(step, int) or not 1 <= step <= len(lesson.steps):
        raise ConfigError(f"`step` must be from 1 to {len(lesson.steps)}.")
    room().lead(str(name), step, str(phase))
    return JSONResponse({})


def hands(request: Request, given: Given) -> Response:
    """The teacher types how many hands were raised for each answer."""
    _check_teacher(request)
    counts, found = given.get("counts"), step_of(room().place, lessons())
    options = len(found[1].options) if found else 0
    if (
        not isinstance(counts, list)
        or len(counts) != options
        or not all(isinstance(each, int) for each in counts)
    ):
        raise ConfigError(f"`counts` must be {options} whole numbers.")
    room().raise_hands(given.get("round", 0), counts)
    return JSONResponse({})


def _check_teacher(request: Request) -> None:
    if not room().is_teacher(request.headers.get(_KEY_HEADER, "")):
        raise ConfigError("Only the teacher's own link can do this.")
