"""The process that projects points by UMAP or t-SNE.

    python -m mtlviz.runs.projection_worker HOME

It lasts: UMAP is compiled when the process starts, and the compiled code is lost with it.
"""

import sys
from pathlib import Path
from typing import Any

from mtlviz.runs.helper import Tell, serve
from mtlviz.runs.projections import Projection, joined, projection_cache


def prepare(tell: Tell) -> None:
    """Compile UMAP on a few points, so that the first picture need not wait for it."""
    from mtlviz.engine.projection import warm_up

    tell(0.0, "Loading UMAP")
    warm_up(lambda: tell(0.02, "Compiling UMAP, once after each start of the app"))


def work(home: Path, request: dict[str, Any], tell: Tell) -> None:
    """Project the points of a request, and keep the result in the home folder."""
    from mtlviz.engine.projection import projected

    points = joined(home, request["points"])
    asked = Projection(**request["projection"])
    found = projected(points, asked.method, asked.seed, tell)
    projection_cache(home).put(request["key"], {"coordinates": found})


if __name__ == "__main__":
    home = Path(sys.argv[1])
    serve(lambda request, tell: work(home, request, tell), prepare)
