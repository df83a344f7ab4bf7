"""What a visitor without a browser finds in an element of a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.served.messages import ALERT_ERROR


@dataclass(frozen=True)
class Control:
    """A field, slider or button.

    Attributes:
        kind: "number_input", "slider" or "button".
        id: Its name for the server.
        part: The part of the page that it runs again; empty for all of it.
    """

    kind: str
    id: str
    part: str

    def set(self, state: Any, value: float) -> None:
        """Write a value of the control into what is sent to the server."""
        state.fragment_id = self.part
        widget = state.widget_states.widgets.add(id=self.id)
        if self.kind == "button":
            widget.trigger_value = True
        elif self.kind == "slider":
            widget.double_array_value.data.append(value)
        else:
            widget.int_value = int(value)


def controls_in(delta: Any) -> Iterator[tuple[str, Control]]:
    """The field, slider or button that an element is, with its label."""
    for kind in ("number_input", "slider", "button"):
        if delta.new_element.HasField(kind):
            found = getattr(delta.new_element, kind)
            yield found.label, Control(kind, found.id, delta.fragment_id)


def errors_in(delta: Any) -> Iterator[str]:
    """What an element tells a visitor went wrong."""
    element = delta.new_element
    if element.HasField("exception"):
        yield f"{element.exception.type}: {element.exception.message}"
    if element.HasField("alert") and element.alert.format == ALERT_ERROR:
        yield element.alert.body
