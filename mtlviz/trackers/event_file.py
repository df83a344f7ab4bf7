"""TensorBoard's file of events, written without its library.

Reference:
    TFRecord framing: https://www.tensorflow.org/tutorials/load_data/tfrecord; event.proto and
    summary.proto of TensorBoard 2.21. Checksums: CRC-32C (Castagnoli), masked.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

_VERSION = b"brain.Event:2"
_MASK_ADDED = 0xA282EAD8
_POLYNOMIAL = 0x82F63B78
_STRING = 7  # DT_STRING of types.proto.
_RGB = 3


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        rows.append(byte)
    return tuple(rows)


_TABLE = _table()


def checksum(data: bytes) -> int:
    """CRC-32C of some bytes: 0xE3069283 of b"123456789"."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """A checksum as the file keeps it: turned by 15 bits, with a number added."""
    return ((crc >> 15 | crc << 17) + _MASK_ADDED) & 0xFFFFFFFF


class EventFile:
    """A file of events that TensorBoard reads while it grows.

    Args:
        path: The file, which must not exist; its name begins with `events.out.tfevents.`.
        began: Seconds since 1970.
    """

    def __init__(self, path: Path, began: float) -> None:
        self._file = path.open("xb")
        self._write(_double(1, began) + _bytes(3, _VERSION))

    def scalars(self, values: Mapping[str, float], step: int, moment: float) -> None:
        """Write numbers of one step.

        Args:
            values: Numbers by tag; the part before "/" groups them.
            step: The step.
            moment: Seconds since 1970.
        """
        found = (_bytes(1, _text(1, tag) + _float(2, value)) for tag, value in values.items())
        self._event(b"".join(found), step, moment)

    def text(self, tag: str, text: str, moment: float) -> None:
        """Write a text, which TensorBoard reads as Markdown."""
        plugin = _bytes(9, _bytes(1, _text(1, "text")))
        tensor = _bytes(8, _whole(1, _STRING) + _bytes(2, b"") + _text(8, text))
        self._event(_bytes(1, _text(1, tag) + plugin + tensor), 0, moment)

    def image(self, tag: str, png: bytes, size: tuple[int, int], step: int, moment: float) -> None:
        """Write a picture.

        Args:
            tag: Its tag; the part before "/" groups it.
            png: The file.
            size: Width and height in pixels.
            step: The step it belongs to.
            moment: Seconds since 1970.
        """
        width, height = size
        image = _whole(1, height) + _whole(2, width) + _whole(3, _RGB) + _bytes(4, png)
        self._event(_bytes(1, _text(1, tag) + _bytes(4, image)), step, moment)

    def flush(self) -> None:
        """Hand on what has been written."""
        self._file.flush()

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _event(self, summary: bytes, step: int, moment: float) -> None:
        self._write(_double(1, moment) + _whole(2, step) + _bytes(5, summary))

    def _write(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        for part in (length, event):
            self._file.write(part + struct.pack("<I", masked(checksum(part))))


# Fields of protocol buffers: a key (number and kind of the field), then the value.
def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)
