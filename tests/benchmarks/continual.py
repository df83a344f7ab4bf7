"""One question asked of five kinds of text in turn: methods against forgetting on real sentences.

    python -m tests.benchmarks.continual --checkpoint FOLDER --out runs.jsonl

Five sets of positive and negative sentences come one after another, one head answers for all and is
told nothing. Mean-pooled outputs of a kept encoder are computed once a seed; what trains is a layer
of 32 and the answer, which all steps share. A line of the output is one run: it is written when the
run ends, and a run that has a line is not trained again, so the command may be stopped at any time.

The last thing it does is the data file of the Replication page. `--built-in FILE` makes that of a
file that `mtlviz runs matrix --sweep N --out FILE` wrote of the sweep continual-four. `--time` says
how long that sweep takes as a whole.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest import mock

from mtlviz.engine import training
from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.measures.score_matrix import continual_scores
from mtlviz.engine.measures.transfer import paired_transfer
from mtlviz.engine.presets import preset
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import EvalRecord, PhaseRecord
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.engine.train import train
from mtlviz.replication.experiment import Experiment, Found, Table, Value
from mtlviz.replication.result_file import FOLDER, made_now, to_text
from mtlviz.runs.score_matrices import NUMBERS, score_matrix

SETS = ("sst2_sent", "cr", "mpqa", "mr", "cs224n_cfimdb")
METHODS = ("joint", "sequential", "replay", "agem", "gem", "ewc", "lwf")
SEEDS = (0, 1, 2)
_LEFT_OUT = ("intransigence",)
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2).
_LINGER = 30.0  # Seconds in which the last processes of a sweep end.
_ABOUT = (
    "MiniLM is kept as it is and only a shared layer of 32 and the answer train on 500 sentences a "
    "set, scored on 240: with so small a share of the model in motion little is forgotten. Joint "
    "training beats sequential training beyond chance; no method's average is told from it at "
    "three seeds. Methods have their default options, which nobody tuned."
)


def settings(checkpoint: str, method: str, seed: int) -> RunConfig:
    """The run of a method and a seed."""
    head = {"layers": 2, "width": 32, "dropout": 0.1}
    tasks = [
        {"name": name, "source": "folder", "path": name, "train_examples": 500,
         "dev_examples": 240, "head": head}
        for name in SETS
    ]  # fmt: skip
    return RunConfig.from_values({
        "name": f"polarity in five places · {method} · seed {seed}", "seed": seed, "device": "cpu",
        "data": {"tasks": tasks, "heads": "one", "batch_size": 32, "max_length": 64,
                 "drop_leaked": True},
        "capacity": {"encoder": "checkpoint", "checkpoint": checkpoint, "frozen": True},
        "optimisation": {"phases": " > ".join(SETS), "epochs": 10, "learning_rate": 3e-3,
                         "head_learning_rate": 3e-3, "warmup": 0.0, "decay": "constant"},
        "continual": {"method": method},
        "probes": {"gram_every": 0, "layers_every": 0, "planes_every": 0,
                   "evaluate_every": 100_000},
    })  # fmt: skip


def trained(config: RunConfig, tasks: Sequence[Task]) -> dict[str, object]:
    """One run in a line."""
    found = list(train(config, tasks=tasks))
    evaluations = [record for record in found if isinstance(record, EvalRecord)]
    begun = [record for record in found if isinstance(record, PhaseRecord)]
    matrix = score_matrix(config, evaluations, begun)
    untrained = next(each.scores.tolist() for each in evaluations if each.update == 0)
    return {
        "method": config.continual.method, "seed": config.seed,
        "matrix": matrix.scores.tolist(), "untrained": untrained,
    }  # fmt: skip


def summary(lines: Sequence[dict]) -> dict[str, object]:
    """Every number of every method in points with its interval, and against sequential training."""
    joint = {line["seed"]: line["matrix"][-1] for line in lines if line["method"] == "joint"}
    numbers: dict[str, dict[str, dict[int, float]]] = {}
    for line in lines:
        matrix, seed = line["matrix"], line["seed"]
        if len(matrix) > 1:
            values = continual_scores(matrix, None, line["untrained"], joint.get(seed))
        else:
            values = continual_scores(matrix, [0] * len(matrix[0]), None, joint.get(seed))
        for name in NUMBERS:
            each = numbers.setdefault(line["method"], {n: {} for n in NUMBERS})
            each[name][seed] = float(getattr(values, name))
    return {
        method: {
            name: {
                "points": _told(each[name], dict.fromkeys(each[name], 0.0)),
                "against_sequential": _told(each[name], numbers["sequential"][name]),
            }
            for name in NUMBERS
        }
        for method, each in numbers.items()
    }


def _told(one: dict[int, float], other: dict[int, float]) -> dict[str, float | int] | None:
    found = paired_transfer(one, other)
    return found and {
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "seeds": found.seeds,
    }


def main() -> None:
    """Train what has no line yet, then sum up."""
    flags = _flags()
    if flags.time:
        print(sweep_seconds())
        return
    if flags.built_in:
        built_in(flags.built_in)
        return
    out = Path(flags.out)
    lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {(line["method"], line["seed"]) for line in lines}
    for seed in SEEDS:
        tasks, kept, once = None, {}, training.cached_features

        def features(model, task, split, precision, kept=kept, once=once):
            # The encoder is kept as it is: its outputs are those of the run before.
            place = (task, split.split)
            if place not in kept:
                kept[place] = once(model, task, split, precision)
            return kept[place]

        for method in (method for method in METHODS if (method, seed) not in done):
            config = settings(flags.checkpoint, method, seed)
            tasks = tasks or load_tasks(config.data, generator(seed, DATA))
            if len({task.label_names for task in tasks}) > 1:
                raise SystemExit("The labels of the sets do not mean the same.")
            with mock.patch.object(training, "cached_features", features):
                lines.append(trained(config, tasks))
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(lines[-1]) + "\n")
            print(method, seed, lines[-1]["matrix"][-1], flush=True)
    _write(
        "continual-polarity", "Positive or negative in five places in turn: what is forgotten?",
        "python -m tests.benchmarks.continual --checkpoint FOLDER --out runs.jsonl",
        summary(lines), _ABOUT, settings("FOLDER", "sequential", 0),
    )  # fmt: skip


def _write(
    name: str, title: str, command: str, methods: dict, about: str, config: RunConfig
) -> None:
    """The data file of one study, with a table of it."""
    values, rows = {}, []
    for method, numbers in methods.items():
        told = {n: each["points"] for n, each in numbers.items() if n not in _LEFT_OUT}
        told["over sequential"] = numbers["average"]["against_sequential"]
        for number, each in told.items():
            if each is not None:
                values[f"{method}/{number}"] = Value(
                    each["mean"], each["low"], each["high"], each["seeds"], "points"
                )
        rows.append([CONTINUAL[method].title, *map(_cell, told.values())])
    columns = ["against forgetting", *(n for n in NUMBERS if n not in _LEFT_OUT), "over sequential"]
    table = Table("Points, mean and 95 % interval over three seeds", columns, rows)
    made = made_now(name, Experiment(title, ""), Found(values, [table], [about]), "full", 0.0)
    made = replace(
        made, command=command, seconds=None, settings=json.loads(config.to_json()),
        machine="2 CPU cores, shared with other work, no GPU",
    )  # fmt: skip
    (FOLDER / f"{name}.json").write_text(to_text(made), encoding="utf-8")


def _cell(each: dict | None) -> str:
    if each is None:
        return "–"
    return f"{each['mean']:.1f} ({each['low']:.1f} to {each['high']:.1f})".replace("-", "−")


def built_in(path: str) -> None:
    """The data file of the sweep of built-in tasks."""
    (found,) = json.loads(Path(path).read_text(encoding="utf-8"))
    methods = {
        name: {
            number: {"points": each["points"][number],
                     "against_sequential": each["against_sequential"][number]}
            for number in NUMBERS
        }
        for name, each in found.items()
    }  # fmt: skip
    _write(
        "continual-four", "Four built-in tasks in turn: which method forgets what?",
        "mtlviz sweep continual-four; mtlviz runs matrix --sweep NUMBER --out FILE; "
        "python -m tests.benchmarks.continual --built-in FILE",
        methods, "Accuracy after the last of four phases; heads of their own. Three seeds.",
        preset("continual-sequence"),
    )  # fmt: skip


def sweep_seconds() -> str:
    """How long the sweep of built-in tasks takes as a whole, by the clock and of the processor.

    Its runs are processes of their own, whose parents end before them: Linux gives them to this one
    if it asks.
    """
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "mtlviz.cli", "sweep", "continual-four", "--home", home]
        began = time.perf_counter()
        subprocess.run(command, check=True)
        seconds, load = time.perf_counter() - began, os.getloadavg()[0]
        while _still_running() and time.perf_counter() - began < seconds + _LINGER:
            time.sleep(0.2)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"{seconds:.0f} s by the clock at a load of {load:.1f}, "
        f"{used.ru_utime + used.ru_stime:.0f} s of the processor in all its processes"
    )


def _still_running() -> bool:
    """Whether a process of the sweep is left; those that have ended are counted."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="", help="folder of the pretrained encoder")
    parser.add_argument("--out", default="runs.jsonl", help="one line a run")
    parser.add_argument("--built-in", default="", help="matrices of the built-in sweep")
    parser.add_argument("--time", action="store_true", help="how long the built-in sweep takes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
