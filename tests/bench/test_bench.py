"""What `mtlviz bench` measures is what it says it measures."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from mtlviz.bench import sharing
from mtlviz.bench.memory import peak_mb
from mtlviz.bench.random_run import training_of
from mtlviz.bench.report import text_of
from mtlviz.bench.result import Table, rows_of
from mtlviz.bench.rounds import interleaved
from mtlviz.bench.shape import Shape
from mtlviz.bench.stepping import PLAIN, RECORDED, all_ways
from mtlviz.bench.steps import step_costs, tasks_costs
from mtlviz.cli import main
from mtlviz.engine.combiners import COMBINERS

TINY = Shape(layers=1, width=16, length=4, batch=4, vocabulary=20, tasks=2)


def without_dropout(shape):
    training = training_of(shape)
    for module in training.model.modules():
        for name in ("p", "rate"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
    parameters = [*training.shared, *(p for own in training.own for p in own)]
    training.optimiser = torch.optim.SGD(
        [{"params": parameters, "peak": 1.0, "shared": True}], lr=1.0
    )
    return training


def shared_after(way):
    """Shared parameters after one plain step of length 1 along the way's update."""
    training = without_dropout(TINY)
    all_ways()[0][way](training)
    return torch.cat([p.detach().flatten() for p in training.shared]).numpy()


def test_ratios_are_within_rounds_and_spreads_are_of_all_rounds():
    first, second = rows_of({"a": [1.0, 2.0, 4.0], "b": [3.0, 2.0, 6.0]}, "a", factor=1e3)
    assert (first.median, first.low, first.high, first.ratio) == (2e3, 1e3, 4e3, 1.0)
    assert (second.median, second.low, second.high) == (3e3, 2e3, 6e3)
    assert (second.ratio, second.ratio_low, second.ratio_high) == (1.5, 1.0, 3.0)


def test_rounds_are_interleaved_and_the_first_is_thrown_away():
    asked, shares = [], []
    cases = {name: lambda name=name: asked.append(name) for name in "ab"}
    found = interleaved(cases, 2, told=shares.append)
    assert asked == list("ababab")
    assert {name: len(values) for name, values in found.items()} == {"a": 2, "b": 2}
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_every_way_of_the_same_method_makes_the_same_update():
    """With two tasks PCGrad has no order to draw, so all programs of it must agree."""
    pcgrad = shared_after("pcgrad")
    for way in ("PCGrad, losses in one tensor", "PCGrad, torchjd"):
        np.testing.assert_allclose(shared_after(way), pcgrad, atol=2e-6)
    plain = shared_after("sum, one backward")
    for way in (PLAIN, RECORDED):
        np.testing.assert_allclose(shared_after(way), plain, atol=2e-6)


