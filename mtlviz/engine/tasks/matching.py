"""When two examples have the same text: case, blanks, punctuation and the order of a pair aside."""

from mtlviz.engine.tasks.task import Examples

Key = tuple[str, ...]


def normalised(text: str) -> str:
    """Lower-case letters and digits of a text; a text without any is kept as it is."""
    return "".join(filter(str.isalnum, text.lower())) or text.strip().lower()


def keys(examples: Examples) -> list[Key]:
    """One key per example, equal where texts match: one text, or the two of a pair in fixed order.

    A single sentence never matches a pair.
    """
    first = [normalised(text) for text in examples.first]
    if examples.second is None:
        return [(text,) for text in first]
    # Many questions share one paragraph: each distinct text is normalised once.
    known = {text: normalised(text) for text in set(examples.second)}
    return [
        (min(text, other), max(text, other))
        for text, other in zip(first, (known[text] for text in examples.second), strict=True)
    ]
