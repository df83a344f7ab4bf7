"""The command line: trains, resumes, reports and refuses in one sentence."""

import json

import pytest

from mtlviz import cli
from mtlviz.cli.progress import Progress, duration
from mtlviz.cli.report import Outcome, table
from mtlviz.engine import checkpoint
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.records import from_json

NAN = float("nan")


@pytest.fixture
def quick(tmp_path):
    """Flags of a run of about a second."""
    config = {
        "name": "quick",
        "data": {
            "batch_size": 8,
            "tasks": [
                {"name": "mood", "options": {"size": 32, "dev_size": 16}},
                {"name": "topic", "options": {"size": 32, "dev_size": 16, "asks": "topic"}},
            ],
        },
        "capacity": {"width": 8, "vector_width": 6},
        "optimisation": {"epochs": 2},
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(config))
    return ["train", "--config", str(path), "--device", "cpu"]


def run(capsys, *arguments):
    status = cli.main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_training_ends_with_a_table_and_files_that_can_be_read_again(quick, tmp_path, capsys):
    out = tmp_path / "out"
    status, text, progress = run(
        capsys, *quick, "--combiner", "pcgrad", "--out", str(out), "--with-stl"
    )
    assert status == 0
    assert "mood" in text
    assert "alone" in text
    assert "majority" in text
    assert "best so far" in progress
    config = RunConfig.from_file(out / "config.json")
    assert config.optimisation.combiner == "pcgrad"
    lines = (out / "records.jsonl").read_text().splitlines()
    kinds = [from_json(json.loads(line)).kind for line in lines]
    assert kinds.count("step") == 8
    assert kinds.count("evaluation") == 2
    result = json.loads((out / "result.json").read_text())
    assert result["tasks"] == ["mood", "topic"]
    assert set(result["single_task"]) == {"mood", "topic"}
    assert checkpoint.read(out / "checkpoint.safetensors").state["progress"]["update"] == 8


