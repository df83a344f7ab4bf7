"""Three experiments of the papers, short enough for two CPU cores, as Markdown tables.

    python -m tests.benchmarks.papers cs224n [--worker 0/2] [--seeds 3] [--out FILE] [--table]
    python -m tests.benchmarks.papers six
    python -m tests.benchmarks.papers phases --workers 2 [--quick] [--estimate]
    python -m tests.benchmarks.papers sharing [--arms hard lora] [--json FILE]

`cs224n`: sentiment, paraphrase and similarity on a small pretrained encoder, trained by summed
losses, by PCGrad and in round robin, and each task alone (Iyer, CS224N report, table 5).
`six`: six sentence sets, shared encoders of four capacities, alone and together, with and without
training examples that also stand in an evaluation split (Wu, Zhang and Ré, ICLR 2020, figure 6).
`phases`: sentiment, inference and questions in pairs: one task in two halves around the other, both
together, and each alone (Sharma, CS224N report).

Data come from the folder that MTLVIZ_DATA names. Every finished run is one line of the file of
results; what stands there already is not run again, and several workers may share one file. Give
another --out after changing a setting.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.papers_course import course_jobs, course_tables, packaged_checkpoint
from tests.benchmarks.papers_jobs import Job, lines, run_in_turn, run_missing
from tests.benchmarks.papers_phases import estimated_seconds, phases_jobs, phases_tables
from tests.benchmarks.papers_sharing import ARMS, NOTES, sharing_jobs
from tests.benchmarks.papers_sharing_tables import sharing_tables, write_result
from tests.benchmarks.papers_six import PARTS, six_jobs
from tests.benchmarks.papers_six_tables import six_tables
from tests.benchmarks.papers_tables import as_text


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiment", choices=("cs224n", "six", "phases", "sharing"))
    parser.add_argument("--worker", help="this worker's number / number of workers")
    parser.add_argument("--workers", type=int, default=1, help="begin so many, a core each")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of cs224n and phases")
    parser.add_argument("--json", type=Path, help="sharing: the tables as a data file")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--quick", action="store_true", help="phases in ten minutes of two cores")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, help="JSON lines; papers-EXPERIMENT.jsonl if empty")
    parser.add_argument("--table", action="store_true", help="print tables, run nothing")
    parser.add_argument("--estimate", action="store_true", help="how long phases would take")
    flags = parser.parse_args(arguments)
    out = flags.out or Path(f"papers-{flags.experiment}.jsonl")
    if flags.estimate:
        print(f"{estimated_seconds(_jobs(flags)) / 60:.0f} minutes of one core")
        return
    if not flags.table:
        out.parent.mkdir(parents=True, exist_ok=True)
        _run(flags, out, sys.argv[1:] if arguments is None else arguments)
    if flags.json:
        write_result(lines(out), NOTES, packaged_checkpoint(), flags.json)
    if flags.worker is None:
        print(_tables(flags, lines(out)))


def _run(flags: argparse.Namespace, out: Path, arguments: Sequence[str]) -> None:
    """The runs that are missing, here or by workers."""
    if flags.workers > 1:
        shares = [f"{number}/{flags.workers}" for number in range(flags.workers)]
        command = [sys.executable, "-m", "tests.benchmarks.papers", *arguments, "--workers", "1"]
        begun = [subprocess.Popen([*command, "--worker", share]) for share in shares]
        ended = [each.wait() for each in begun]
        if any(ended):
            sys.exit("A worker failed; what is finished stands in the file of results.")
        return
    from mtlviz.engine.device import use_threads

    number, workers = map(int, (flags.worker or "0/1").split("/"))
    use_threads(1)
    if flags.experiment == "sharing":
        run_in_turn(
            sharing_jobs(lambda: lines(out), flags.seeds, packaged_checkpoint(), flags.arms), out
        )
        return
    run_missing(_jobs(flags), out, (number, workers))


def _jobs(flags: argparse.Namespace) -> list[Job]:
    if flags.experiment == "six":
        return list(six_jobs(flags.parts))
    if flags.experiment == "phases":
        return list(phases_jobs(flags.seeds, _size(flags), packaged_checkpoint()))
    return list(course_jobs(flags.seeds, packaged_checkpoint()))


def _size(flags: argparse.Namespace) -> str:
    return "quick" if flags.quick else "short"


def _tables(flags: argparse.Namespace, results: list[dict]) -> str:
    if flags.experiment == "sharing":
        return as_text(sharing_tables(results, packaged_checkpoint()))
    if flags.experiment == "phases":
        return phases_tables(results, _size(flags))
    return course_tables(results) if flags.experiment == "cs224n" else as_text(six_tables(results))


if __name__ == "__main__":
    main()
