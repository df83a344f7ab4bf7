"""README, manual and CONTRIBUTING tell the truth: paths exist, commands and claims hold."""

import io
import re
import shlex
import tomllib
from contextlib import redirect_stdout, suppress
from pathlib import Path

import pytest

import mtlviz
from mtlviz.cli import COMMANDS, main
from mtlviz.engine.measures.transfer import OUTCOMES
from mtlviz.engine.presets import PRESETS
from mtlviz.lessons.catalogue import built_in
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.result_file import results
from mtlviz.runs.examples import packaged
from mtlviz.toy.presets import PRESETS as STORIES
from mtlviz.ui.pages import PAGES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "assets" / "manual.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
EVERYTHING = README + CONTRIBUTING + MANUAL
BLOCKS = re.findall(r"```\n(.*?)```", README, re.DOTALL)
SHOWN = [line.partition("#")[0].strip() for block in BLOCKS for line in block.splitlines()]
CALLS = [line for line in SHOWN if line.startswith("mtlviz ")]


def test_it_can_be_read():
    lines = README.splitlines()
    assert len(lines) <= 200
    assert max(map(len, lines)) <= 160
    assert len(re.findall(r"!\[", README)) == 3


def test_the_picture_of_compare_is_told_in_the_words_that_the_app_has_now():
    """Whoever changes them is told to take it anew: `python -m tests.benchmarks.pictures`."""
    for text in (README, MANUAL):
        (told,) = re.findall(r"!\[(Compare:[^\]]*)\]", text)
        marks = told.partition("marked ")[2].replace(" or ", " ").split(", ")
        now = [
            OUTCOMES[each].partition(" ")[2]
            for each in ("helps", "hurts", "undecided", "unchanged")
        ]
        assert [each.strip() for each in marks] == now


def test_every_linked_file_exists():
    for text, folder in ((README, ROOT), (MANUAL, ROOT / "assets")):
        targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
        assert targets, "there should be pictures"
        assert not [target for target in targets if not (folder / target).exists()]