def test_a_run_stopped_in_the_middle_goes_on_and_writes_the_same_records(
    quick, tmp_path, capsys, monkeypatch
):
    def lines(folder):
        found = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
        return [{**line, "seconds": None} for line in found]

    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run(capsys, *quick, "--out", str(whole))[0] == 0

    from mtlviz.cli.output import RunFolder

    add, count = RunFolder.add, []

    def interrupted(folder, record):
        add(folder, record)
        count.append(record)
        if len(count) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(RunFolder, "add", interrupted)
    status, _, said = run(capsys, *quick, "--out", str(cut), "--save-every", "0")
    assert status == 130
    assert "--resume" in said
    assert len(lines(cut)) == 5
    status, text, _ = run(capsys, "train", "--out", str(cut), "--resume")
    assert status == 0
    assert lines(cut) == lines(whole)
    assert "8 updates" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--preset", "nope"], "Unknown preset 'nope'"),
        (["train", "--set", "optimisation.speed=1"], "no setting `optimisation.speed`"),
        (["train", "--set", "nonsense"], "--set needs PLACE=VALUE"),
        (["train", "--combiner", "magic"], "Unknown combiner 'magic'"),
        (["train", "--epochs", "many"], "`optimisation.epochs`"),
        (["train", "--config", "nowhere.json"], "Cannot read the settings in nowhere.json"),
        (["train", "--resume"], "name it with --out"),
        (["train", "--threads", "0"], "threads must be at least 1"),
        (["data", "check", "nowhere"], "no file or folder 'nowhere'"),
        (["data", "check", "x", "--option", "y"], "--option needs NAME=VALUE"),
        (["data", "list", "nowhere"], "There is no folder 'nowhere'"),
        (["fly"], "Unknown command 'fly'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_is_one_sentence_and_exit_code_2(arguments, words, capsys):
    status, text, said = run(capsys, *arguments)
    assert status == 2
    assert text == ""
    assert words in said
    assert "Traceback" not in said
    assert said.count("\n") == 1


def test_a_folder_that_holds_a_run_is_not_overwritten(quick, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "config.json").write_text("{}")
    status, _, said = run(capsys, *quick, "--out", str(out))
    assert status == 2
    assert "holds a run already" in said
    status, _, said = run(capsys, *quick, "--out", str(tmp_path / "empty"), "--resume")
    assert status == 2
    assert "holds no checkpoint" in said


def test_settings_can_be_shown_and_listed_without_training(quick, capsys):
    status, text, _ = run(capsys, *quick, "--set", "data.tasks.0.label_noise=0.25", "--show")
    assert status == 0
    assert RunConfig.from_json(text).data.tasks[0].label_noise == 0.25
    assert "optimisation.combiner" in run(capsys, "train", "--list-settings")[1]
    assert "cs224n-pcgrad" in run(capsys, "train", "--list-presets")[1]


def test_short_flags_and_checkpoint_reach_their_settings(capsys):
    _, text, _ = run(
        capsys, "train", "--preset", "cs224n-classic", "--checkpoint", "here", "--seed", "7",
        "--learning-rate", "2e-5", "--show",
    )  # fmt: skip
    config = RunConfig.from_json(text)
    assert config.capacity.checkpoint == "here"
    assert (config.seed, config.optimisation.learning_rate) == (7, 2e-5)


def test_the_command_alone_and_bare_flags_open_the_app(monkeypatch):
    opened = []
    monkeypatch.setattr("mtlviz.ui.launch.open_app", opened.append)
    assert [cli.main([]), cli.main(["app"]), cli.main(["--server.port", "1"])] == [0, 0, 0]
    assert opened == [[], [], ["--server.port", "1"]]


def test_help_and_version_need_nothing_heavy(capsys):
    assert "mtlviz train" in run(capsys, "--help")[1]
    assert run(capsys, "--version")[1].startswith("mtlviz ")


def test_data_lists_checks_and_finds_leaks(tmp_path, capsys, monkeypatch):
    rows = [f"sentence number {n} is {'good' if n % 2 else 'bad'},{n % 2}" for n in range(40)]
    csv = tmp_path / "mine.csv"
    csv.write_text("text,label\n" + "\n".join(rows) + "\n")
    status, text, _ = run(capsys, "data", "check", str(csv))
    assert status == 0
    assert "mine: classification" in text
    assert "No evaluation text occurs" in text
    broken = tmp_path / "set"
    broken.mkdir()
    (broken / "meta.json").write_text("[]")
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    listed = run(capsys, "data", "list")[1]
    assert "synthetic" in listed
    assert "describes no task" in listed
    assert run(capsys, "data", "leakage", "default")[0] == 0


def outcome(*scores):
    tasks = ("sst", "quora", "sts")
    return Outcome(
        tasks, ("accuracy", "accuracy", "pearson"), scores, (0.015, 0.003, 0.02),
        (0.253, 0.625, NAN), 100,
    )  # fmt: skip


def test_published_scores_stand_beside_ours_with_what_is_wrong_with_them():
    text = table(preset("cs224n-round-robin-quick"), outcome(0.45, 0.81, 0.83), {})
    sst, quora, sts = text.splitlines()[1:4]
    assert "0.504 [1]" in sst
    assert "0.747 [1]" in quora
    assert "0.608" in sts
    assert "[1] the printed row is almost surely column-swapped" in text
    assert "other encoder, data or budget" in text


def test_what_has_no_number_is_a_dash_not_a_zero():
    text = table(preset("default"), outcome(0.45, NAN, 0.83), {"sst": (0.5, 0.015)})
    sst, quora, sts = text.splitlines()[1:4]
    assert "-0.050 ± 0.021" in sst
    assert quora.split()[2] == "–"
    assert sts.endswith("–")


class Terminal:
    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_the_bar_shows_done_total_and_time_left(monkeypatch):
    clock = iter([0.0, 30.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    bar = Progress(["a"], total=100, done=20, stream=Terminal())
    # 30 seconds for 30 updates, 50 to go.
    assert "] 50/100  0:50 left" in bar.line(50)


def test_durations_are_minutes_or_hours():
    assert [duration(5), duration(65.4), duration(3725)] == ["0:05", "1:05", "1 h 02 min"]
