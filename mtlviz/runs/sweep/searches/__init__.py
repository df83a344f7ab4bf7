"""Ways of searching: to add one, write a `Search` in a file of this folder and name it here."""

from mtlviz.runs.sweep.searches.learned import PARETO, TPE
from mtlviz.runs.sweep.searches.plain import GRID, RANDOM
from mtlviz.runs.sweep.searches.search import Search

SEARCHES: dict[str, Search] = {"grid": GRID, "random": RANDOM, "tpe": TPE, "pareto": PARETO}
