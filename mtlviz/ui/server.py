"""What the web server does beside running the script: guards, plotly.js, and news of live runs."""

import gc
import gzip
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from mtlviz import access
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import whole_number
from mtlviz.runs.visitor_limits import current_limits
from mtlviz.ui.core import class_mode
from mtlviz.ui.hosts import HostGuard
from mtlviz.ui.pages import PAGES

MAIN_SCRIPT = Path(__file__).resolve().parent / "core" / "main.py"

# Below the address of the app, whatever that is: the component finds it relative to itself.
LIBRARY_ROUTE = "/mtlviz/plotly.min.js"
LIVE_ROUTE = "/mtlviz/live/{run}"
RUNS_ROUTE = "/mtlviz/live/runs"
UPDATE_ROUTE = "/mtlviz/update/{run}"
_LIBRARY = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
# The address without the page's own name.
_WHERE = "<script>window.__streamlit={BACKEND_BASE_URL:new URL('./',location.href).href}</script>"
# The address carries plotly's version, so a browser may keep the file for ever.
_CACHE_HEADER = "public, max-age=31536000, immutable"
_POSTED = ("join", "vote", "lead", "hands")
_NO_UPLOADS = "This app was started for a class: it takes no files."
_UPLOADS = "/_stcore/upload_file/"


class UploadGuard:
    """After each file, forgets all but the newest of its session; see `Limits.uploads`.

    Streamlit keeps every file until its session ends, whatever widget it was for, and takes any
    number of them. A page copies what it needs of a file as soon as it is sent.

    Args:
        app: What takes the files.
        files: Where they are kept; those of Streamlit's runtime if None.
    """

    def __init__(self, app: ASGIApp, files: MemoryUploadedFileManager | None = None) -> None:
        self._app, self._files = app, files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then forget; a class sends no files."""
        uploads = scope["type"] == "http" and _UPLOADS in scope["path"]
        if uploads and class_mode.is_on():
            await PlainTextResponse(_NO_UPLOADS, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
        if uploads:
            session = scope["path"].partition(_UPLOADS)[2].partition("/")[0]
            files = self._files or _files_of_the_runtime()
            if files is not None:
                _forget_older(files, session, current_limits().uploads)


def _files_of_the_runtime() -> MemoryUploadedFileManager | None:
    found = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    return found if isinstance(found, MemoryUploadedFileManager) else None


def _forget_older(files: MemoryUploadedFileManager, session: str, kept: int) -> None:
    # A dictionary has its keys in the order in which they came.
    for file in list(files.file_storage.get(session, ()))[:-kept]:
        files.remove_file(session, file)


def middleware() -> list[Middleware]:
    """What every request passes first: it must be meant for this app, and heap up no files."""
    return [Middleware(HostGuard), Middleware(UploadGuard)]


def routes() -> list[Route]:
    """The app's own addresses, at the root and below any `server.baseUrlPath`."""
    own: dict[str, Any] = {LIBRARY_ROUTE: library}
    if class_mode.is_on():
        from mtlviz.ui import class_routes

        own |= class_routes.routes()
    else:
        own |= {RUNS_ROUTE: runs, LIVE_ROUTE: live, UPDATE_ROUTE: update}
    own |= {f"/{entry.path}": page for entry in PAGES[1:]}
    own[f"/{PAGES[0].path}"] = first_page
    return [
        Route(base + path, what, methods=["POST" if path.endswith(_POSTED) else "GET"])
        for path, what in own.items()
        for base in ("", "/{base:path}")
    ]


def page(request: Request) -> Response:
    """Streamlit's one HTML file, which is told where the app is.

    It would otherwise look for the app below the page first, and leave two 404s in the console.
    """
    return HTMLResponse(_html(), headers={"Cache-Control": "no-cache"})


def first_page(request: Request) -> Response:
    """The first page stands at the app's own address, where Streamlit knows it."""
    query = request.url.query
    return RedirectResponse(f"./{'?' if query else ''}{query}")


@cache
def _html() -> str:
    file = Path(streamlit.__file__).with_name("static") / "index.html"
    return file.read_text(encoding="utf-8").replace("<head>", f"<head>{_WHERE}", 1)


def library(request: Request) -> Response:
    """The plotly.js that the installed plotly package ships, compressed where the browser can."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": _CACHE_HEADER, "Vary": "Accept-Encoding"}
    # Named even when plain, so that no middleware compresses 4.8 MB again for every visitor.
    headers["Content-Encoding"] = "gzip" if packed else "identity"
    body = _packed_library() if packed else _LIBRARY.read_bytes()
    return Response(body, media_type="text/javascript", headers=headers)


def live(request: Request) -> Response:
    """The curves of a run that goes on, for a browser that has them up to `since`."""
    from mtlviz.ui.core.live import (
        news_of_run,  # With the store and numpy: not before the first picture.
    )

    asked = request.query_params
    across, span = asked.get("across", "update"), asked.get("span", "0")
    try:
        run = whole_number(request.path_params["run"], "The number of a run", 1)
        return _answer(news_of_run(run, across, span, asked.get("since", "")))
    except MtlvizError as error:
        return _refused(error)


def runs(request: Request) -> Response:
    """Where all runs stand, for a browser that knows it as of `since`."""
    from mtlviz.ui.core.live import news_of_runs

    try:
        asked = request.query_params
        return _answer(news_of_runs(asked.get("since", ""), asked.get("covered") == "1"))
    except MtlvizError as error:
        return _refused(error)


def update(request: Request) -> Response:
    """What belongs to one update of a run, for a browser whose step cursor moved there."""
    from mtlviz.ui.pages.run.update_parts import answer

    try:
        return _answer(answer(request.path_params["run"], request.query_params))
    except MtlvizError as error:
        return _refused(error)


def _refused(error: MtlvizError) -> Response:
    """The sentence of an error; only "not found" tells a browser that a run was deleted."""
    from mtlviz.runs.failures import NoRun, StoreError

    kinds = ((NoRun, 404), (StoreError, 503), (ConfigError, 400))
    status = next((code for kind, code in kinds if isinstance(error, kind)), 500)
    return PlainTextResponse(str(error), status_code=status)


def _answer(found: bytes | None) -> Response:
    """Gzipped JSON, or nothing."""
    if found is None:
        return Response(status_code=204)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store"}
    return Response(found, media_type="application/json", headers=headers)


@cache
def _packed_library() -> bytes:
    """plotly.js, compressed once for all visitors (4.8 MB become 1.4 MB)."""
    return gzip.compress(_LIBRARY.read_bytes(), compresslevel=6, mtime=0)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Before the first visitor: restrict what is read, and import what pages need.

    What is imported leaves garbage collection: Streamlit collects after every rerun, and scanning
    the libraries each time made a class of thirty wait for seconds.
    """
    from mtlviz.ui.component.browser import component

    access.choose(access.visitors_access(os.environ.get(access.ALLOWED, "")))
    component("chart"), component("film")
    if class_mode.is_on():
        from mtlviz.ui.class_start import warm_up

        warm_up()
    gc.collect()
    gc.freeze()
    yield
