"""What a visitor has chosen on the Replication page."""

from typing import ClassVar, Literal

from mtlviz.settings import Settings, setting
from mtlviz.ui.core.part import Part


class Shown(Settings):
    """Which source's tables are shown."""

    link_prefix: ClassVar[str] = "rep_"
    source: Literal["blog", "paper", "iyer", "sharma", "survey"] = setting(
        "iyer", "Source", "Whose tables and figures stand beside ours.",
        choices={
            "blog": "Wu, Zhang & Ré: blog", "paper": "Wu, Zhang & Ré: paper", "iyer": "Iyer",
            "sharma": "Sharma", "survey": "Torbarina et al.",
        },
    )  # fmt: skip


SHOWN = Part("replication", Shown)
PARTS = (SHOWN,)
