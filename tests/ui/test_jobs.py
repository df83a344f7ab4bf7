"""Background jobs: progress, stop, one at a time, and errors in a sentence."""

import subprocess
import sys
import threading
from dataclasses import dataclass

from mtlviz.errors import ConfigError
from mtlviz.ui.jobs import Job


@dataclass(frozen=True)
class Part:
    progress: float


def wait_until(condition, seconds=5):
    done = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it did not happen in time")


def held(gate, parts=3):
    for part in range(1, parts + 1):
        gate.wait(5)
        yield Part(part / parts)


def test_a_job_runs_to_its_end():
    job = Job(iter([Part(0.5), Part(1.0)]))
    wait_until(lambda: not job.running)
    assert job.part == Part(1.0)
    assert job.error is None
    assert job.seconds_left() is None


def test_a_second_job_waits_and_can_be_cancelled_while_waiting():
    gate = threading.Event()
    first, second = Job(held(gate)), Job(iter([Part(1.0)]))
    assert second.waiting
    second.cancel()
    assert not second.running
    gate.set()
    wait_until(lambda: not first.running)
    assert first.part == Part(1.0)
    assert second.part is None


def test_a_cancelled_job_keeps_what_it_has():
    first_part, go_on = threading.Event(), threading.Event()

    def parts():
        yield Part(0.25)
        first_part.set()
        go_on.wait(5)
        yield Part(0.5)
        yield Part(0.75)

    job = Job(parts())
    assert first_part.wait(5)
    job.cancel()
    go_on.set()
    wait_until(lambda: not job.running)
    assert job.part.progress <= 0.5


def test_a_wrong_setting_is_told_in_its_sentence():
    def parts():
        raise ConfigError("The map needs two controls.")
        yield

    job = Job(parts())
    wait_until(lambda: not job.running)
    assert job.error == "The map needs two controls."


def test_a_job_that_waits_for_a_process_does_not_hold_up_the_others():
    gate = threading.Event()
    process, next_process = Job(held(gate), thread="process"), Job(held(gate), thread="process")
    here = Job(iter([Part(1.0)]))
    wait_until(lambda: not here.running)
    assert process.running
    assert next_process.waiting
    gate.set()
    wait_until(lambda: not next_process.running)


def test_a_cancelled_computation_is_closed_though_others_still_hold_it():
    begun, closed = threading.Event(), threading.Event()

    def parts():
        try:
            while True:
                begun.set()
                yield Part(0.5)
        finally:
            closed.set()

    still_held = parts()
    job = Job(still_held)
    assert begun.wait(5)
    job.cancel()
    assert closed.wait(5)


def test_after_a_mistake_in_one_job_the_next_is_worked_on():
    def parts():
        raise RuntimeError("a mistake")
        yield

    first, second = Job(parts(), thread="mistakes"), Job(iter([Part(1.0)]), thread="mistakes")
    wait_until(lambda: not second.running)
    assert "for a reason that is no setting" in first.error
    assert second.part == Part(1.0)


def test_the_app_ends_while_a_job_still_waits_for_a_process():
    program = (
        "import time\n"
        "from mtlviz.ui.jobs import Job\n"
        "def parts():\n"
        "    time.sleep(60)\n"
        "    yield\n"
        "Job(parts())\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
