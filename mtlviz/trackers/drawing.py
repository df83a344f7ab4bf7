"""A picture of cells as PNG, for tools that take no plotly."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.trackers.tracker import Picture

_SMALLEST, _LARGEST, _WIDE = 22, 96, 1200
_READABLE = 48
"""Width of a cell that has room for its number."""
_GAP, _ROOM, _SIZE, _LONGEST, _DARK = 2, 12, 14, 40, 110
_INK, _BLANK, _PAPER = "#222222", "#CDD1D6", "#FFFFFF"
# The font that Pillow brings has neither a minus sign nor marks; the number's sign says the same.
_PLAIN = str.maketrans("−", "-", "▲▼●")
Table = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Drawn:
    """A picture.

    Attributes:
        png: The file.
        width: In pixels.
        height: In pixels.
    """

    png: bytes
    width: int
    height: int


def cells_drawn(picture: Picture) -> Drawn | None:
    """A heatmap in plotly's form as PNG, what is not known in grey; None for other pictures."""
    traces = picture["data"]
    if [each["type"] for each in traces] != ["heatmap"]:
        return None
    (heat,) = traces
    places, axes = _numbers(heat["z"]), (picture["layout"]["yaxis"], picture["layout"]["xaxis"])
    rows, columns = (
        [html.unescape(str(name)) for name in heat.get(across, axis.get("ticktext", ()))]
        for across, axis in zip("yx", axes, strict=True)
    )
    if axes[0].get("autorange") != "reversed":
        places, rows, heat = places[::-1], rows[::-1], heat | {"text": heat["text"][::-1]}
    return _Cells(rows, columns, _colors(heat, places), heat["text"]).drawn()


def _numbers(values: Any) -> NDArray[np.float64]:
    """Numbers from plotly's packed form, or from lists with gaps."""
    if not isinstance(values, dict):
        return np.array(values, dtype=np.float64)
    shape = [int(length) for length in str(values["shape"]).split(",")]
    read = np.frombuffer(base64.b64decode(values["bdata"]), "<" + values["dtype"])
    return read.reshape(shape).astype(np.float64)


def _colors(heat: Picture, places: NDArray[np.float64]) -> Table:
    """Colour of every cell."""
    stops = np.array([place for place, _ in heat["colorscale"]])
    ends = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)]
                     for _, color in heat["colorscale"]])  # fmt: skip
    share = (places - heat["zmin"]) / (heat["zmax"] - heat["zmin"])
    mixed = np.stack([np.interp(share, stops, end) for end in ends.T], axis=-1)
    return [
        ["#{:02x}{:02x}{:02x}".format(*map(round, color)) if np.isfinite(known) else _BLANK
         for color, known in zip(row, found, strict=True)]
        for row, found in zip(mixed, places, strict=True)
    ]  # fmt: skip


class _Cells:
    """A table of coloured cells with a text in each, rows downwards."""

    def __init__(
        self, rows: Sequence[str], columns: Sequence[str], colors: Table, texts: Table
    ) -> None:
        from PIL import Image, ImageDraw, ImageFont

        self._font = ImageFont.load_default(_SIZE)
        self._left, top = (_ROOM + max(map(self._length, names)) for names in (rows, columns))
        self._wide = max(_SMALLEST, min(_LARGEST, _WIDE // len(columns)))
        self._high = max(_SMALLEST, self._wide // 2)
        self._upright = self._wide < top
        self._top = top if self._upright else 2 * _SIZE
        size = self._left + self._wide * len(columns), self._top + self._high * len(rows)
        self._image = Image.new("RGB", size, _PAPER)
        self._pen = ImageDraw.Draw(self._image)
        for place, name in enumerate(columns):
            self._head(place, _cut(name))
        for place, name in enumerate(rows):
            self._row(place, _cut(name), colors[place], texts[place])

    def drawn(self) -> Drawn:
        """The picture."""
        file = io.BytesIO()
        self._image.save(file, "png")
        return Drawn(file.getvalue(), *self._image.size)

    def _length(self, name: str) -> int:
        return int(self._font.getlength(_cut(name)))

    def _head(self, place: int, name: str) -> None:
        """The name over a column; of narrow ones it reads upwards."""
        from PIL import Image, ImageDraw

        x = self._left + place * self._wide + self._wide // 2
        if not self._upright:
            self._pen.text((x, self._top // 2), name, _INK, self._font, anchor="mm")
            return
        strip = Image.new("RGB", (self._top, _SIZE + 4), _PAPER)
        ImageDraw.Draw(strip).text((_ROOM // 2, 1), name, _INK, self._font)
        self._image.paste(strip.rotate(90, expand=True), (x - _SIZE // 2, 0))

    def _row(self, place: int, name: str, colors: Sequence[str], texts: Sequence[str]) -> None:
        y = self._top + place * self._high
        middle = y + self._high // 2
        self._pen.text((self._left - _ROOM // 2, middle), name, _INK, self._font, anchor="rm")
        for column, (color, text) in enumerate(zip(colors, texts, strict=True)):
            x = self._left + column * self._wide
            self._pen.rectangle((x, y, x + self._wide - _GAP, y + self._high - _GAP), color)
            if self._wide >= _READABLE:
                ink = _PAPER if _is_dark(color) else _INK
                said = "\n".join(line.strip() for line in text.translate(_PLAIN).split("<br>"))
                self._pen.text((x + self._wide // 2, middle), said, ink, self._font, anchor="mm")


def _is_dark(color: str) -> bool:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return 0.3 * red + 0.59 * green + 0.11 * blue < _DARK


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."
