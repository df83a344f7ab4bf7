"""Contracts that every kind of task keeps; a new kind enters by itself."""

import ast
from pathlib import Path

import pytest

import mtlviz
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS

PACKAGE = Path(mtlviz.__file__).parent
# The toys know no kinds of task; one of their own words is also the name of a kind.
ELSEWHERE = [
    source
    for source in sorted(PACKAGE.rglob("*.py"))
    if "kinds" not in source.parts and "toy" not in {*source.parts, source.stem}
]


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def branches(source):
    """Lines that compare with, or look up by, the name of a kind."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare | ast.MatchValue):
            asked = list(ast.walk(node))
        elif isinstance(node, ast.Dict):
            asked = [key for key in node.keys if key is not None]
        else:
            continue
        if any(isinstance(part, ast.Constant) and part.value in KINDS for part in asked):
            yield f"{source.name}:{node.lineno}"


def test_nothing_but_the_kinds_themselves_asks_what_kind_a_task_is():
    assert [line for source in ELSEWHERE for line in branches(source)] == []


def test_a_branch_on_a_kind_is_found(tmp_path):
    source = tmp_path / "module.py"
    source.write_text(f"if task.kind in ({next(iter(KINDS))!r}, 'x'):\n    pass\n")
    assert list(branches(source)) == ["module.py:1"]


def test_a_kind_says_what_it_is_in_words(kind):
    assert KINDS[kind.name] is kind
    for words in (kind.title, kind.help, kind.asks, kind.no_floor, kind.target_title):
        assert words
    assert kind.help.endswith(".")


def test_the_metrics_of_a_kind_are_known_and_the_first_fits_any_number_of_classes(kind):
    assert set(kind.metrics) <= set(METRICS)
    for classes in (0, 2, 5):
        assert kind.fitting(classes)[0] == kind.metrics[0]
