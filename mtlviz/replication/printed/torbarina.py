"""Torbarina et al.: a survey; it measures nothing, and proposes three experiments."""

from mtlviz.replication.printed.table import Cell, PrintedSource, PrintedTable

TORBARINA = PrintedSource(
    "Torbarina et al.: Challenges and Opportunities of Using Transformer-Based Multi-Task Learning "
    "in NLP Through ML Lifecycle: A Survey",
    "arXiv 2308.08234",
    (
        PrintedTable(
            "Claims", "What sharing is said to bring", (
                Cell("memory of N tasks", "", "close to N times smaller", "reproduced",
                     "arithmetic", "memory/4 tasks on MiniLM",
                     "counting: N·|encoder| over |encoder| + heads; for adapters, which keep one "
                     "per task, Houlsby's own table saves 6.9 of 9"),
                Cell("data efficiency", "", "no number", "not comparable", "built-in-quick",
                     "classic − alone/letters",
                     "one built-in task with few examples: points over training it alone"),
                Cell("noise as augmentation", "", "no number", "no number",
                     note="a mechanism without a measurement")),
            experiment="built-in", example="built-in",
        ),
        PrintedTable(
            "First three experiments", "Proposed, without numbers", (
                Cell("shared encoder against each task alone", "", "–", "no number",
                     note="the Capacity lab, and any run with its tasks alone"),
                Cell("adapters against a shared encoder", "", "–", "no number",
                     note="the Capacity lab's Ways of sharing"),
                Cell("hypernetwork and a new task", "", "–", "no number",
                     note="the Capacity lab's A new task")),
        ),
        PrintedTable(
            "Quick facts", "Of the survey itself", (
                Cell("reference count", "", "40", "no number", note="of a summary of the survey"),),
        ),
    ),
)  # fmt: skip
"""Its claims."""
