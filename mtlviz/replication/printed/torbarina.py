"""Torbarina et al.: a survey; it measures nothing, and proposes experiments."""

from mtlviz.replication.printed.table import Cell, PrintedSource, PrintedTable, set_to

_SHARED = (
    "ours alone: six real tasks on MiniLM, 20 updates, one step size for all ways: shows how the "
    "ways "
    "train and ranks none; mean score over the tasks"
)
_UNANSWERED = "an open question of the survey, with no number to reproduce"
TORBARINA = PrintedSource(
    "Torbarina et al.: Challenges and Opportunities of Using Transformer-Based Multi-Task Learning "
    "in NLP Through ML Lifecycle: A Survey",
    "arXiv 2308.08234, read as a summary, which has no tables and no figures",
    (
        PrintedTable(
            "Claims", "What sharing is said to bring", (
                Cell("memory of N tasks", "", "close to N times smaller", "reproduced",
                     "arithmetic", "memory/4 tasks on MiniLM",
                     "counting: N·|encoder| over |encoder| + heads; for adapters, which keep one "
                     "per task, Houlsby's own table saves 6.9 of 9", "of heads alone"),
                Cell("data efficiency", "", "few data suffice", "not comparable", "built-in-quick",
                     "classic − alone/letters",
                     "one built-in task with few examples: points over training it alone"),
                Cell("noise as augmentation", "", "noise helps", "not run",
                     note="a mechanism without a measurement")),
            experiment="built-in", example="built-in",
        ),
        PrintedTable(
            "First three experiments", "Proposed, without numbers", (
                Cell("shared encoder", "1", "–", "nothing printed", "sharing-quick", "hard/average",
                     f"{_SHARED}; each task alone stands in the results below"),
                Cell("adapters", "2", "–", "nothing printed", "sharing-quick",
                     "Pfeiffer adapters/average", _SHARED),
                Cell("hypernetwork", "3", "–", "nothing printed", "sharing-quick",
                     "Hypernetwork/average",
                     f"{_SHARED}; what a new task costs stands in the results below")),
            experiment="sharing", example="sharing",
        ),
        PrintedTable(
            "Next checks", "Proposed, without numbers", (
                set_to("related tasks to compare ways of sharing on", "3 to 5",
                       "ours: six, in the table above"),
                Cell("which measure of likeness finds good groups", "", "–", "nothing printed",
                     "groups", "groups/lookahead − all",
                     "ours: on planted families, groups by lookahead affinity less one encoder for "
                     "all, in points"),
                Cell("a benchmark of shifting distributions", "", "–", "nothing printed",
                     "continual-four", "sequential/forgetting",
                     "ours: four built-in tasks in turn, what is forgotten without a remedy, in "
                     "points")),
        ),
        PrintedTable(
            "Open questions", "What the survey leaves to others", (
                Cell("joint and continual learning in one model", "1", "–", "nothing printed",
                     note=f"{_UNANSWERED}; the Continual lab asks it of tasks in turn"),
                Cell("schedules and weights that lower interference", "2", "–", "nothing printed",
                     note=f"{_UNANSWERED}; Compare and Sweep set them side by side"),
                Cell("many tasks", "3", "–", "nothing printed",
                     note=f"{_UNANSWERED}; the example of thirty-two tasks shows what it costs")),
        ),
        PrintedTable(
            "Quick facts and confidence", "Of the summary itself", (
                set_to("reference count", "40", "of the summary, not of the survey"),
                set_to("confidence that memory is saved", "high", "a judgement"),
                set_to("confidence that few data suffice", "medium", "a judgement"),
                set_to("confidence that noise helps", "low", "a judgement")),
        ),
    ),
)  # fmt: skip
"""Its claims."""
