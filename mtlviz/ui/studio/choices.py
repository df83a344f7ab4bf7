"""What the Studio offers: experiments, encoders, ways of sharing, with a sentence on each.

The encoders and the sharing are classes of PyTorch, which the app's process does without, so their
sentences stand here; a test holds them to the registries.
"""

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.presets import preset
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks.reading import located
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.errors import DataError

ENCODERS = {
    "mean": "Average the word vectors, then apply linear layers with ReLU: fast, blind to word "
    "order.",
    "cnn": "Filters over 3, 4 and 5 neighbouring words; each keeps its strongest answer in the "
    "text.",
    "lstm": "Read the words in order with an LSTM; keep its last output, or the mean of all.",
    "transformer": "Attention over the words, trained from scratch: any width, depth and number of "
    "heads.",
    "checkpoint": "Start from a pretrained encoder: BERT, RoBERTa, DeBERTa, ModernBERT, "
    "ELECTRA and their kin.",
}
SHARING = {
    "separate": "Give every task an encoder of its own: single-task training, the baseline.",
    "hard": "Share the whole encoder; only the heads belong to single tasks.",
    "aligned": "Turn each task's word vectors by a matrix of its own before they enter the shared "
    "encoder.",
    "control": "Give each task as many extra parameters as alignment would, but where they align "
    "nothing.",
}
WITH_VARIANT = ("aligned", "control")
"""Ways of sharing that give each task parameters of its own."""
VARIANTS = {"joint": "trains as well", "fixed": "is kept as it is"}
METHODS: dict[str, dict[str, str]] = {
    "capacity.encoder": ENCODERS,
    "capacity.sharing": SHARING,
    "optimisation.scheduler": {name: spec.help for name, spec in SCHEDULERS.items()},
    "optimisation.weighting": {name: spec.help for name, spec in WEIGHTINGS.items()},
    "optimisation.combiner": {name: spec.help for name, spec in COMBINERS.items()},
}
"""One sentence on every method a choice offers, by the choice's place in the settings."""


def missing_data(experiment: str) -> tuple[str, ...]:
    """Names of the data sets that an experiment needs and this machine does not have."""
    missing = []
    for task in preset(experiment).data.tasks:
        try:
            if task.source != "synthetic":
                located(task.path)
        except DataError:
            missing.append(task.path)
    return tuple(missing)


def reason(missing: tuple[str, ...]) -> str:
    """Why an experiment cannot be run here, in one sentence."""
    return f"Needs {', '.join(missing)} in the folder that {DATA_FOLDER} names."
