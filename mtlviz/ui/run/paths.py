"""Texts of the server without its folders."""

import re

# Folders of the server are nobody's business: of a path the file's name stays.
_FOLDERS = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:\"']+)*[/\\](?=[^\s/\\:\"']+)")


def without_folders(text: str) -> str:
    """A text without the folders of the server: of every path only the file's name stays."""
    return _FOLDERS.sub("", text)
