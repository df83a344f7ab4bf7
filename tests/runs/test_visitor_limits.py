"""What one visitor may have at once."""

from dataclasses import fields

import pytest

from mtlviz.errors import ConfigError
from mtlviz.runs.visitor_limits import LIMITS, Limits, current_limits


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_as_many_as_allowed_and_no_more(name):
    most = getattr(Limits(), name)
    Limits().check(name, 0, most)
    Limits().check(name, most - 1)
    with pytest.raises(ConfigError, match=f"At most {most} .* and {most} do already, so this one"):
        Limits().check(name, most)
    with pytest.raises(ConfigError, match=f"At most {most} .* these {most + 1} were not begun"):
        Limits().check(name, 0, most + 1)


def test_the_owner_sets_other_limits(monkeypatch):
    monkeypatch.delenv(LIMITS, raising=False)
    assert current_limits() == Limits()
    monkeypatch.setenv(LIMITS, '{"waiting_runs": 20}')
    assert current_limits() == Limits(waiting_runs=20)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20", "must be an object"),
        ('{"runs": 1}', "Unknown limit 'runs'. Known: maps"),
        ('{"maps": 0}', "`maps` must be a whole number of at least 1"),
        ('{"maps": true}', "`maps` must be a whole number of at least 1"),
        ("{", "MTLVIZ_LIMITS is not valid JSON"),
    ],
)
def test_a_wrong_limit_is_one_sentence(monkeypatch, text, said):
    monkeypatch.setenv(LIMITS, text)
    with pytest.raises(ConfigError, match=said):
        current_limits()
