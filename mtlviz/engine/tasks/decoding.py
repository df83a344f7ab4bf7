"""The text that the bytes of a table stand for."""

import codecs

from mtlviz.errors import DataError, unknown_choice

ENCODINGS = {
    "UTF-8": "utf-8-sig",
    "Western (Windows)": "cp1252",
    "Western (Latin-1)": "latin-1",
    "UTF-16": "utf-16",
}
# The first bytes of files that are often sent with the wrong ending.
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "packed with gzip",
    b"%PDF": "a PDF",
    b"SQLite": "a database",
    b"ARROW1": "an Arrow file",
}
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HEAD = 200


def decoded(content: bytes, name: str, encoding: str = "") -> str:
    """The text of a file.

    Args:
        content: The file.
        name: Its name, for messages.
        encoding: A key of ENCODINGS, or another name of Python's; UTF-8 if empty. The marks of
            UTF-16 and UTF-32, with which no text in UTF-8 begins, count more than UTF-8.

    Raises:
        ConfigError: There is no such encoding.
        DataError: It is empty, no text, or in another encoding.
    """
    if not content.strip(b"\0 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise DataError(f"{name} is empty.")
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise DataError(f"{name} is {what}, not text: save it as CSV in UTF-8.")
    codec = _codec(encoding)
    try:
        return content.decode(_marked(content) if codec == "utf-8-sig" else codec)
    except UnicodeError as error:
        at = f" (byte {error.start + 1} does not fit)" if hasattr(error, "start") else ""
        raise DataError(
            f"{name} is not in the encoding {encoding or 'UTF-8'}{at}: save it as UTF-8, or choose "
            "the encoding it is in."
        ) from error


def _codec(encoding: str) -> str:
    chosen = ENCODINGS.get(encoding, encoding or "utf-8-sig")
    try:
        found = codecs.lookup(chosen)
        "".encode(chosen)  # Python also knows encodings that are not of text.
    except (LookupError, ValueError) as error:
        raise unknown_choice("encoding", encoding, ENCODINGS) from error
    return "utf-8-sig" if found.name == "utf-8" else chosen


def _marked(content: bytes) -> str:
    """UTF-8, or what the first bytes say instead."""
    for mark, codec in _MARKS.items():
        if content.startswith(mark):
            return codec
    head = content[:_HEAD]
    if 5 * head[1::2].count(0) > 2 * len(head):
        return "utf-16-le"
    return "utf-16-be" if 5 * head[::2].count(0) > 2 * len(head) else "utf-8-sig"
