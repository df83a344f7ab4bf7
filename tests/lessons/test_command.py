"""`mtlviz lesson`: lists lessons, checks one of one's own, and writes one as a file."""

import pytest

from mtlviz.cli import main
from mtlviz.lessons.catalogue import ORDER, source


def test_it_lists_every_lesson(capsys):
    assert main(["lesson"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ORDER)


def test_a_file_in_the_folder_that_is_no_lesson_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "good.yaml").write_bytes(source("conflict"))
    (folder / "none.yaml").write_text("title: [")
    elsewhere = source("conflict").replace(b"page: conflict", b"page: nowhere")
    (folder / "where.yaml").write_bytes(elsewhere)
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    assert main(["lesson"]) == 0
    told = capsys.readouterr()
    assert "own/good" in told.out
    assert "own/where" not in told.out
    assert "'none.yaml' is no valid YAML" in told.err
    assert "own/where: Step 1: there is no page 'nowhere'" in told.err


@pytest.mark.parametrize(("content", "sentence"), [
    (b"title: [", "is no valid YAML in line"),
    (source("conflict").replace(b"page: conflict", b"page: nowhere"), "there is no page 'nowhere'"),
    (source("conflict").replace(b"show: sum", b"shows: sum"), "has no parameter 'shows'"),
    (source("conflict").replace(b"show: sum", b"show: nobody"), "Step 1: "),
])  # fmt: skip
def test_what_is_wrong_with_a_lesson_of_ones_own_is_one_sentence(
    tmp_path, capsys, content, sentence
):
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    assert main(["lesson", str(file)]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_a_good_one_is_checked_printed_and_taken_home_but_overwrites_nothing(tmp_path, capsys):
    file = tmp_path / "mine.yaml"
    file.write_bytes(source("conflict"))
    assert main(["lesson", str(file)]) == 0
    assert "4 steps" in capsys.readouterr().out
    alive, paper = tmp_path / "alive.html", tmp_path / "paper.html"
    assert main(["lesson", str(file), "--out", str(alive)]) == 0
    assert main(["lesson", "conflict", "--paper", "--answers", "--out", str(paper)]) == 0
    assert "mv/lesson.js" in alive.read_text(encoding="utf-8")
    assert "What happens:" in paper.read_text(encoding="utf-8")
    assert main(["lesson", "conflict", "--out", str(paper)]) == 2
    assert main(["lesson", "nothing"]) == 2
    assert "exists already" in capsys.readouterr().err
