"""Answering a question without learning: a name or a number near the question's own words."""

import re

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
_WORD = re.compile(r"\w+")
_NAME = r"(?:[A-Z][\w'’.-]*|\d[\d,.]*)"
_RUN = re.compile(rf"{_NAME}(?:\s+(?:(?:of|the|de|van|von|for|and)\s+)?{_NAME})*")
_YEAR = re.compile(r"(?:\d{1,2}\s+)?(?:[A-Z][a-z]+\s+(?:\d{1,2},?\s+)?)?\b(?:1\d|20)\d\d\b")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve)\b")
_COMMON = {
    *("a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "by", "with", "from"),
    *(
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "did",
        "do",
        "does",
        "into",
        "as",
        "s",
        "it",
        "its",
    ),
    *("what", "which", "who", "whom", "whose", "when", "where", "why", "how", "many", "much"),
    *("that", "this"),
}


def rule_answer(question: str, paragraph: str) -> str:
    """The longest name or number that the question lacks, of the sentence most like the question.

    A question with "when" gets a year, one with "how many" a number, where the sentence has one.
    """
    asked = {word for word in _words(question) if word not in _COMMON}
    sentences = _SENTENCE.split(paragraph)
    sentence = max(sentences, key=lambda each: len(asked & set(_words(each))))
    low = question.lower()
    for wanted, pattern in (("when", _YEAR), ("what year", _YEAR), ("how m", _NUMBER)):
        if wanted in low and (found := pattern.search(sentence)):
            return found.group().strip()
    runs = [run.group().rstrip(".,") for run in _RUN.finditer(sentence)]
    new = [run for run in runs if not set(_words(run)) & asked and run.lower() not in _COMMON]
    return max(new, key=len, default=sentence)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
