"""The interface for programs and notebooks: `import mtlviz` offers it, and loads it when used.

    run = mtlviz.train("default", {"seed": 1, "optimisation.combiner": "pcgrad"})
    run.scores["reviews"].value
    run.predict("reviews", ["A fine film."]).values
    mtlviz.compare([run, mtlviz.load(3)]).means

What is here stays: names and meanings change only with a new major version.
"""

from mtlviz.api.comparison import Comparison, compare
from mtlviz.api.run import Run, Score, load
from mtlviz.api.training import records, train

__all__ = ["Comparison", "Run", "Score", "compare", "load", "records", "train"]