def test_every_way_computes_in_the_number_format_that_is_asked_for():
    training = training_of(replace(TINY, precision="bfloat16"))
    features, formats = training.model.features, []

    def seen(task, batch):
        formats.append((torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")))
        return features(task, batch)

    training.model.features = seen
    for name, way in all_ways()[0].items():
        formats.clear()
        way(training)
        assert formats == [(True, torch.bfloat16)] * TINY.tasks, name


def test_the_wrappers_shared_update_is_the_mean_not_the_sum():
    """With heads among its inner products and no conflict, the wrapper takes half the sum."""
    training = without_dropout(TINY)
    start = torch.cat([p.detach().flatten() for p in training.shared]).numpy()
    moved, wrapped = (
        shared_after("pcgrad") - start,
        shared_after("PCGrad, optimiser wrapper") - start,
    )
    cosine = moved @ wrapped / np.linalg.norm(moved) / np.linalg.norm(wrapped)
    assert cosine > 0.9
    assert np.linalg.norm(wrapped) / np.linalg.norm(moved) == pytest.approx(0.5, abs=0.1)


def test_every_combiner_has_a_row_and_the_base_has_ratio_one():
    table = step_costs(TINY, 1, lambda share: None)
    names = {row.name for row in table.rows}
    assert set(COMBINERS) - {"sum"} < names
    base = next(row for row in table.rows if row.name == "sum, one backward")
    assert base.ratio == 1.0
    assert "TFLOP/s" in base.note
    assert all(row.median > 0 and row.ratio > 0 for row in table.rows)


def test_cost_per_task_is_per_task():
    table = tasks_costs(TINY, (2, 4), 1, lambda share: None)
    assert [row.name for row in table.rows] == ["2 tasks", "4 tasks"]
    assert table.rows[0].ratio == 1.0


def test_all_texts_have_the_same_length_and_all_words_are_known():
    training = training_of(replace(TINY, tasks=3))
    for stream in training.streams:
        batch = stream.next()
        assert batch.first.mask.all()
        assert batch.first.ids.shape == (TINY.batch, TINY.length)
    embedding = max(p.shape[0] for p in training.shared if p.ndim == 2 and p.shape[1] == TINY.width)
    assert embedding >= TINY.vocabulary


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_holding_all_graphs_peaks_higher_than_one_at_a_time():
    shape = replace(TINY, layers=2, width=128, length=64, batch=32, tasks=4)
    assert peak_mb("PCGrad, torchjd", shape, 1) > 1.3 * peak_mb("pcgrad", shape, 1)


def test_a_missing_library_is_said_and_its_row_left_out(monkeypatch):
    monkeypatch.setattr("mtlviz.bench.stepping.find_spec", lambda name: None)
    ways, missing = all_ways()
    assert "PCGrad, torchjd" not in ways
    assert len(missing) == 1
    assert "torchjd" in missing[0]


def test_the_command_writes_json_markdown_and_a_page(tmp_path, capsys):
    files = [tmp_path / name for name in ("b.json", "b.md", "b.html")]
    flags = [
        f"--{kind}={file}" for kind, file in zip(("json", "markdown", "page"), files, strict=True)
    ]
    assert main(["bench", "data", "--small", "--rounds=1", *flags]) == 0
    said = capsys.readouterr().out
    assert "tokens/s" in said
    found = json.loads(files[0].read_text())
    assert torch.__version__.startswith(found["machine"]["versions"]["torch"])
    assert found["machine"]["threads"] == 1
    assert found["tables"][0]["rows"][0]["median"] > 0
    assert "| tokenise |" in files[1].read_text()
    assert "Plotly.newPlot" in files[2].read_text()


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (["speed"], "Unknown part 'speed'"),
        (["--rounds=0"], "--rounds must be at least 1"),
        (["--device=tpu"], "--device must be cpu or cuda"),
        pytest.param(
            ["--device=cuda"],
            "no CUDA device",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA"),
        ),
        (["data", "--small", "--rounds=1", "--json=/nowhere/b.json"], "Cannot write"),
    ],
)
def test_what_cannot_be_measured_gets_one_sentence(given, word, capsys):
    assert main(["bench", *given]) == 2
    said = capsys.readouterr().err
    assert word in said
    assert said.count("\n") == 1


def test_a_table_without_rows_says_why():
    table = Table("Memory", "MB", "Each alone.", (), ("Only on Linux.",))
    assert text_of(table).endswith("Only on Linux.")


def test_help_does_not_import_torch():
    code = (
        "import sys; from mtlviz.cli import main\n"
        "try: main(['bench', '--help'])\nexcept SystemExit: pass\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_ways_of_sharing_are_measured_against_training_everything(monkeypatch):
    monkeypatch.setattr(sharing, "_names", lambda: ["hard", "lora"])
    tiny = Shape(layers=1, width=64, length=4, batch=2, vocabulary=60)
    table = sharing.sharing_times(tiny, 1, lambda share: None)
    assert [row.name for row in table.rows] == ["hard", "lora"]
    assert table.rows[0].ratio == 1
    assert table.rows[1].note == "trains 0 shared, 2,048 a task"
