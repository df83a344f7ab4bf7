"""Sharma's report: SST-2, MNLI and SQuAD in pairs (CS224N)."""

from mtlviz.engine.published_scores import F1_NOT_EM
from mtlviz.replication.printed.table import Cell, PrintedSource, PrintedTable, picture

_OTHER = (
    "another encoder, fewer examples: ours MiniLM with 4 of 6 layers kept and 128 examples a task "
    "in each epoch; theirs BERT-base on everything"
)
_CUT_FLAG, _F1_FLAG, _NLI_FLAG = "cut, not rounded", "F1, not EM", "of no one development set"
_NLI = (
    "the three figures fit no single development set: 83.311 fits the 9,815 matched pairs, 83.529 "
    "matched and mismatched together, 84.264 neither"
)


def _sst(row: str, printed: str, value: str, count: int) -> Cell:
    exact = f"{100 * count / 872:.3f}"
    cut = f"cut, not rounded: {count} of 872 is {exact}"
    note, flag = (_OTHER, "") if exact == printed else (f"{cut}; {_OTHER}", _CUT_FLAG)
    return Cell(row, "EM", printed, "not comparable", "halves-quick", value, note, flag)


SHARMA = PrintedSource(
    "Sharma: Understanding Multitask Learning with Transfer Learning",
    "CS224N report, Stanford",
    (
        picture("Figure 1", "BERT and three pairs of tasks"),
        picture("Figure 2", "One task against two"),
        PrintedTable(
            "Table 1", "SST-2", (
                _sst("SST-2", "90.825", "alone/glue_sst2", 792),
                _sst("SST-2 + MNLI", "93.577", "sst2-mnli together/glue_sst2", 816),
                _sst("SST-2 + SQuAD", "92.087", "sst2-squad phases/glue_sst2", 803)),
            ("The single-task 90.8 lies below the usual 92.3 ± 0.6, so a part of the gain is an "
             "under-trained baseline.",
             "One run each, unpaired: +2.75 is 2.1 standard errors, +1.26 is 0.9."),
            experiment="halves", example="halves",
        ),
        PrintedTable(
            "Table 2", "MNLI", (
                Cell("MNLI", "EM", "83.529", "not comparable", "halves-quick", "alone/mnli",
                     f"{_OTHER}; {_NLI}", _NLI_FLAG),
                Cell("MNLI + SST-2", "EM", "84.264", "not comparable", "halves-quick",
                     "sst2-mnli together/mnli", f"{_OTHER}; {_NLI}", _NLI_FLAG),
                Cell("MNLI + SQuAD", "EM", "83.311", "not comparable", "halves-quick",
                     "mnli-squad phases/mnli", f"{_OTHER}; {_NLI}", _NLI_FLAG)),
            ("+0.735 and −0.218 must not be read as effects: the rows were probably not scored on "
             "the same examples.",),
            experiment="halves", example="halves",
        ),
        PrintedTable(
            "Table 3", "SQuAD v1.1", (
                Cell("SQuAD", "EM", "87.398", "not comparable", "halves-quick", "alone/squad",
                     f"{F1_NOT_EM}; the usual F1 is 88.3 to 88.5; {_OTHER}", _F1_FLAG),
                Cell("SQuAD + SST-2", "EM", "88.135", "not comparable", "halves-quick",
                     "sst2-squad phases/squad", f"{F1_NOT_EM}; {_OTHER}", _F1_FLAG),
                Cell("SQuAD + MNLI", "EM", "–", "nothing printed", "halves-quick",
                     "mnli-squad phases/squad",
                     f"trained, but its score on questions is missing from the table; {_OTHER}",
                     "left out")),
            ("The text says of tables 2 and 3 as well that they are on SST-2: a slip.",
             "+0.74 of F1 is about 1.8 standard errors of one unpaired run.",),
            experiment="halves", example="halves",
        ),
        PrintedTable(
            "Sections 5 and 6", "What the report reads from its tables", (
                Cell("scores of pairs from different domains that rise", "", "two out of three",
                     "not comparable", "halves-quick", "sst2-squad phases − alone/glue_sst2",
                     "ours: points of SST-2 in phases over SST-2 alone; of six such differences "
                     "none can be told from zero. “Same domain helps, other domain less” does not "
                     "follow from the printed figures either", "the fourth score is left out"),
                Cell("pairs of one domain that gain", "", "all", "not comparable", "halves-quick",
                     "sst2-mnli together − alone/glue_sst2",
                     "there is one such pair; ours: points of SST-2 with MNLI over SST-2 alone",
                     "of one pair")),
            experiment="halves", example="halves",
        ),
        PrintedTable(
            "Section 3.2", "How pairs of different domains were trained", (
                Cell("share of questions before the switch", "", "50 %", "setting",
                     note="the preset sst2-squad-halves-quick does it"),
            ),
        ),
    ),
)  # fmt: skip
"""Its tables and figures."""
