"""The Reference page's entries are the registries', each with source, options and cost."""

import re

import pytest

from mtlviz.engine.choices import METHODS
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.reference import KIND, REGISTRIES, entries

WITHOUT_EQUATION = {"source"}
"""Data come from files: there is nothing to compute."""
EQUATION = re.compile(r"= [^\s]|[←Σ≥≤∝]|< 0|[−+] [\w(Σ]|\w\(\w|softmax|log p|\(ŷ − y\)²")


def test_every_registry_is_there():
    assert {id(each) for each in METHODS.values()} <= {id(each) for each in REGISTRIES.values()}
    assert KIND not in REGISTRIES


@pytest.mark.parametrize("noun", [*REGISTRIES, KIND])
def test_every_entry_says_what_it_does_and_every_option_what_it_means(noun):
    found = {each.name: each for each in entries(noun)}
    known = KINDS if noun == KIND else REGISTRIES[noun]
    assert list(found) == list(known)
    for each in found.values():
        assert each.title
        assert each.help.endswith((".", "?"))
        assert "{" not in each.cost
        assert each.cost
        assert each.source
        if noun != KIND:
            assert len(each.options) == len(known[each.name].options)
            assert each.source == known[each.name].source
            assert all(option.help for option in known[each.name].options)
        if noun not in WITHOUT_EQUATION:
            assert EQUATION.search(f"{each.help} {each.rule}"), each.name


def test_costs_are_counted():
    schedulers = {each.name: each.cost for each in entries("scheduler")}
    assert "4.0 tasks an update, 20 updates" in schedulers["joint"]
    assert "1.0 tasks an update, 200 updates" in schedulers["proportional"]
    sharing = {each.name: each.cost for each in entries("sharing")}
    assert "0 own parameters" in sharing["hard"]
    assert " 0 shared" in sharing["separate"]
    assert "backward pass" in next(e.cost for e in entries("combiner") if e.name == "sum")


def test_the_rule_ends_where_arguments_begin():
    rules = {each.name: each.rule for each in entries("combiner")}
    assert "(K − 1)! orders" in rules["pcgrad_all_orders"]
    assert "drawn anew" in rules["pcgrad"]
    assert not any("Reference:" in rule or "Args:" in rule for rule in rules.values())
