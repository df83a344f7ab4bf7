"""Files that were sent do not heap up in the server's memory."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from mtlviz.runs.visitor_limits import LIMITS
from mtlviz.ui.server import UploadGuard


@pytest.fixture
def files():
    return MemoryUploadedFileManager("/_stcore/upload_file")


@pytest.fixture
def browser(files):
    """A browser of a server that keeps files as Streamlit's does."""

    async def put(request):
        name = request.path_params["file"]
        sent = UploadedFileRec(name, name, "text/csv", await request.body())
        files.add_file(request.path_params["session"], sent)
        return PlainTextResponse("", status_code=204)

    route = Route("/{base:path}/_stcore/upload_file/{session}/{file}", put, methods=["PUT"])
    return TestClient(Starlette(routes=[route], middleware=[Middleware(UploadGuard, files=files)]))


def test_the_newest_files_of_each_session_stay_and_the_others_memory_comes_back(
    files, browser, monkeypatch
):
    monkeypatch.setenv(LIMITS, '{"uploads": 3}')
    for number in range(10):
        for session in ("a", "b"):
            place = f"/class/room/_stcore/upload_file/{session}/{number}"
            assert browser.put(place, content=b"x" * 1000).status_code == 204
    for session in ("a", "b"):
        kept = files.get_files(session, [str(number) for number in range(10)])
        assert [file.name for file in kept] == ["7", "8", "9"]
    assert files._total_bytes == 6000
