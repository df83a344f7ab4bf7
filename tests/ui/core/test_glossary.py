"""Every term means something, in one list that is a page and that the browser explains from."""

import re

import pytest

from mtlviz.ui.core.glossary import GLOSSARY, meanings
from mtlviz.ui.pages import PAGES, entry
from tests.ui.harness import opened, text


@pytest.mark.parametrize("term", GLOSSARY)
def test_every_term_is_explained_in_one_or_two_sentences(term):
    assert meanings()[term.lower()] == f"{term}: {GLOSSARY[term]}"
    assert GLOSSARY[term].endswith(".")
    assert len(GLOSSARY[term]) < 200


def test_forms_of_a_term_mean_the_same_and_no_form_is_within_a_word():
    assert meanings()["held-out"] == meanings()["held out"]
    assert meanings()["seeds"] == meanings()["seed"]
    assert all(form == form.lower() for form in meanings())


def test_the_list_is_a_page_that_the_bar_does_not_name():
    assert not entry("words").listed
    assert [page.name for page in PAGES if not page.listed] == ["words"]
    told = text(opened("words"))
    assert all(f"**{term}**: {meaning}" in told for term, meaning in GLOSSARY.items())


def test_terms_that_the_app_teaches_with_are_explained():
    wanted = "held out, seed, paired, capacity, shared direction, Gram matrix, Pareto set, transfer"
    assert set(re.split(", ", wanted)) <= set(GLOSSARY)


@pytest.mark.parametrize("page", ["start", "conflict_lab", "studio"])
def test_the_words_are_one_click_away_and_the_page_explains_where_it_uses_them(page, store):
    app = opened(page, {"frame.words": True})
    assert "**held out**: " in text(app)
    assert any("mtlvizWords" in each.proto.body for each in app.get("html"))
