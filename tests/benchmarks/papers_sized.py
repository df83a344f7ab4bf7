"""The experiments that scripts make, at three sizes, as `mtlviz replicate` calls them.

python -m tests.benchmarks.papers_sized six --size tiny --out LINES --found FILE
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from mtlviz.replication.experiment import Found
from mtlviz.replication.result_file import found_text
from tests.benchmarks import (
    papers,
    papers_alignment,
    papers_continual,
    papers_continual_features,
    papers_continual_tables,
    papers_features,
    papers_reweighting,
    papers_similarity,
    papers_six,
)
from tests.benchmarks.papers_alignment_tables import alignment_tables, alignment_values
from tests.benchmarks.papers_jobs import lines
from tests.benchmarks.papers_reweighting_tables import reweighting_tables, reweighting_values
from tests.benchmarks.papers_six_tables import six_tables, six_values

Sized = Callable[[str, Path], Found]


def six(size: str, out: Path) -> Found:
    """Capacities and the leak; smaller sizes take the averaging encoder alone."""
    parts = list(papers_six.PARTS) if size == "full" else ["mean"]
    if size == "tiny":
        few = replace(papers_six.PARTS["mean"], examples=30, epochs=1, seeds=2, widths=(5, 20))
        papers_six.PARTS["mean"] = few
    papers.main(["six", "--parts", *parts, "--out", str(out)])
    settings = {part: asdict(papers_six.PARTS[part]) for part in parts}
    return Found(six_values(lines(out)), six_tables(lines(out)), settings=settings)


def similarity(size: str, out: Path) -> Found:
    """Ten tasks by two encoders; it keeps no lines."""
    return papers_similarity.found({"full": papers_similarity.EXAMPLES, "quick": 100}.get(size, 12))


def _on_vectors(module, full: int, values: Callable, tables: Callable) -> Sized:
    """An experiment on fixed sentence vectors; smaller sizes take mean word vectors alone."""

    def run(size: str, out: Path) -> Found:
        given = ["--out", str(out), "--cache", str(out.parent / f"vectors-{size}")]
        if size == "tiny":
            papers_features.POOL = 120
            module.EXAMPLES = 60
            for name in ("FIRST", "SECOND", "EPOCHS"):
                if hasattr(module, name):
                    setattr(module, name, 1)
        seeds = 2 if size == "tiny" else full
        kinds = [] if size == "full" else ["--kinds", "words"]
        module.main(["--seeds", str(seeds), *kinds, *given])
        settings = {name.lower(): getattr(module, name) for name in _SETTINGS
                    if hasattr(module, name)}  # fmt: skip
        known = lines(out)
        return Found(values(known), tables(known), settings={"seeds": seeds, **settings})

    return run


def continual(size: str, out: Path) -> Found:
    """Eight methods in three scenarios; smaller sizes have fewer draws, or few sentences."""
    if size == "tiny":
        sizes, papers_continual.PASSES = papers_continual_features, 1
        sizes.POOL, sizes.EXAMPLES, sizes.HELD = 80, 60, 30
    pools = papers_continual_features.features(out.parent / f"vectors-{size}")
    seeds, count = (2, 2) if size == "tiny" else (5, {"full": 3, "quick": 2}[size])
    sets = [papers_continual_features.drawn(pools, draw) for draw in range(count)]
    draws = [papers_continual.measured(each, seeds) for each in sets]
    tried = {
        name: draws[0] | papers_continual.measured(sets[0], seeds, *changed)
        for name, changed in papers_continual_tables.READINGS.items()
    }
    settings = {
        "seeds": seeds, "draws": count, "examples": papers_continual_features.EXAMPLES,
        "pool": papers_continual_features.POOL, "held out": papers_continual_features.HELD,
        "width": papers_continual.WIDTH, "step size": papers_continual.RATE,
        "passes": papers_continual.PASSES, "batch": papers_continual.BATCH,
        **asdict(papers_continual.Reading()),
    }  # fmt: skip
    return Found(
        papers_continual_tables.values(draws), papers_continual_tables.tables(draws, tried),
        settings=settings,
    )  # fmt: skip


_SETTINGS = ("EXAMPLES", "INPUTS", "WIDTH", "BATCH", "RATE", "DROPOUT", "EPOCHS", "FIRST",
             "SECOND", "NOISE", "RARE")  # fmt: skip
SCRIPTS: dict[str, Sized] = {
    "continual": continual,
    "six": six,
    "similarity": similarity,
    "alignment": _on_vectors(papers_alignment, 10, alignment_values, alignment_tables),
    "reweighting": _on_vectors(papers_reweighting, 12, reweighting_values, reweighting_tables),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of them and write what it found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SCRIPTS)
    parser.add_argument("--size", choices=("full", "quick", "tiny"), default="full")
    parser.add_argument("--out", type=Path, required=True, help="lines of results")
    parser.add_argument("--found", type=Path, required=True, help="what was found, as JSON")
    flags = parser.parse_args(arguments)
    found = SCRIPTS[flags.name](flags.size, flags.out)
    flags.found.write_text(found_text(found), encoding="utf-8")


if __name__ == "__main__":
    main()
