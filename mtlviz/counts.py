"""How many of what, as a person says it."""

import re


def grouped(number: int) -> str:
    """A whole number with thin spaces between its thousands."""
    return f"{number:,}".replace(",", "\u2009")


def plural(number: int, thing: str) -> str:
    """`update` of one; `updates`, `families`, `classes`, `epochs` of any other number."""
    if number == 1:
        return thing
    if re.search("[^aeiou]y$", thing):
        return f"{thing[:-1]}ies"
    return f"{thing}es" if re.search("(s|x|sh|[^o]ch)$", thing) else f"{thing}s"


def counted(number: int, thing: str) -> str:
    """`1 update`, `250 updates`, `4 families`."""
    return f"{grouped(number)} {plural(number, thing)}"
