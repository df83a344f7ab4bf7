"""Files that visitors send: only the newest of each stay in the server's memory.

Streamlit keeps every file until its session ends, whatever widget it was for, and takes any number
of them. A page copies what it needs of a file as soon as it is sent.
"""

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from mtlviz.runs.visitor_limits import current_limits

_PLACE = "/_stcore/upload_file/"


class UploadGuard:
    """After each file, forgets all but the newest of its session; see `Limits.uploads`.

    Args:
        app: What takes the files.
        files: Where they are kept; those of Streamlit's runtime if None.
    """

    def __init__(self, app: ASGIApp, files: MemoryUploadedFileManager | None = None) -> None:
        self._app, self._files = app, files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then forget."""
        await self._app(scope, receive, send)
        if scope["type"] == "http" and _PLACE in scope["path"]:
            session = scope["path"].partition(_PLACE)[2].partition("/")[0]
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
