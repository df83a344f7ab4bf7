"""The regression in many dimensions: change of error over the number of source examples."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.curves import Curve, band, line
from mtlviz.figures.marks import rule
from mtlviz.figures.theme import layout


def error_changes(samples: NDArray[np.int64], lines: Sequence[Curve], *, revision: str) -> dict:
    """Relative change of the target's error through each source, over the source's size.

    Read it by the side of zero: below, the source helps the target; above, it hurts. The scale of
    sample sizes is logarithmic. Bands are 95 % intervals of the median over repetitions.

    Args:
        samples: Source sizes, shape (M,).
        lines: One curve for each source; `mean` holds medians.
        revision: Zoom is kept while this stays the same.
    """
    figure_layout = layout(
        "source examples", "change of the target's error", revision=revision, percent=True
    )
    figure_layout["xaxis"] |= {
        "type": "log",
        "tickvals": samples.tolist(),
        "ticktext": [f"{size:,}".replace(",", "\u2009") for size in samples.tolist()],
    }
    figure_layout["shapes"] = [rule("level", 0)]
    bands = [band(samples, each) for each in lines]
    return {"data": bands + [line(samples, each) for each in lines], "layout": figure_layout}
