"""The Compare page in a lesson's file: who gains and who loses, of the runs that it shows."""

from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import link, run_records
from mtlviz.ui.core.scored_runs import readable
from mtlviz.ui.pages.compare import choice
from mtlviz.ui.pages.compare.compared_runs import compared_runs
from mtlviz.ui.pages.compare.transfer import headline, matrix


def shown() -> Shown | None:
    """What the page shows now; nothing where no run was compared with training alone."""
    if link.is_hidden("compare.transfer"):
        return Shown()
    known, _ = readable(run_records.store().runs())
    picked = choice.picked(known)
    compared = compared_runs(picked, known) if picked else None
    if compared is None or not compared.has_transfer:
        return None
    return Shown(headline(compared), {"matrix": Piece("chart", chart_data(**matrix(compared)))})
