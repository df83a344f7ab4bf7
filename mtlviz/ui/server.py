"""What the web server does beside running the script: it hands out the installed plotly.js."""

import gc
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import plotly
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MAIN_SCRIPT = Path(__file__).resolve().with_name("main.py")

# Below the address of the app, whatever that is: the component finds it relative to itself.
LIBRARY_ROUTE = "/mtlviz/plotly.min.js"
_LIBRARY = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
# The address carries plotly's version, so a browser may keep the file for ever.
_CACHE_HEADER = "public, max-age=31536000, immutable"


def routes() -> list[Route]:
    """The app's own addresses, at the root and below any `server.baseUrlPath`."""
    return [
        Route(LIBRARY_ROUTE, library),
        Route("/{base:path}" + LIBRARY_ROUTE, library),
    ]


def library(request: Request) -> Response:
    """The plotly.js that the installed plotly package ships, compressed where the browser can."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": _CACHE_HEADER, "Vary": "Accept-Encoding"}
    # Named even when plain, so that no middleware compresses 4.8 MB again for every visitor.
    headers["Content-Encoding"] = "gzip" if packed else "identity"
    body = _packed_library() if packed else _LIBRARY.read_bytes()
    return Response(body, media_type="text/javascript", headers=headers)


@cache
def _packed_library() -> bytes:
    """plotly.js, compressed once for all visitors (4.8 MB become 1.4 MB)."""
    return gzip.compress(_LIBRARY.read_bytes(), compresslevel=6, mtime=0)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Before the first visitor: import what pages need and take it out of garbage collection.

    Streamlit collects garbage after every rerun; scanning the libraries each time made a class
    of thirty wait for seconds.
    """
    from mtlviz.ui.component.chart import declared as chart
    from mtlviz.ui.component.film import declared as film

    chart(), film()
    gc.collect()
    gc.freeze()
    yield
