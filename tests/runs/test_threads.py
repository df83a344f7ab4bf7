"""Runs side by side share the cores: together they compute with no more threads than there are."""

import os
import subprocess
import sys

import pytest

from mtlviz.runs import machine_slots

CODE = "import os, torch; print(torch.get_num_threads(), os.environ['OMP_WAIT_POLICY'])"


@pytest.fixture
def nobody_says_otherwise(monkeypatch):
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "OMP_WAIT_POLICY", "MTLVIZ_RUNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.mark.usefixtures("nobody_says_otherwise")
@pytest.mark.parametrize("cores", [1, 2, 3, 7, 16, 96])
def test_as_many_runs_as_allowed_use_the_cores_and_no_more(cores, monkeypatch):
    monkeypatch.setattr(machine_slots, "cores", lambda: cores)
    for limit in {machine_slots.run_limit(), 1, 2, cores, cores + 3}:
        shares = [machine_slots.environment(slot, limit) for slot in range(limit)]
        for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
            threads = sum(int(values[name]) for values in shares)
            # More runs than cores, as somebody may ask for, have one thread each.
            assert cores - limit < threads <= max(cores, limit)


@pytest.mark.usefixtures("nobody_says_otherwise")
def test_pytorch_computes_with_the_threads_that_its_run_was_given(monkeypatch):
    monkeypatch.setattr(machine_slots, "cores", lambda: 2)
    command = [sys.executable, "-c", CODE]
    answer = subprocess.run(
        command, env=machine_slots.environment(0, 2), capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["1", "PASSIVE"]


def test_a_number_of_threads_that_was_asked_for_is_kept(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert (
        machine_slots.environment(0, 2)["OMP_NUM_THREADS"] == os.environ["OMP_NUM_THREADS"] == "5"
    )
