"""The parts of `mtlviz bench` that train, serve and teach: tables, flags, what is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mtlviz.bench import course, parts
from mtlviz.bench.course import Took, configured, course_costs, rows_of_runs
from mtlviz.bench.parts import PARTS
from mtlviz.bench.report import markdown_of, page_of, text_of
from mtlviz.bench.result import Row, Table, rows_of
from mtlviz.bench.shape import SMALL
from mtlviz.bench.steps import peak_of
from mtlviz.cli import main
from mtlviz.engine.presets import preset
from tests.benchmarks.served.classroom import IN_CLASS, RUN, _tables
from tests.benchmarks.served.lesson import Class, Lesson
from tests.benchmarks.served.seat import moments

ABOUT = {"date": "today", "cores": 2, "processor": "P", "load": None, "gpu": None, "python": "3",
         "versions": {}, "threads": 2, "rounds": 5}  # fmt: skip
TOOK = Took(
    whole=10.0, loading=2.0, updates=5.0, evaluating=2.5, processor=9.0, made=50, scores="a 0.5"
)
TABLE = Table(
    "Answers",
    "ms",
    "All at once.",
    rows_of({"page": [0.1] * 18 + [0.3, 0.9]}, factor=1e3, processor={"page": [0.05]}),
    ("Error: <b>",),
)


def test_the_late_value_is_one_that_19_of_20_do_not_exceed():
    (row,) = TABLE.rows
    assert (row.median, row.low, row.high, row.p95) == (100, 100, 900, 300)
    assert rows_of({"few": [1.0] * 19})[0].p95 is None


def test_all_three_forms_of_a_table_hold_its_numbers_and_what_is_missing():
    assert "p95 300 ms; processor 50 ms" in text_of(TABLE)
    markdown = markdown_of(ABOUT, [TABLE])
    assert "|  | median, ms | p95 | processor |" in markdown
    assert "| page | 100 (100 to 900) | 300 | 50 |" in markdown
    page = page_of(ABOUT, [TABLE, Table("No rows", "s", "", (), ("Not here.",))])
    assert page.count("Plotly.newPlot") == 1
    assert "Diamonds are processor time" in page
    assert "<p>Error: &lt;b&gt;</p><p>No rows</p><p>Not here.</p>" in page


def test_one_measurement_has_no_spread():
    table = Table("T", "s", "", (Row("once", 2.0, 2.0, 2.0),))
    assert "to" not in text_of(table)
    assert "| once | 2 |" in markdown_of(ABOUT, [table])


def test_the_parts_of_a_run_add_up_to_the_whole():
    rows = {row.name: row for row in rows_of_runs({"classic": TOOK, "PCGrad": TOOK})}
    parts = [row.median for name, row in rows.items() if name.startswith("classic: ")]
    assert sum(parts) == rows["classic"].median == 10.0
    assert rows["classic: updates"].note == "10.0 updates a second"
    assert (rows["all together"].median, rows["all together"].processor) == (20.0, 18.0)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("method", ["classic", "pcgrad", "round-robin"])
def test_the_course_reports_runs_are_the_presets_but_for_device_and_precision(method, quick):
    wanted = preset(f"cs224n-{method}{'-quick' if quick else ''}", "folder")
    assert configured(method, SMALL, "folder", quick) == wanted.changed_at("device", "cpu")
    bare = configured(method, SMALL, "", quick)
    assert bare.capacity.encoder == "transformer"
    assert (bare.data, bare.optimisation) == (wanted.data, wanted.optimisation)


def test_without_the_data_one_sentence_says_so_and_the_other_parts_run(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "s1", "data", "--small", "--rounds=1", "--json=b.json"]) == 0
    said = capsys.readouterr().out
    assert "cs224n_sst is not there" in said
    left_out, measured = json.loads((tmp_path / "b.json").read_text())["tables"]
    assert left_out["rows"] == []
    assert left_out["missing"][0].count(". ") == 0
    assert measured["rows"]


def test_a_lesson_becomes_tables():
    found = Lesson(
        cores={"before": 0.25, "changing": 1.0}, looks=90, questions=9, received=18 * 2048,
        seconds=6.0, memory={"before": 100.0, "after": 90.0},
    )  # fmt: skip
    found.times.wall[RUN[0].together] = [0.1] * 10
    found.times.processor[RUN[0].together] = [0.004]
    found.times.errors["No answer."] = 2
    answers, work, memory = _tables(Class(students=3, seconds=6.0), found, "All look.")
    assert [row.processor for row in answers.rows] == [4.0]
    assert "2 errors" in answers.title
    assert answers.missing == ("Error, 2 ×: No answer.",)
    assert "90 looks of live parts and 9 questions for newer data" in answers.reading
    assert "each student received 2 KiB a second" in answers.reading
    assert [row.median for row in work.rows] == [0.25, 1.0]
    assert [row.median for row in memory.rows] == [100.0, 90.0]


def test_students_act_once_in_ten_seconds_and_not_in_step():
    class_ = [moments(np.random.default_rng(number), 30.0) for number in range(30)]
    for times in class_:
        assert [int(moment // 10) for moment in times] == [0, 1, 2]
    assert np.std([times[0] for times in class_]) > 1.0
    assert all(moments(np.random.default_rng(0), 3.0)[0] <= 3.0 for _ in range(3))


def test_where_the_system_tells_nothing_the_class_says_so():
    for table in _tables(Class(), Lesson(), ""):
        assert not table.rows
        assert "Linux only" in table.missing[0]


def test_a_slice_of_a_gpu_has_no_known_peak():
    assert peak_of("NVIDIA H100 80GB HBM3") == 989.4
    assert peak_of("NVIDIA H100 PCIe") == 756.0
    assert peak_of("NVIDIA H100 80GB HBM3 MIG 1g.10gb") is None
    assert peak_of("Some other GPU") is None


def test_long_parts_are_measured_only_when_they_are_named(monkeypatch, capsys):
    measured = []

    def recorded(name):
        def measure(order, told):
            measured.append((name, order))
            yield Table(name, "s", "", ())

        return measure

    for name, part in PARTS.items():
        changed = type(part)(part.text, recorded(name), part.named_only)
        monkeypatch.setitem(PARTS, name, changed)
    for given, names in (
        ([], {"steps", "memory", "tasks", "toy", "data"}),
        (["class"], {"class"}),
        (["--all"], set(PARTS)),
    ):
        measured.clear()
        assert main(["bench", *given, "--students=4", "--seconds=9"]) == 0
        assert {name for name, _ in measured} == names
    assert (measured[0][1].students, measured[0][1].seconds, measured[0][1].quick) == (4, 9, True)
    assert main(["bench", "s1", "--course=full", "--checkpoint=F", "--precision=bfloat16"]) == 0
    order = measured[-1][1]
    assert (order.quick, order.checkpoint, order.shape.precision) == (False, "F", "bfloat16")


def test_what_was_measured_before_an_error_is_written(monkeypatch, tmp_path, capsys):
    file = tmp_path / "b.json"
    given = ["bench", "data", "s1", "--small", "--rounds=1", "--checkpoint=/nowhere"]
    (tmp_path / "cs224n_sst").mkdir()
    monkeypatch.setattr(course, "_missing", lambda config: ())
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    assert main([*given, f"--json={file}"]) == 2
    assert len(json.loads(file.read_text())["tables"]) == 1


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (["--students=0"], "--students must be at least 1"),
        (["--seconds=nan"], "--seconds must be at least 1"),
        (["--course=half"], "Unknown --course 'half'. Known: full, quick."),
        (["--precision=int8"], "Unknown --precision 'int8'"),
        (["data", "--page=/nowhere/b.html"], "there is no folder /nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_measured(given, word, capsys):
    assert main(["bench", *given]) == 2
    said = capsys.readouterr()
    assert word in said.err
    assert said.out == ""


@pytest.mark.parametrize("given", [["app"], ["data", "class"], ["--all"]])
def test_what_only_a_checkout_measures_is_refused_elsewhere(given, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(parts, "_CHECKOUT", tmp_path)
    assert main(["bench", *given]) == 2
    said = capsys.readouterr()
    assert "is measured from a checkout of the project only" in said.err
    assert "Parts here: steps, memory, tasks, sharing, processes, toy, data, s1." in said.err
    assert said.out == ""


def test_a_checkout_measures_every_part_also_when_it_is_used_from_elsewhere(tmp_path):
    checkout = Path(parts.__file__).parents[2]
    code = (
        f"import sys; sys.path[:] = [p for p in sys.path if p not in ('', {str(checkout)!r})]\n"
        "from importlib.machinery import PathFinder\n"
        f"spec = PathFinder.find_spec('mtlviz', [{str(checkout)!r}])\n"
        "from importlib.util import module_from_spec\n"
        "sys.modules['mtlviz'] = found = module_from_spec(spec); spec.loader.exec_module(found)\n"
        "from mtlviz.bench import parts\n"
        "parts.check_parts(parts.PARTS)\n"
        "assert parts._client('lesson').Class and parts._client('app_speed').app_costs"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="another process's memory is read from /proc")
def test_the_app_and_a_class_are_measured_without_errors(tmp_path, capsys):
    file = tmp_path / "b.json"
    given = ["app", "class", "--students=2", "--seconds=3", "--rounds=1", f"--json={file}"]
    assert main(["bench", *given]) == 0
    assert "class:  30%" in capsys.readouterr().err
    tables = json.loads(file.read_text())["tables"]
    assert all(table["missing"] == [] for table in tables)
    app, *class_ = ({row["name"]: row for row in table["rows"]} for table in tables)
    assert {"Start, first visitor", "Data, later visitor"} <= set(app)
    assert all(0 < row["median"] < 60_000 for row in app.values())
    for deeds, (answers, work, memory) in ((RUN, class_[:3]), (IN_CLASS, class_[3:])):
        for name in (way for deed in deeds for way in (deed.spread, deed.together)):
            assert answers[name]["median"] > 0
            assert answers[name]["processor"] is not None
            assert work[name]["median"] > 0
        assert len(memory) == 2


@pytest.mark.slow
@pytest.mark.skipif("MTLVIZ_DATA" not in os.environ, reason="MTLVIZ_DATA names no data sets")
def test_the_course_reports_comparison_is_trained_to_its_end(monkeypatch):
    if not (Path(os.environ["MTLVIZ_DATA"]) / "cs224n_quora").exists():
        pytest.skip("MTLVIZ_DATA holds no cs224n_quora")
    whole = course.configured

    def cut(*given):
        config = whole(*given).changed_at("optimisation.epochs", 1)
        for task in range(3):
            for size in ("train_examples", "dev_examples", "examples_per_epoch"):
                config = config.changed_at(f"data.tasks.{task}.{size}", 32)
        return config

    monkeypatch.setattr(course, "configured", cut)
    shares = []
    table = course_costs(SMALL, "", True, shares.append)
    rows = {row.name: row for row in table.rows}
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert "random initial weights" in table.reading
    # 32 examples a task in batches of 16: two joint updates, or six in turn.
    assert rows["classic"].note.startswith("2 updates; development scores at the end: sst 0.")
    assert rows["round robin"].note.startswith("6 updates")
    assert all(row.median > 0 for row in table.rows)