def test_every_path_in_code_marks_exists():
    paths = re.findall(r"`((?:mtlviz|tests|assets|\.streamlit|\.ci)/[\w./-]*)`", EVERYTHING)
    assert len(paths) > 20
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_the_two_commands_are_possible():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "mtlviz" in project["scripts"]
    assert "test" in project["optional-dependencies"]
    assert "pip install -e . && mtlviz" in README
    assert 'pip install -e ".[test]" && pytest' in README
    assert project["version"] == mtlviz.__version__
    assert f"## {mtlviz.__version__} (" in CHANGELOG
    assert project["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in README


def test_every_page_is_described_and_no_other():
    for text in (README, MANUAL):
        rows = re.findall(r"^\| \*\*(.+?)\*\* \|", text, re.MULTILINE)
        assert sorted(rows) == sorted(page.title for page in PAGES if page.listed)


def test_every_command_of_the_shell_is_shown():
    known = {call.split()[1] for call in CALLS} - {"--help"}
    assert known <= set(COMMANDS)
    assert set(COMMANDS) - known <= {"app"}


def helped(*names):
    """What a command says of itself."""
    said = io.StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        main([*names, "--help"])
    return said.getvalue()


@pytest.mark.parametrize("call", CALLS)
def test_a_command_knows_its_subcommand_and_flags(call):
    _, name, *rest = shlex.split(call)
    if name == "--help":
        return
    own = helped(name)
    word = rest[0] if rest and rest[0].isalpha() else ""
    if word and re.search(rf"[{{,]{word}[,}}]", own):
        own = helped(name, word)
    for flag in (each for each in rest if each.startswith("--")):
        assert flag in own, f"{name} {word} has no {flag}"


def test_names_in_commands_are_known():
    for call in CALLS:
        words = shlex.split(call)
        if "--preset" in words:
            assert words[words.index("--preset") + 1] in PRESETS
        if words[1] == "replicate":
            assert words[2] in EXPERIMENTS
        if words[1:3] == ["runs", "open"]:
            assert words[3] in packaged()


def test_the_python_shown_is_the_interface():
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = set(re.findall(r"mtlviz\.(\w+)", block))
    assert names <= set(mtlviz.__all__)
    compile(block, "README.md", "exec")


@pytest.mark.slow
def test_the_commands_on_a_run_work_in_their_order_whatever_was_opened_before(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    (tmp_path / "mine.csv").write_text("text,label\na fine film,positive\na dull film,negative\n")
    assert main(["runs", "open", "built-in"]) == 0
    asked = [call for call in CALLS if "first" in shlex.split(call)]
    assert [call.split()[1] for call in asked] == [
        "train",
        "predict",
        "evaluate",
        "export",
        "mirror",
    ]
    for call in (*asked, *(call for call in CALLS if call.startswith("mtlviz runs "))):
        assert main(shlex.split(call)[1:]) == 0, call
    assert main(["predict", "3", "--text", "A fine film."]) == 2
    assert "recorded runs come without" in capsys.readouterr().err


def test_the_tour_finds_what_it_names():
    signs = {claim.arm: claim.sign for claim in STORIES["clouds"].signs}
    assert (signs[(0, 1)], signs[(0, 2)]) == ("helps", "hurts")
    assert packaged()


def test_lessons_are_counted():
    minutes = [lesson.minutes for lesson in built_in().values()]
    count = {10: "Ten", 11: "Eleven", 12: "Twelve", 13: "Thirteen"}[len(minutes)]
    assert f"{count} lessons of {min(minutes):.0f} to {max(minutes):.0f} minutes" in MANUAL


def test_results_stand_in_data_files_and_not_here():
    assert not re.search(r"\d ± \d|95 % interval \(", README)
    assert (ROOT / "mtlviz/replication/results/speed.json").exists()


NUMBERS = {
    "25": "tests/ui/test_studio.py: the button that starts them says so",
    "3.11": "pyproject.toml: requires-python, the python of most results",
    "3.12": "tried: the default tests and this tour from a wheel",
    "3.13": "tried",
    "2.11": "pyproject.toml: the oldest torch", "2.13": "pyproject.toml: below 2.14",
    "1": "a task's number",
}  # fmt: skip
"""Every number of README's prose, and what makes it."""


def test_no_number_stands_here_without_what_makes_it():
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", "", README, flags=re.DOTALL)
    prose = re.sub(r"^\d\. ", "", prose, flags=re.MULTILINE)
    assert set(re.findall(r"\d+(?:[.,]\d+)*", prose)) <= set(NUMBERS)


def test_times_in_words_are_measured_ones():
    rows = {row[0]: row for table in results()["speed"].tables for row in table.rows}
    name = "an example opened on Run, from the press to the first drawn chart"
    assert "recorded runs of real training, in a second or two" in " ".join(README.split())
    assert float(rows[name][1].split(" s ")[0]) <= 2
    minutes = [lesson.minutes for lesson in built_in().values()]
    assert "Lessons of ten to fifteen minutes" in README
    heading = (ROOT / "mtlviz/ui/pages/lessons/page.py").read_text(encoding="utf-8")
    assert "why: ten to fifteen minutes each" in heading
    assert 10 <= min(minutes) <= max(minutes) <= 15


def test_the_lack_of_gpu_figures_is_said_where_speed_stands():
    assert any("GPU figures are missing" in note for note in results()["speed"].notes)
    assert "GPU figures are missing" in MANUAL
    assert "No GPU was at hand" in README


def test_limits_are_still_true():
    from mtlviz.engine.combiners import COMBINERS

    assert not {"graddrop", "grad_drop"} & set(COMBINERS)
    machines = [result.machine.lower() for result in results().values()]
    assert not any("cuda" in each and "no cuda" not in each for each in machines)


def test_what_to_add_stands_in_contributing():
    assert "| to add | write | name it in |" in CONTRIBUTING
    for kind in ("combiner", "scheduler", "weighting", "encoder", "way of sharing", "kind of task",
                 "source of tasks", "page", "experiment"):  # fmt: skip
        assert re.search(rf"^\| an? {kind} \|", CONTRIBUTING, re.MULTILINE)
