"""Names that people gave, in figures: Plotly would take tags in them for markup."""


def plain(name: str) -> str:
    """A name as Plotly text that shows exactly this text."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_template(name: str) -> str:
    """A name in a template, where Plotly also reads %{...}."""
    return plain(name).replace("%{", "% {")
