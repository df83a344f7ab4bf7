"""The experiments that scripts make, at three sizes, as `mtlviz replicate` calls them.

python -m tests.benchmarks.papers_sized six --size tiny --out FILE
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks import (
    papers,
    papers_alignment,
    papers_features,
    papers_reweighting,
    papers_similarity,
    papers_six,
)


def six(size: str, out: Path) -> None:
    """Capacities and the leak; smaller sizes take the averaging encoder alone."""
    parts = list(papers_six.PARTS) if size == "full" else ["mean"]
    if size == "tiny":
        few = replace(papers_six.PARTS["mean"], examples=30, epochs=1, seeds=2, widths=(5, 20))
        papers_six.PARTS["mean"] = few
    papers.main(["six", "--parts", *parts, "--out", str(out)])


def similarity(size: str, out: Path) -> None:
    """Ten tasks by two encoders; it keeps no lines."""
    papers_similarity.main([str({"full": 400, "quick": 100, "tiny": 12}[size])])


def _on_vectors(module, full: int) -> Callable[[str, Path], None]:
    """An experiment on fixed sentence vectors; smaller sizes take mean word vectors alone."""

    def run(size: str, out: Path) -> None:
        given = ["--out", str(out), "--cache", str(out.with_suffix(".vectors"))]
        if size == "tiny":
            papers_features.POOL = 120
            module.EXAMPLES = 60
            for name in ("FIRST", "SECOND", "EPOCHS"):
                if hasattr(module, name):
                    setattr(module, name, 1)
        seeds = {"full": full, "quick": 3, "tiny": 2}[size]
        kinds = [] if size == "full" else ["--kinds", "words"]
        module.main(["--seeds", str(seeds), *kinds, *given])

    return run


SCRIPTS: dict[str, Callable[[str, Path], None]] = {
    "six": six,
    "similarity": similarity,
    "alignment": _on_vectors(papers_alignment, 10),
    "reweighting": _on_vectors(papers_reweighting, 12),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of them and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SCRIPTS)
    parser.add_argument("--size", choices=("full", "quick", "tiny"), default="full")
    parser.add_argument("--out", type=Path, required=True, help="lines of results")
    flags = parser.parse_args(arguments)
    SCRIPTS[flags.name](flags.size, flags.out)


if __name__ == "__main__":
    main()
