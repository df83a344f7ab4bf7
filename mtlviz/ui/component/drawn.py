"""Tells whoever listens what the browser is sent to draw: a page's file is made from it."""

from collections.abc import Callable, Mapping
from typing import Any

Listener = Callable[[str, str, Mapping[str, Any]], None]
_LISTENERS: list[Listener] = []


def listen(listener: Listener) -> None:
    """Be told of every picture: the component, its key on the page, and what it draws."""
    _LISTENERS.append(listener)


def tell(component: str, key: str, data: Mapping[str, Any]) -> None:
    """Tell of a picture that is drawn now."""
    for listener in _LISTENERS:
        listener(component, key, data)
