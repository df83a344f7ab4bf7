"""How fast the Covariance lab answers: `python -m tests.benchmarks.covariance`.

Ten tasks of 2,000 embeddings of width 384: similarity, PCA, the first UMAP of 5,000 points with
compilation and a later one, and how long a page's script takes meanwhile. Prints wall time, the CPU
time of this process, and the load of the machine, which decides how far the two are apart.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
from streamlit.testing.v1 import AppTest

from mtlviz.engine.embedding_request import TaskTexts
from mtlviz.engine.measures.covariance import spectrum, truncated
from mtlviz.engine.measures.similarity import normalised, similarity_matrix
from mtlviz.engine.measures.task_spectra import analysed
from mtlviz.figures.points import cloud_picture
from mtlviz.runs import projections
from mtlviz.runs.embedding_store import embedding_cache, keep_embeddings, kept_spectrum
from mtlviz.runs.projections import Projection
from mtlviz.ui.pages.covariance.clouds import Clouds
from mtlviz.ui.pages.covariance.planes import drawn_clouds, linear_plane, points_to_arrange
from mtlviz.ui.pages.covariance.settings import CovarianceSettings
from tests.ui.harness import opened

TASKS, EXAMPLES, WIDTH, ROUNDS = 10, 2000, 384, 7


def clouds() -> Clouds:
    drawn = np.random.default_rng(0)
    rows = [
        (drawn.normal(size=(EXAMPLES, WIDTH)) @ drawn.normal(size=(WIDTH, WIDTH)) / WIDTH**0.5
         + drawn.normal(size=WIDTH)).astype(np.float32)
        for _ in range(TASKS)
    ]  # fmt: skip
    texts = tuple(
        f"a sentence of about eleven words, the {n}th of them all" for n in range(EXAMPLES)
    )
    labels = np.zeros(EXAMPLES, np.int64)
    named = tuple(TaskTexts(f"task {task}", texts, None, labels, ("no",)) for task in range(TASKS))
    return Clouds(tuple(f"task-{task}" for task in range(TASKS)), named, tuple(rows))


def report(name: str, wall: list[float], cpu: list[float] | None = None) -> None:
    inside = "" if cpu is None else f"   CPU {1000 * statistics.median(cpu):7.0f} ms"
    print(f"{name:<58} {1000 * statistics.median(wall):8.0f} ms "
          f"({1000 * min(wall):.0f} to {1000 * max(wall):.0f}){inside}   "
          f"load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


def repeated(name: str, work: Callable[[], object]) -> None:
    wall, cpu = [], []
    for _ in range(ROUNDS):
        begun, busy = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - busy)
    report(name, wall, cpu)


def similarity(home: Path) -> None:
    """From files on disk to the two matrices."""
    keys = [f"task-{task}" for task in range(TASKS)]
    for key in keys:
        embedding_cache(home).get(key)
    normalised(similarity_matrix([truncated(kept_spectrum(home, key, False)) for key in keys]))


def without_spectra(home: Path) -> None:
    """The same where the spectra were not kept."""
    cache = embedding_cache(home)
    rows = [cache.get(f"task-{task}")["embeddings"] for task in range(TASKS)]
    normalised(similarity_matrix([truncated(spectrum(each)) for each in rows]))


def picture(made: Clouds) -> None:
    plane = linear_plane(CovarianceSettings(), made)
    cloud_picture(drawn_clouds(plane, made, set()), "across", "up", revision="r")


def cpu_seconds(pid: int) -> float:
    """CPU time of another process, from Linux's /proc."""
    entries = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(entries[11]) + int(entries[12])) / os.sysconf("SC_CLK_TCK")


def umap(home: Path, made: Clouds, seed: int) -> tuple[float, float, int]:
    """Seconds, CPU seconds and messages of progress of one UMAP of 5,000 points."""
    to_arrange, _ = points_to_arrange(made)
    begun = time.perf_counter()
    helper = projections.warm_helper(home)
    busy = 0.0 if seed == 0 else cpu_seconds(helper.pid)
    told = list(projections.project(home, to_arrange, Projection("umap", seed)))
    return time.perf_counter() - begun, cpu_seconds(helper.pid) - busy, len(told)


def page_times(app: AppTest, enough: Callable[[], bool]) -> list[float]:
    times = []
    while not enough():
        begun = time.perf_counter()
        app.run()
        times.append(time.perf_counter() - begun)
        time.sleep(0.2)
    return times


def main() -> None:
    home = Path(tempfile.mkdtemp())
    os.environ["MTLVIZ_HOME"] = str(home)
    made = clouds()
    for task, rows in enumerate(made.rows):
        keep_embeddings(home, f"task-{task}", rows)
    print(f"{TASKS} tasks of {EXAMPLES} embeddings of width {WIDTH}")
    repeated("similarity matrix from cached embeddings (limit 300 ms)", lambda: similarity(home))
    repeated("the same where no spectrum was kept", lambda: without_spectra(home))
    repeated(
        "spectra, matrices, errors and halves anew", lambda: analysed(made.rows, centred=False)
    )
    repeated("PCA view (limit 500 ms)", lambda: picture(made))
    app = opened("toy_lab")
    rounds = iter(range(20))
    report("toy lab's script at rest", page_times(app, lambda: next(rounds, None) is None))
    arranged: list[tuple[float, float, int]] = []
    work = Thread(target=lambda: arranged.extend(umap(home, made, seed) for seed in range(3)))
    work.start()
    report("toy lab's script while UMAP runs (limit 300 ms)",
           page_times(app, lambda: not work.is_alive()))  # fmt: skip
    for name, (seconds, busy, messages) in zip(
        (
            "first UMAP, compilation included (limit 30 s)",
            "second (limit 8 s)",
            "third (limit 8 s)",
        ),
        arranged,
        strict=True,
    ):
        print(f"{name:<58} {seconds:8.1f} s   CPU {busy:5.1f} s   {messages} messages of progress")
    projections.warm_helper(home).close()


if __name__ == "__main__":
    main()
