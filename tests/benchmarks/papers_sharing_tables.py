"""Ways of sharing MiniLM: what was found, as tables and as a data file."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mtlviz.engine.estimate.checkpoints import checkpoint_shape
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.sizes import model_size
from mtlviz.engine.estimate.storage import Storage, storage
from mtlviz.replication.experiment import Experiment, Found, Table
from mtlviz.replication.result_file import made_now
from mtlviz.runs.adding_study import KEEPING
from mtlviz.runs.sharing_study import way_title
from tests.benchmarks.papers_sharing import ADDED, ARMS, at_power, base_config, best_power, tried
from tests.benchmarks.papers_tables import gathered, paired, points

ALONE, TOGETHER = "separate", "hard"
COUNTED = (*ARMS, "pfeiffer", "houlsby", "bitfit", "mmoe")
"""Ways whose numbers are counted, whether they were run or not."""
PUBLISHED = (
    ("SST", "92.39", "91.85", "92.27", "92.20"),
    ("SICK", "87.30", "86.20", "88.61", "87.28"),
    ("RTE", "65.41", "71.04", "77.61", "76.82"),
    ("MRPC", "85.14", "85.16", "81.86", "90.29"),
    ("MNLI", "84.10", "84.32", "82.49", "84.28"),
    ("CSQA", "58.88", "58.91", "53.30", "59.73"),
    ("mean of 16 tasks", "75.51", "76.05", "75.80", "77.33"),
)
"""Pfeiffer et al., EACL 2021, table 1: BERT-base, development accuracy."""


def sharing_tables(results: Sequence[dict], checkpoint: str) -> list[Table]:
    """All tables that have rows, of the runs that are finished."""
    every = [
        _scores(results), _fused(results), _tuned(results), _added(results), _stored(checkpoint),
        Table(
            "Published for BERT-base: AdapterFusion, table 1",
            ("task", "all of BERT, alone", "adapter of its own", "one adapter for all, jointly",
             "fusion of own adapters"),
            PUBLISHED,
        ),
    ]  # fmt: skip
    return [each for each in every if each.rows]


def write_result(
    results: Sequence[dict], notes: Sequence[str], checkpoint: str, file: Path
) -> None:
    """The tables as a data file, with the scores of each run that they are made of."""
    tables, runs = sharing_tables(results, checkpoint), [_as_line(line) for line in results]
    found = Found({}, tuple(tables), tuple(notes), {"runs": runs})
    seconds = sum(line["seconds"] for line in results)
    asked = Experiment("Ways of sharing MiniLM among six real tasks", "")
    made = asdict(made_now("sharing-minilm", asked, found, "full", seconds))
    made |= {"command": "python -m tests.benchmarks.papers sharing --json FILE",
             "made": time.strftime("%Y-%m-%d")}  # fmt: skip
    file.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _as_line(line: dict) -> str:
    """One run: what it was, its step size, and each task's score."""
    rate = at_power(base_config("x"), line["power"]).optimisation.learning_rate
    scores = " ".join(f"{score:.3f}" for score in line["scores"])
    before = line["scores_over_time"][0] if line["part"] == "add" else ()
    switch = "".join(f" {score:.3f}" for score in before)
    return (
        f"{line['part']} {line['arm']}, step size {rate:.2g}, seed {line['seed']}: {scores}"
        + f"; at the switch{switch}" * bool(switch)
    )


def _scores(results: Sequence[dict]) -> Table:
    chosen = [line for line in results if line["part"] == "score"]
    found = gathered(chosen, ["arm"])
    alone = found.get((ALONE,), {})
    rows = []
    for arm in (arm for arm in ARMS if (arm,) in found):
        mine = found[arm,]
        cells = [
            _mean(mine[task]) if arm == ALONE else points(paired(mine[task], alone.get(task, {})))
            for task in mine
        ]
        means = [_over_tasks(chosen, each) for each in (arm, ALONE)]
        mean = _mean(means[0]) if arm == ALONE else points(paired(*means))
        rows.append([way_title(arm), mean, *cells])
    return Table(
        "Alone: accuracy; others: points over alone, 95 % intervals over paired seeds",
        ("way", "mean of tasks", *(chosen[0]["tasks"] if chosen else ())), rows,
    )  # fmt: skip


