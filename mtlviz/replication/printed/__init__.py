"""PRINTED: every table and figure of the sources, number by number."""

from mtlviz.replication.printed.iyer import IYER
from mtlviz.replication.printed.sharma import SHARMA
from mtlviz.replication.printed.table import (
    NOTHING,
    OUTCOMES,
    Cell,
    Outcome,
    PrintedSource,
    PrintedTable,
)
from mtlviz.replication.printed.torbarina import TORBARINA
from mtlviz.replication.printed.wu import WU_BLOG, WU_PAPER

PRINTED: dict[str, PrintedSource] = {
    "blog": WU_BLOG,
    "paper": WU_PAPER,
    "iyer": IYER,
    "sharma": SHARMA,
    "survey": TORBARINA,
}
"""By the name that links have for it."""

__all__ = ["NOTHING", "OUTCOMES", "PRINTED", "Cell", "Outcome", "PrintedSource", "PrintedTable"]
