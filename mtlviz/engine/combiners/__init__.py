"""COMBINERS: from the due tasks' Gram matrix to one update. One file per method.

Every method is a map from inner products alone, which is what makes it cheap, exact to replay from
a stored step, and drawable without the gradients. GradDrop is left out: it masks single parameters,
so it needs the (K, P) gradients themselves. So do ConFIG's and trimmed means' exact forms.
"""

from mtlviz.engine.combiners.mgda import mgda
from mtlviz.engine.combiners.pcgrad import pcgrad
from mtlviz.engine.combiners.registry import Bound, bind
from mtlviz.engine.combiners.scalarization import mean, total
from mtlviz.errors import unknown_choice

# A function of (gram, generator[, losses]) and options, or a class that is one, made anew per run.
COMBINERS = {
    "sum": total,
    "mean": mean,
    "pcgrad": pcgrad,
    "mgda": mgda,
}


def make_combiner(name: str, **options: object) -> Bound:
    """The named combiner with its options set, ready for one run.

    Call it as `combiner(gram, generator)`, or with `losses=` for the methods that use them; the
    others ignore them. A problem whose Gram matrix is not finite gets weights that are not a
    number, and leaves the other problems of its batch alone.

    Raises:
        ConfigError: If the name or an option is unknown, or an option's value is not allowed.
    """
    if name not in COMBINERS:
        raise unknown_choice("combiner", name, COMBINERS)
    return bind(name, COMBINERS[name], options)


def summary(name: str) -> str:
    """One sentence on a combiner, for a help text: the first line of its docstring."""
    return (COMBINERS[name].__doc__ or "").strip().splitlines()[0]
