"""Every term of the app is explained in one place, and where it is used."""

import pytest

from mtlviz.ui.core.glossary import GLOSSARY, explained
from mtlviz.ui.pages import PAGES
from tests.ui.harness import opened, text


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_term_is_explained_where_it_is_first_used_and_only_there(term):
    said = explained(f"The {term} here, and the {term} there.")
    assert said.count("<abbr") == 1
    assert f'<abbr title="{GLOSSARY[term]}">{term}</abbr> here' in said
    assert '"' not in GLOSSARY[term]
    assert "<" not in GLOSSARY[term]


def test_other_forms_of_a_word_mean_the_same_and_parts_of_words_nothing():
    assert "<abbr" in explained("Held-out points.")
    assert "<abbr" in explained("Over 16 seeds.")
    assert "<abbr" not in explained("A headline, seedless and aloneness.")


@pytest.mark.parametrize("page", ["start", "toy_lab", "conflict_lab", "capacity_lab"])
def test_the_words_are_one_click_away(page):
    assert page in [entry.path for entry in PAGES]
    assert "**held out**: " in text(opened(page, {"frame.words": True}))
