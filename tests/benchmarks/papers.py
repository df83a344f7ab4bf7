"""Two experiments of the papers, short enough for two CPU cores, as Markdown tables.

    python -m tests.benchmarks.papers cs224n [--worker 0/2] [--seeds 3] [--out FILE] [--table]
    python -m tests.benchmarks.papers six

`cs224n`: sentiment, paraphrase and similarity on a small pretrained encoder, trained by summed
losses, by PCGrad and in round robin, and each task alone (Iyer, CS224N report, table 5).
`six`: six sentence sets, shared encoders of four capacities, alone and together, with and without
training examples that also stand in an evaluation split (Wu, Zhang and Ré, ICLR 2020, figure 6).

Data come from the folder that MTLVIZ_DATA names. Every finished run is one line of the file of
results; what stands there already is not run again, and several workers may share one file. Give
another --out after changing a setting.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.papers_course import course_jobs, course_tables, packaged_checkpoint
from tests.benchmarks.papers_jobs import lines, run_missing
from tests.benchmarks.papers_six import PARTS, six_jobs
from tests.benchmarks.papers_six_tables import six_tables


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", choices=("cs224n", "six"))
    parser.add_argument("--worker", default="0/1", help="this worker's number / number of workers")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of cs224n")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, help="JSON lines; papers-EXPERIMENT.jsonl if empty")
    parser.add_argument("--table", action="store_true", help="print tables, run nothing")
    flags = parser.parse_args(arguments)
    out = flags.out or Path(f"papers-{flags.experiment}.jsonl")
    if not flags.table:
        from mtlviz.engine.device import use_threads

        number, workers = map(int, flags.worker.split("/"))
        use_threads(1)
        jobs = (
            course_jobs(flags.seeds, packaged_checkpoint())
            if flags.experiment == "cs224n"
            else six_jobs(flags.parts)
        )
        run_missing(list(jobs), out, (number, workers))
    tables = course_tables if flags.experiment == "cs224n" else six_tables
    print(tables(lines(out)))


if __name__ == "__main__":
    main()
