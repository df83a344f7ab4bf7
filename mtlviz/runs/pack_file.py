"""A pack as a file: one text and named arrays, compressed; read within limits, and never a pickle.

It is the format of safetensors (a header that says where each array lies, then plain numbers)
under gzip. There are no file names in it, so nothing can be written anywhere.
"""

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import parse_json

ENDING = ".mtlpack"
LARGEST_PACKED, LARGEST = 2**25, 2**27
"""Bytes of a pack as a file, and unpacked."""
MOST_ARRAYS, _LONGEST_TEXT = 50_000, 2**24
# Plain numbers of training shrink by a fifth to a third; a bomb of zeros a thousandfold.
_RATIO, _FREE = 60, 2**20
_GZIP = zlib.MAX_WBITS | 16
"""What zlib calls the format of gzip, with its checksum."""
_TEXT = "pack"
_WHAT = "The pack"
_BEGINS = b"\x1f\x8b"
_EMPTY = "The file is empty; have it sent or copied again."
_OTHER = "This is no pack: it is not written as `mtlviz runs pack` writes them."
_DAMAGED = f"{_WHAT} is damaged: have it sent or copied again."


def packed(text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of a pack.

    Args:
        text: What is no array, as JSON can hold it.
        arrays: Arrays of plain numbers by name.
    """
    written = json.dumps(text, ensure_ascii=False, allow_nan=False).encode()
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return gzip.compress(save({**plain, _TEXT: np.frombuffer(written, np.uint8)}), 9, mtime=0)


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Text and arrays of a pack.

    Raises:
        DataError: If it is no pack, damaged, or larger than a pack may be.
    """
    try:
        arrays = load(_plain(content))
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise DataError(_OTHER) from error
    if len(arrays) > MOST_ARRAYS:
        raise DataError(f"{_WHAT} holds {len(arrays):,} arrays; at most {MOST_ARRAYS:,} are read.")
    written = arrays.pop(_TEXT, None)
    if written is None or written.dtype != np.uint8:
        raise DataError(f"{_WHAT} holds arrays but no runs of mtlviz.")
    return _described(written.tobytes()), arrays


def _described(written: bytes) -> dict[str, Any]:
    try:
        found = parse_json(written, _WHAT, _LONGEST_TEXT)
    except ConfigError as error:
        raise DataError(str(error)) from error
    if not isinstance(found, dict):
        raise DataError(f"{_WHAT} holds no runs of mtlviz.")
    return found


def _plain(content: bytes) -> bytes:
    """The content without compression; never more than a pack may have, nor out of proportion."""
    if len(content) > LARGEST_PACKED:
        raise DataError(f"{_WHAT} is larger than {LARGEST_PACKED // 2**20} MB.")
    if not content.startswith(_BEGINS):
        raise DataError(_OTHER if content else _EMPTY)
    most = min(LARGEST, _FREE + _RATIO * len(content))
    # One member, as `packed` writes it: a file of a million empty ones would keep a core busy.
    member = zlib.decompressobj(_GZIP)
    try:
        found = member.decompress(content, most + 1)
    except zlib.error as error:
        raise DataError(_DAMAGED) from error
    if len(found) > most:
        raise DataError(f"{_WHAT} unpacks to more than {most // 2**20} MB, too much for its size.")
    if not member.eof or member.unused_data:
        raise DataError(_DAMAGED)
    return found
