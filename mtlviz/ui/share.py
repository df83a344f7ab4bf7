"""Links that carry every setting, and links for a class that hide what a lesson does not need."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st


def link(address: str, parameters: Mapping[str, str]) -> str:
    """The address of a page with these parameters and no others."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(parameters), ""))


def share_button(
    parameters: Mapping[str, str],
    omitted: str = "",
    *,
    parts: Mapping[str, str],
    key: str,
) -> None:
    """A button that opens the link of what is on screen, and the choices of a teacher's link.

    Args:
        parameters: What the address bar holds now.
        omitted: One sentence on what the link cannot carry, or an empty string.
        parts: What `hide=` may name, and what each is called.
        key: The widget's name in the session.
    """
    with st.popover("Share", help="A link that opens exactly this picture."):
        if omitted:
            st.warning(omitted)
        hidden = st.multiselect(
            "Hide in the link (for a class)",
            list(parts),
            key=key,
            format_func=lambda name: parts[name],
            help="Whoever opens the link does not see these parts: let the class guess first. The "
            "settings still hold.",
        )
        chosen = dict(parameters)
        if hidden:
            chosen["hide"] = ",".join(hidden)
        st.code(link(st.context.url or "", chosen), language=None, wrap_lines=True)
        st.caption("Copy it with the button at its right end.")
