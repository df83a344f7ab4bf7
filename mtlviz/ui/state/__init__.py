"""What a visitor has chosen on the Data page, on top of `session`."""

from mtlviz.ui.core.link import is_hidden, write_link
from mtlviz.ui.core.session import clicked, put, remember, set_widget, take, widget

__all__ = ["clicked", "is_hidden", "put", "remember", "set_widget", "take", "widget", "write_link"]