def _fused(results: Sequence[dict]) -> Table:
    """Fusion against the adapters that it fuses, as in the publication's last two columns."""
    chosen = [line for line in results if line["part"] == "score"]
    found = gathered(chosen, ["arm"])
    fused, own = (found.get((arm,)) for arm in ("adapter_fusion", "pfeiffer"))
    rows = []
    if fused and own:
        means = [_over_tasks(chosen, arm) for arm in ("adapter_fusion", "pfeiffer")]
        each = [points(paired(fused[task], own[task])) for task in fused]
        rows.append(["AdapterFusion", points(paired(*means)), *each])
    return Table(
        "Points over adapters of each task's own (Pfeiffer)",
        ("way", "mean of tasks", *(chosen[0]["tasks"] if chosen else ())), rows,
    )  # fmt: skip


def _tuned(results: Sequence[dict]) -> Table:
    rows = []
    for arm in ARMS:
        known = tried(results, arm)
        if known:
            rate = {n: at_power(base_config("x"), n).optimisation.learning_rate for n in known}
            told = (f"{rate[n]:.2g}: {known[n]:.3f}" for n in sorted(known))
            best = best_power(results, arm)
            inside = min(known) < best < max(known)
            end = "" if inside else " (an end)"
            rows.append([way_title(arm), "; ".join(told), f"{rate[best]:.2g}{end}"])
    return Table(
        "Step sizes tried with a seed of their own: mean accuracy", ("way", "tried", "chosen"), rows
    )


def _added(results: Sequence[dict]) -> Table:
    """The new task against all from the start, and what the old ones lose."""
    together = gathered([x for x in results if (x["part"], x["arm"]) == ("score", TOGETHER)], [])
    rows = []
    for way in ADDED:
        lines = [x for x in results if (x["part"], x["arm"]) == ("add", way)]
        if lines:
            new = lines[0]["tasks"][-1]
            after, before = (
                {x["seed"]: _old(x["scores_over_time"][place]) for x in lines} for place in (-1, 0)
            )
            gain = paired(gathered(lines, [])[()][new], together.get((), {}).get(new, {}))
            lost = paired(after, before)
            kept = way in KEEPING and lost is not None and lost.mean == 0
            told = "cannot change: nothing they use is trained" if kept else points(lost)
            rows.append([way, f"{len(lines)}", points(gain), told])
    columns = ("trained", "seeds", "new task, against all from the start", "old tasks")
    return Table("A new task", columns, rows)


def _old(scores: Sequence[float]) -> float:
    return sum(scores[:-1]) / (len(scores) - 1)


def _stored(checkpoint: str) -> Table:
    config = base_config(checkpoint)
    facts, shape = data_facts(config.data), checkpoint_shape(checkpoint)

    def sizes(way: str) -> Storage:
        chosen = config.with_values({"capacity.sharing": way})
        return storage(chosen, model_size(chosen, facts, shape), 16)

    rows = [
        [way_title(way), f"{found.trained:,.0f}",
         *(f"{found.over_tasks[count - 1]:,.0f}" for count in (1, 6, 16))]
        for way, found in ((way, sizes(way)) for way in dict.fromkeys(COUNTED))
    ]  # fmt: skip
    columns = ("way", "trained for a task", "stored: 1 task", "6 tasks", "16 tasks")
    return Table("Parameters, heads among them, counted", columns, rows)


def _over_tasks(lines: Sequence[dict], arm: str) -> dict[int, float]:
    chosen = [line for line in lines if line["arm"] == arm]
    return {line["seed"]: sum(line["scores"]) / len(line["scores"]) for line in chosen}


def _mean(scores: dict[int, float]) -> str:
    return f"{sum(scores.values()) / len(scores):.3f}"
