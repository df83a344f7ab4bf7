import pytest
import torch

from mtlviz.engine.device import autocast, resolve_device, slowness, use_threads
from mtlviz.engine.train import start
from mtlviz.errors import ConfigError
from tests.engine.test_train import config


def test_auto_is_a_gpu_where_there_is_one_and_the_cpu_elsewhere(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto") == resolve_device("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto") == torch.device("cuda:0")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:", "cuda:x", "cuda:-1", "cpu:0"])
def test_unknown_devices_are_refused(name):
    with pytest.raises(ConfigError, match="Unknown device"):
        resolve_device(name)


def test_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolve_device("cuda") == torch.device("cuda:0")
    assert resolve_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(ConfigError, match="offers 2 CUDA devices"):
        resolve_device("cuda:2")


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_products_run_in_the_chosen_precision(precision):
    matrix = torch.ones(2, 2)
    with autocast(torch.device("cpu"), precision):
        assert (matrix @ matrix).dtype == getattr(torch, precision)


def test_number_of_threads_is_set_and_checked():
    before = torch.get_num_threads()
    assert use_threads(1) == torch.get_num_threads() == 1
    assert use_threads(before) == use_threads(None) == before
    with pytest.raises(ConfigError, match="at least 1 and at most 1024, got 0"):
        use_threads(0)


@pytest.mark.parametrize(
    ("able", "said"),
    [
        ({"avx512_bf16": False, "amx_bf16": False}, True),
        ({"avx512_bf16": True, "amx_bf16": False}, False),
        ({"avx512_bf16": False, "amx_bf16": True}, False),
        ({}, False),
    ],
)
def test_a_format_that_the_processor_only_imitates_is_noted_and_kept(able, said, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able, raising=False)
    cpu = torch.device("cpu")
    assert bool(slowness(cpu, "bfloat16")) == said
    assert slowness(cpu, "float32") is slowness(torch.device("cuda"), "bfloat16") is None
    run = start(config(1, precision="bfloat16", max_updates=1))
    notes = [note.text for note in run.pending if note.topic == "slow_format"]
    assert notes == [slowness(cpu, "bfloat16")] * said
    assert run.config.optimisation.precision == "bfloat16"


def test_each_of_several_processes_has_a_gpu_of_its_own(monkeypatch):
    assert resolve_device("auto", 1) == resolve_device("cpu", 1) == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolve_device("auto", 1) == resolve_device("cuda", 1) == torch.device("cuda:1")
    assert resolve_device("cpu", 1) == torch.device("cpu")
    with pytest.raises(ConfigError, match="'cuda:2' is not there: this machine offers 2"):
        resolve_device("auto", 2)
