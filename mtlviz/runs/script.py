"""A run as a Python script that trains it again through mtlviz's public interface."""

import hashlib
import json
import re
from collections.abc import Iterable
from pprint import pformat

from mtlviz import __version__
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord, Record, to_json
from mtlviz.runs.machine_slots import environment
from mtlviz.runs.queue import at_once
from mtlviz.runs.store import Store

FILE = "reproduce.py"
_TEMPLATE = '''\
"""Train a stored run of mtlviz again, and say whether it comes out the same.

    python reproduce.py [--threads N] [--records FILE]

Needs mtlviz @VERSION@ and the run's data: built-in tasks need nothing, others are read from the
folder that MTLVIZ_DATA names. On a CPU the same settings, number of threads and versions of the
libraries give the same records, bit for bit; another kind of processor or a GPU rounds differently.
Ends with 0 if all is the same, with 1 if not.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import mtlviz

# What is trained.
SETTINGS = @SETTINGS@

# What the stored run gave: its best development scores, how many records, and their digest.
SCORES = @SCORES@
RECORDS = @RECORDS@
DIGEST = "@DIGEST@"


def line(record: mtlviz.Record) -> str:
    """A record as a line of JSON, without the time it took."""
    values = mtlviz.to_json(record)
    values.pop("seconds", None)
    return json.dumps(values, ensure_ascii=False) + "\\n"


def main() -> int:
    """Train, print the scores beside the stored ones, compare all records."""
    parser = argparse.ArgumentParser(description="Train a stored run of mtlviz again.")
    parser.add_argument("--threads", type=int, default=@THREADS@, help="CPU threads; %(default)s")
    parser.add_argument("--records", type=Path, help="write the records to this file")
    flags = parser.parse_args()

    lines, best = [], {}
    for record in mtlviz.records(SETTINGS, threads=flags.threads):
        lines.append(line(record))
        # What came after the stored run was stopped is not compared.
        if isinstance(record, mtlviz.EvalRecord) and record.best and len(lines) <= RECORDS:
            best = dict(zip(SCORES, record.scores.tolist(), strict=True))
    if flags.records:
        flags.records.write_text("".join(lines), encoding="utf-8")

    for task, stored in SCORES.items():
        print(f"{task}: {best.get(task)!r}, stored {stored!r}")
    found = hashlib.sha256("".join(lines[:RECORDS]).encode()).hexdigest()
    print(f"{RECORDS} records: {'the same' if found == DIGEST else 'NOT the same'} as stored.")
    return 0 if found == DIGEST else 1


if __name__ == "__main__":
    sys.exit(main())
'''


def script(store: Store, run: int) -> str:
    """The Python script that trains a run again and compares every record with the stored ones.

    It asks for as many CPU threads as a worker of this machine gets, since their number decides
    the last bits of every sum.

    Args:
        store: The store.
        run: Number of the run; what an unfinished one has recorded is compared.

    Raises:
        MtlvizError: If there is no such run, or it cannot be read.
    """
    config = store.config(run)
    recorded = [record for _, record in store.records(run)]
    threads = int(environment(0, at_once([config]))["OMP_NUM_THREADS"])
    entries = {
        "VERSION": __version__,
        "SETTINGS": _literal(config.model_dump(mode="json")),
        "SCORES": _literal(_scores(config, recorded)),
        "RECORDS": str(len(recorded)),
        "DIGEST": hashlib.sha256("".join(map(line, recorded)).encode()).hexdigest(),
        "THREADS": str(threads),
    }
    # All at once: a task may be named like one of the marks.
    return re.sub(r"@([A-Z]+)@", lambda found: entries[found[1]], _TEMPLATE)


def line(record: Record) -> str:
    """A record as a line of JSON, without the time it took, as the script writes it."""
    values = to_json(record)
    values.pop("seconds", None)
    return json.dumps(values, ensure_ascii=False) + "\n"


def _scores(config: RunConfig, recorded: Iterable[Record]) -> dict[str, float | None]:
    """The stored scores by task, None where undefined; empty if there was no evaluation."""
    best = [record for record in recorded if isinstance(record, EvalRecord) and record.best]
    if not best:
        return {}
    scores = to_json(best[-1])["scores"]
    return dict(zip((task.name for task in config.data.tasks), scores, strict=True))


def _literal(value: object) -> str:
    """A value as Python writes it, broken into lines."""
    return pformat(value, width=96, sort_dicts=False)
