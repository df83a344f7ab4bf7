"""Numbers of things as a person says them."""

from mtlviz.ui.words import grouped


def counted(number: int, thing: str) -> str:
    """`1 update`, `250 updates`."""
    return f"{grouped(number)} {thing}{'' if number == 1 else 's'}"
