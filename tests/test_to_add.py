"""CONTRIBUTING's "to add" table: one file and one line make a method known everywhere.

Each throw-away module is written to a folder, and entered into its registry by one line. What then
must know it without being told: help, options, the shell's listing, the check before a run is
stored, the estimate, the tests that every entry passes, and training itself.
"""

import dataclasses
import importlib.util
import json
import textwrap

import numpy as np
import pytest
import torch

from mtlviz.cli.listing import described
from mtlviz.engine.choices import check_choices
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.config import TaskConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.sizes import model_size
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.records import StepRecord
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks import TASKS, load_task
from mtlviz.engine.train import start, train
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.errors import ConfigError
from mtlviz.figures.conflicts import METHOD_LOOKS, method_look
from tests.engine import test_choices, test_kinds, test_ranks, test_schedulers, test_train
from tests.engine.combiners import test_combiner_properties
from tests.engine.continual import test_continual_methods
from tests.engine.tasks import test_loading
from tests.engine.weightings import test_weighting_contract

NAME = "throw_away"


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of method: where it is registered, where settings name it, and a module of it.

    Attributes:
        registry: Where its entries are.
        place: The setting that names one.
        entry: What the module's file defines.
        option: An option of it: name, default as the listing shows it, help, a value that is wrong.
        source: The file.
    """

    registry: object
    place: str
    entry: str
    option: tuple[str, str, str, object] | None
    source: str


COMBINER = Kind(
    COMBINERS,
    "optimisation.combiner",
    "tenth",
    ("part", "0.1", "Share of the sum that is taken.", 2.0),
    '''
    """A share of the plain sum."""
    import numpy as np
    from mtlviz.engine.combiners.combination import from_weights
    from mtlviz.methods import Share, titled

    @titled("Tenth")
    def tenth(gram, generator, *, part: Share = 0.1):
        """Take a share of the plain sum: the sum at a smaller learning rate.

        Args:
            part: Share of the sum that is taken.

        Reference:
            None: made up.
        """
        return from_weights(np.full(gram.shape[:-1], part))
    ''',
)
SCHEDULER = Kind(
    SCHEDULERS,
    "optimisation.scheduler",
    "backwards",
    ("start", "0", "Rounds left out.", -1),
    '''
    """Turns from the last task to the first."""
    from typing import Annotated
    from pydantic import Field
    from mtlviz.engine.schedulers import Schedule, round_robin

    def backwards(batches, epochs, generator, *, start: Annotated[int, Field(ge=0)] = 0):
        """Tasks take turns from the last to the first.

        Args:
            start: Rounds left out.
        """
        found = round_robin(batches, epochs, generator)
        return Schedule(found.due[:, ::-1], found.epoch)
    ''',
)
WEIGHTING = Kind(
    WEIGHTINGS,
    "optimisation.weighting",
    "Louder",
    ("loudness", "2.0", "How much more it counts.", "very"),
    '''
    """The first task counts more."""
    import numpy as np
    from mtlviz.engine.weightings.weighting import Weighting, adding_up
    from mtlviz.methods import AboveZero

    class Louder(Weighting):
        """Let the first task count more than the others.

        Args:
            loudness: How much more it counts.
        """

        constant = True

        def __init__(self, tasks: int, *, loudness: AboveZero = 2.0):
            self._weights = np.ones(tasks)
            self._weights[0] = loudness

        def weights(self, step):
            return adding_up(self._weights.copy(), len(self._weights))
    ''',
)
ENCODER = Kind(
    ENCODERS,
    "capacity.encoder",
    "Largest",
    None,
    '''
    """The largest entry of each place of the word vectors, then a linear map."""
    from mtlviz.engine.models.encoders.method import WordEncoderMethod, linear_size

    class Largest(WordEncoderMethod):
        """Keep the largest number of every place of the word vectors, then map it."""

        noun = "an encoder that keeps the largest"
        poolings = ("mean", "last")
        least_width = 2

        def size(self, config, inputs):
            return 0, linear_size(inputs, config.capacity.width)

        def parts(self, run, inputs, generator):
            from mtlviz.engine.models.initial import linear

            return {"map": linear(inputs, run.capacity.width, generator)}

        def encode(self, module, embedded, tokens):
            outside = ~tokens.mask.unsqueeze(2)
            return module.map(embedded.masked_fill(outside, -1e4).amax(1))
    ''',
)
SHARED = Kind(
    SHARING,
    "capacity.sharing",
    "Shifted",
    ("scale", "1.0", "Length of the shift.", 0),
    '''
    """A vector of each task is added to its texts."""
    from mtlviz.engine.models.sharing.method import SharingMethod
    from mtlviz.errors import ConfigError
    from mtlviz.methods import AboveZero

    class Shifted(SharingMethod):
        """Share the encoder, and add to every text a vector of its task.

        Args:
            scale: Length of the shift.
        """

        own = ("shifts",)

        def __init__(self, *, scale: AboveZero = 1.0):
            self.scale = scale

        def check(self, config, kinds=()):
            if config.capacity.encoder == "cnn":
                raise ConfigError("The shift does not fit the cnn encoder.")

        def extra(self, inputs, outputs):
            return outputs

        def parts(self, encoder, tasks, generator):
            import torch
            from torch import nn

            shifts = (torch.zeros(encoder.output_width) for _ in range(tasks))
            return {"shifts": nn.ParameterList(shifts)}

        def leave(self, module, task, encoded):
            return encoded + self.scale * module.shifts[task]
    ''',
)
SOURCE = Kind(
    TASKS,
    "data.tasks.0.source",
    "parity",
    ("size", "24", "Training sentences.", "many"),
    '''
    """Sentences of one word, and whether it has an even number of letters."""
    from typing import Annotated
    import numpy as np
    from pydantic import Field
    from mtlviz.engine.tasks.task import Examples, Task

    def parity(name, path, *, size: Annotated[int, Field(ge=8)] = 24):
        """Ask whether a word has an even number of letters.

        Args:
            size: Training sentences.
        """
        def split(start, count):
            numbers = range(start, start + count)
            words = tuple("a" * (number % 7 + 1) + f" {number}" for number in numbers)
            labels = np.array([number % 2 for number in numbers])
            return Examples(tuple(map(str, numbers)), words, None, labels)

        splits = {"train": split(0, size), "dev": split(size, 16)}
        return Task(name, "classification", ("odd", "even"), "accuracy", splits, "Made up.")
    ''',
)
AGAINST_FORGETTING = Kind(
    CONTINUAL,
    "continual.method",
    "rehearse",
    ("kept", "4", "Examples kept of each old task.", 0),
    '''
    """A handful of each old task."""
    from typing import Annotated
    from pydantic import Field
    from mtlviz.engine.continual.recipe import Recipe
    from mtlviz.methods import titled

    @titled("Rehearse")
    def rehearse(*, kept: Annotated[int, Field(ge=1)] = 4):
        """Train on a handful of each old task, the same at every update.

        Args:
            kept: Examples kept of each old task.
        """
        return Recipe(examples=kept)
    ''',
)
METHODS = {"combiner": COMBINER, "scheduler": SCHEDULER, "weighting": WEIGHTING,
           "encoder": ENCODER, "sharing": SHARED, "source": SOURCE,
           "against forgetting": AGAINST_FORGETTING}  # fmt: skip


def added(kind, folder, monkeypatch):
    """Write the file, and add the one line."""
    found = getattr(module(folder, kind.entry.lower(), kind.source), kind.entry)
    monkeypatch.setitem(kind.registry.methods, NAME, found)


def module(folder, name, source):
    """A throw-away file, imported."""
    file = folder / f"{NAME}_{name}.py"
    file.write_text(textwrap.dedent(source), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(params=METHODS)
def kind(request, tmp_path, monkeypatch):
    found = METHODS[request.param]
    added(found, tmp_path, monkeypatch)
    return found


def chosen(kind, **options):
    """A tiny run with the throw-away method."""
    plain = test_train.config(max_updates=2, epochs=1)
    if kind is ENCODER:
        return plain.changed_at(kind.place, NAME)
    return plain.with_values({kind.place: NAME, place_of_options(kind): options})


def place_of_options(kind):
    """Where the options of such a method stand."""
    return "data.tasks.0.options" if kind is SOURCE else f"{kind.place}_options"


def test_its_help_and_options_are_known(kind):
    spec = kind.registry[NAME]
    assert spec.help.endswith(".")
    if kind.option:
        assert spec.option(kind.option[0]).help == kind.option[2]


def test_the_shell_lists_it_with_its_options(kind):
    lines = described().splitlines()
    assert any(NAME in line for line in lines)
    if kind.option:
        name, default, help_text, _ = kind.option
        assert any(line.strip() == f"{NAME}: {name} = {default} {help_text}" for line in lines)


def test_settings_are_checked_before_a_run_is_stored(kind):
    check_choices(chosen(kind))
    if kind.option:
        with pytest.raises(ConfigError, match=f"`{kind.option[0]}` of the {NAME} "):
            check_choices(chosen(kind, **{kind.option[0]: kind.option[3]}))
        with pytest.raises(ConfigError, match="has no option 'colour'"):
            check_choices(chosen(kind, colour=1))


def test_it_trains(kind):
    found = [record for record in train(chosen(kind)) if isinstance(record, StepRecord)]
    assert len(found) == 2
    assert all(np.isfinite(record.losses[record.due]).all() for record in found)


def test_the_estimate_knows_its_size(kind):
    config = chosen(kind)
    model = start(config).model
    counted = model_size(config, data_facts(config.data))
    assert counted.total == sum(parameter.numel() for parameter in model.parameters())
    assert counted.shared == sum(p.numel() for p in model.sharing.shared_parameters())


def test_a_combiner_passes_the_contract_and_has_a_look_of_its_own(tmp_path, monkeypatch):
    added(COMBINER, tmp_path, monkeypatch)
    laws = test_combiner_properties
    laws.test_weights_are_finite_on_nasty_gradients_and_add_up_from_the_coefficients(NAME)
    laws.test_a_batch_gives_what_its_problems_give_one_by_one(NAME)
    laws.test_one_task_alone_keeps_its_direction(NAME)
    laws.test_the_summary_is_one_sentence_for_a_person(NAME)
    laws.test_options_of_the_wrong_kind_are_refused_by_name(NAME)
    look = method_look(NAME)
    assert look.title == "Tenth"
    assert all((look.dash, look.marker) != (o.dash, o.marker) for o in METHOD_LOOKS.values())


def test_a_scheduler_passes_the_contract(tmp_path, monkeypatch):
    added(SCHEDULER, tmp_path, monkeypatch)
    test_schedulers.test_every_update_has_a_due_task_and_an_epoch_in_order(NAME)
    test_schedulers.test_one_task_alone_is_due_at_every_update_once_per_batch(NAME)


def test_a_weighting_passes_the_contract(tmp_path, monkeypatch):
    added(WEIGHTING, tmp_path, monkeypatch)
    laws = test_weighting_contract
    laws.test_weights_of_due_tasks_are_positive_and_finite_at_every_step(NAME)
    laws.test_weights_add_up_to_the_number_of_tasks(NAME)
    laws.test_a_resumed_weighting_goes_on_exactly_as_the_first_would(NAME, 23)


def test_an_encoder_says_its_poolings_and_least_width(tmp_path, monkeypatch):
    added(ENCODER, tmp_path, monkeypatch)
    test_choices.test_poolings_that_an_encoder_does_not_have_are_refused_and_the_others_build(NAME)
    test_ranks.test_every_encoder_is_the_same_by_two(NAME)
    config = chosen(ENCODER)
    check_choices(config.changed_at("capacity.pooling", "last"))
    with pytest.raises(ConfigError, match=r"cannot pool by 'cls'\. Known: last, mean"):
        check_choices(config.changed_at("capacity.pooling", "cls"))
    with pytest.raises(ConfigError, match=f"The {NAME} encoder needs a width of at least 2"):
        check_choices(config.changed_at("capacity.width", 1))


def test_a_sharing_starts_as_hard_sharing_and_says_which_encoders_fit(tmp_path, monkeypatch):
    added(SHARED, tmp_path, monkeypatch)
    test_ranks.test_every_way_of_sharing_is_the_same_by_two(NAME)
    config = chosen(SHARED)
    with pytest.raises(ConfigError, match="does not fit the cnn encoder"):
        check_choices(config.changed_at("capacity.encoder", "cnn"))
    ours, plain = start(config), start(config.changed_at("capacity.sharing", "hard"))
    for name, tensor in plain.model.sharing.state_dict().items():
        assert torch.equal(tensor, ours.model.sharing.state_dict()[name])


def test_a_source_gives_the_tasks_that_the_data_command_and_a_run_read(tmp_path, monkeypatch):
    added(SOURCE, tmp_path, monkeypatch)
    test_loading.test_every_source_says_what_it_is_and_names_its_options(NAME)
    test_choices.test_options_of_sources_are_refused_by_name_and_kind(NAME)
    found = load_task(TaskConfig(name="words", source=NAME), np.random.default_rng(0))
    assert [len(found.splits[split]) for split in ("train", "dev")] == [24, 16]
    assert found.origin == "Made up."


def test_a_method_against_forgetting_passes_the_contract(tmp_path, monkeypatch):
    added(AGAINST_FORGETTING, tmp_path, monkeypatch)
    test_continual_methods.test_every_method_is_a_recipe_with_a_sentence_for_a_person(NAME)
    test_continual_methods.test_no_two_methods_are_the_same_recipe()
    test_ranks.test_every_method_against_forgetting_is_the_same_by_two(NAME)


KIND_OF_TASK = '''
    """A sentence in, how loud it is out."""
    from dataclasses import replace
    from mtlviz.engine.kinds.regression import REGRESSION

    LOUDNESS = replace(
        REGRESSION, name="throw_away", title="one sentence, its loudness",
        help="Says how loud a sentence is.", target="loudness", target_title="loudness",
    )
'''


def test_a_kind_of_task_passes_the_contract_and_is_read_and_trained(tmp_path, monkeypatch):
    loudness = module(tmp_path, "loudness", KIND_OF_TASK).LOUDNESS
    monkeypatch.setitem(KINDS, loudness.name, loudness)
    test_kinds.test_a_kind_says_what_it_is_in_words(loudness)
    test_kinds.test_the_metrics_of_a_kind_are_known_and_the_first_fits_any_number_of_classes(
        loudness
    )
    test_kinds.test_a_kind_is_found_by_what_the_label_column_holds(loudness)
    rows = "".join(f"the word {n} is said,{n / 16}\n" for n in range(16))
    (tmp_path / "train.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    meta = {"name": "voices", "task": NAME, "metric": "spearman", "score_range": [0, 1]}
    meta_json = json.dumps(meta | {"files": {"train": "train.csv"}})
    (tmp_path / "meta.json").write_text(meta_json, encoding="utf-8")
    task = {"name": "voices", "source": "folder", "path": str(tmp_path)}
    config = test_train.config(max_updates=2, epochs=1).changed_at("data.tasks", [task])
    steps = [record for record in train(config) if isinstance(record, StepRecord)]
    assert len(steps) == 2
    assert np.isfinite([record.losses for record in steps]).all()
