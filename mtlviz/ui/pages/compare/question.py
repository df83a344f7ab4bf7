"""What is asked of a comparison before it is shown: whom training together helps, or how often."""

from mtlviz.ui.core.family_question import Asked, asked_of, mechanism, name_of
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns


def asked_of_comparison(compared: ComparedRuns) -> Asked | None:
    """The question; None where nothing was compared with training alone.

    Of one way of training it is that of its family, so that whoever answered that is asked no more.
    """
    if not compared.has_transfer:
        return None
    groups = [group.label for group in compared.together]
    found = {place: each.found for place, each in compared.transfers.items() if place[0] in groups}
    together = [run for run in compared.picked if not run.is_alone] or compared.picked
    first = together[0]
    told = mechanism(first.config)
    if len(groups) == 1:
        name = name_of([run.config for run in together], first.summary)
        return Asked(asked_of(name, {task: each for (_, task), each in found.items()}, told))
    known = {f"{task} · {label}": each for (label, task), each in found.items() if each is not None}
    name = "compare." + " ".join(str(run.id) for run in compared.runs)
    return Asked(asked_of(name, known, told, counted(len(known), "comparison")))
