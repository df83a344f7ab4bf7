"""Links of every page and every kind of setting, as the app's own functions write them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import PRESETS as EXPERIMENTS
from mtlviz.engine.presets import preset
from mtlviz.toy.alignment_settings import AlignmentConfig
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.capacity import CapacityToyConfig
from mtlviz.toy.config import CONTROLS, ToyConfig
from mtlviz.toy.landscapes.settings import WalkConfig
from mtlviz.toy.presets import PRESETS as TOYS
from mtlviz.toy.regression import RegressionConfig
from mtlviz.toy.reweighting import ReweightingConfig, within_tasks
from mtlviz.ui.pages import entry
from mtlviz.ui.pages.capacity import settings as capacity
from mtlviz.ui.pages.covariance.settings import CovarianceSettings
from mtlviz.ui.pages.studio import settings as studio

Link = tuple[str, str, Mapping[str, str]]
"""What the link is for, the path of its page, its parameters."""


def good_links() -> Iterator[Link]:
    """Links whose every value can be used."""
    for make in (_start, _toy, _conflict, _covariance, _capacity, _studio, _stored, _hiding):
        yield from make()
    for page in ("/toy_lab", "/conflict_lab", "/covariance_lab", "/capacity_lab", "/studio", "/run",
                 "/compare", "/data"):  # fmt: skip
        yield f"{page}: the address after a tour of every page", page, _tour()


def _start() -> Iterator[Link]:
    yield "start: nothing", "/", {}
    yield "start: lecture", "/", {"lecture": "1"}


def _toy() -> Iterator[Link]:
    for name, story in TOYS.items():
        yield f"toy: {name}", "/toy_lab", _of_toy(story.config, name)
        for control in ("t1.angle", "t2.x", "seed"):
            value = 0.1 + 0.2 if control != "seed" else 1234
            config = story.config.with_values({control: value})
            yield f"toy: {name}, another {control}", "/toy_lab", _of_toy(config, name)
    for key, values in _toy_values().items():
        for value in values:
            query = _of_toy(ToyConfig().with_values({key: value}))
            yield f"toy: {key}={value}", "/toy_lab", query
    config = ToyConfig().with_values({"tasks": 5, "t5.x": -2 / 3, "t4.angle": 179.99999})
    points = ((0, 1.25, -0.5, 1), (4, -9.99, 3.0, 0), (2, 0.0, 0.0, 0))
    painted = config.model_copy(update={"own_points": points})
    yield "toy: painted points on five tasks", "/toy_lab", _of_toy(painted)
    table = tuple((t, t + n / 3, n / 7, n % 2) for t in range(3) for n in range(4))
    owned = ToyConfig(source="table", own_points=table)
    yield "toy: rows of a table", "/toy_lab", _of_toy(owned)
    axes = {"map_across": "t3.direction", "map_up": "t1.points", "map_arm": "1+3", "target": "2"}
    yield "toy: axes of the map", "/toy_lab", axes
    yield "toy: target 3 of five", "/toy_lab", {"tasks": "5", "target": "5"}
    yield "toy: regression", "/toy_lab", {"story": "regression"}
    config = RegressionConfig(cosine=0.5, stretch=31.25)
    yield "toy: regression, changed", "/toy_lab", {
        "story": "regression", **config.query()
    }  # fmt: skip
    yield from _each_field(
        "toy: reg.", "/toy_lab", RegressionConfig,
        lambda config: {"story": "regression", **config.query()},
        {name: RegressionConfig.model_fields[name] for name in RegressionConfig.parameters()},
    )  # fmt: skip


def _of_toy(config: ToyConfig, name: str = "clouds") -> dict[str, str]:
    return ({} if name == "clouds" else {"preset": name}) | config.query(TOYS[name].config)


def _toy_values() -> dict[str, list[Any]]:
    """Another value of every control of the first task and of the rest, and of every option."""
    rng = np.random.default_rng(1)
    found: dict[str, list[Any]] = {}
    for key, control in ToyConfig().controls().items():
        if not key.startswith(("t2.", "t3.")) and key != "source":
            drawn = rng.uniform(control.low or 0, control.high or 1)
            number = int(drawn) if control.kind == "int" else float(drawn)
            found[key] = list(control.offered())[1:] or [number]
    return found


def _each_field(
    name: str, page: str, model: type[BaseModel], link: Any, fields: Mapping[str, FieldInfo]
) -> Iterator[Link]:
    """A link for every field alone and three for all of them together, of random allowed values."""
    rng = np.random.default_rng(2)
    for field in fields:
        values = {field: _drawn(fields[field], rng)}
        yield f"{name}{field}", page, link(model(**values))
    for number in range(3):
        values = {field: _drawn(each, rng) for field, each in fields.items()}
        yield f"{name} all, {number}", page, link(model(**values))


def _drawn(field: FieldInfo, rng: np.random.Generator) -> Any:
    """An allowed value of a number or of a choice."""
    if get_origin(field.annotation) is Literal:
        return str(rng.choice(get_args(field.annotation)))
    limits = {k: getattr(m, k) for m in field.metadata for k in ("ge", "le") if hasattr(m, k)}
    low, high = limits["ge"], limits["le"]
    if field.annotation is int:
        return int(rng.integers(low, high + 1))
    return float(rng.uniform(low, high))


def _conflict() -> Iterator[Link]:
    for name in ARROW_PRESETS:
        yield f"conflict: {name}", "/conflict_lab", {} if name == "conflict" else {"conflict": name}
    third = 1 / 3
    for number, values in enumerate((
        {"arrows": ((1.25, -0.5), (0.0, 0.0), (-3.0, third)), "order": (2, 0, 1)},
        {"arrows": ((0.1 + 0.2, 1e-7), (-2.999999, 3.0))},
        {"gram": ((1.0, -0.3), (-0.3, third))},
        {"gram": ((1e-12, 0.0, 0.0), (0.0, 2e9, 1.0), (0.0, 1.0, 5.0)), "order": (1, 2, 0)},
        {"methods": ()},
        {"methods": ("nash", "upgrad")},
        {"match": True},
        {"order": (1, 0)},
        {"landscape": "nash", "walkers": ("famo",), "starts": ((-8.5, 7.5), (0.1, third))},
        {"walkers": ()},
        {"optimiser": "sgd", "steps": 1234, "rate": 0.0125},
        {"rate": 0.1 * third},
    )):  # fmt: skip
        model = ArrowsConfig if values.keys() <= ArrowsConfig.model_fields.keys() else WalkConfig
        name = f"conflict: {number}, {' '.join(values)}"
        yield name, "/conflict_lab", model().changed(**values).query()


def _covariance() -> Iterator[Link]:
    long = "https-like name/with 100% & signs"
    for values in (
        {"view": "alignment"}, {"view": "reweighting"}, {"tasks": ("built-in/reviews",)},
        {"tasks": ("data/mr", "data/größe", "mine/a b")}, {"folder": f"sets/{long}"}, {"n": 2000},
        {"encoder": "file", "vectors": "glove.6B.50d.txt"}, {"encoder": "table"},
        {"encoder": "checkpoint", "checkpoint": "bert-base-uncased", "layer": 0, "pooling": "cls"},
        {"encoder": "run", "run": 12, "place": "words", "moment": "cursor"}, {"around": "mean"},
        {"projection": "task", "along": 3}, {"projection": "tsne"}, {"projection": "umap"},
        {"seed": 2**31 - 1},
    ):  # fmt: skip
        config = CovarianceSettings().changed(**values)
        name = f"covariance: {' '.join(f'{k}={v}' for k, v in values.items())}"
        yield name, "/covariance_lab", config.query()
    yield from _each_field(
        "covariance: align.", "/covariance_lab", AlignmentConfig, AlignmentConfig.query,
        AlignmentConfig.model_fields,
    )  # fmt: skip
    yield from _each_field(
        "covariance: reweigh.", "/covariance_lab", ReweightingConfig,
        lambda config: within_tasks(config)[0].query(),
        ReweightingConfig.model_fields,
    )  # fmt: skip
    # More digits than the app itself writes.
    yield "covariance: all digits", "/covariance_lab", {
        "align.turn": repr(-10 / 3), "align.along": repr(0.1 + 0.2), "reweigh.noise": repr(1 / 3)
    }  # fmt: skip


def _capacity() -> Iterator[Link]:
    for model, values in (
        (capacity.Shown, {"view": "affinity"}), (capacity.Shown, {"measured": "text"}),
        (capacity.Shown, {"study": 7, "measured": "text"}), (capacity.Shown, {"run": 3}),
        (capacity.Shown, {"groups": 8}), (capacity.StudyForm, {"tasks": ("data/mr", "data/größe")}),
        (capacity.StudyForm, {"folder": "a/b c", "examples": 20}),
        (capacity.StudyForm, {"encoder": "transformer", "epochs": 200, "seeds": 10}),
        (capacity.StudyForm, {"widths": (1, 5, 1000)}),
    ):  # fmt: skip
        name = f"capacity: {' '.join(f'{k}={v}' for k, v in values.items())}"
        yield name, "/capacity_lab", model(**values).query()
    yield from _each_field(
        "capacity: toy ", "/capacity_lab", CapacityToyConfig, CapacityToyConfig.query,
        CapacityToyConfig.model_fields,
    )  # fmt: skip


def _studio() -> Iterator[Link]:
    for name in EXPERIMENTS:
        query = {} if name == "default" else {"experiment": name}
        yield f"studio: {name}", "/studio", query | studio.written(preset(name), name)
    for number, values in enumerate(STUDIO):
        config = preset("default")
        for place, value in values.items():
            config = config.changed_at(place, value)
        name = f"studio: {number}, {' '.join(values)}"
        yield name, "/studio", studio.written(config, "default")
    config = preset("sst2-mnli").changed_at("optimisation.learning_rate", 2e-5)
    query = {"experiment": "sst2-mnli", **studio.written(config, "sst2-mnli")}
    yield "studio: an experiment, changed", "/studio", query
    yield "studio: named tasks", "/studio", studio.written(_renamed(), "default")
    yield "studio: repeated and alone", "/studio", {"studio.seeds": "5", "studio.alone": "1"}


def _renamed() -> RunConfig:
    """Tasks whose names hold what links, lists and Markdown use as signs."""
    config = preset("default")
    names = ("Größe, laut & *klar*", "文本 [1]", "a=b?c#d%20", "1")
    tasks = [
        task.model_copy(update={"name": name, "label_noise": 1 / 3, "train_examples": 17})
        for task, name in zip(config.data.tasks, names, strict=True)
    ]
    return config.changed_at("data.tasks", tasks)


STUDIO: tuple[dict[str, Any], ...] = (
    {"seed": 2**31 - 1}, {"data.batch_size": 1024}, {"data.max_length": 4},
    {"data.drop_leaked": True}, {"data.tasks.1.label_noise": 1 / 3},
    {"data.tasks.0.train_examples": 50, "data.tasks.2.examples_per_epoch": 9},
    {"data.tasks.3.dev_examples": 10}, {"data.tasks.0.options": {"size": 3000}},
    {"data.tasks.0.head.layers": 3, "data.tasks.0.head.width": 7},
    {"data.tasks.3.head.pair": "joint", "data.tasks.3.head.fusion": "compare"},
    {"data.tasks.1.head.dropout": 0.123456789}, {"capacity.encoder": "lstm", "capacity.depth": 2},
    {"capacity.encoder": "transformer", "capacity.attention_heads": 8, "capacity.pooling": "cls"},
    {"capacity.encoder": "checkpoint", "capacity.checkpoint": "1234", "capacity.frozen_layers": 6},
    {"capacity.frozen": True}, {"capacity.width": 4096}, {"capacity.dropout": 0.1 + 0.2},
    {"capacity.vectors": "glove.6B.50d.txt", "capacity.vector_width": 50},
    {"capacity.train_vectors": False}, {"capacity.sharing": "separate"},
    {"capacity.sharing": "aligned"}, {"optimisation.scheduler": "round_robin"},
    {"optimisation.scheduler": "temperature", "optimisation.scheduler_options": {"temperature": 3}},
    {"optimisation.combiner": "pcgrad"},
    {"optimisation.combiner": "cagrad", "optimisation.combiner_options": {"c": 1 / 3}},
    {"optimisation.match_sum_norm": True}, {"optimisation.weighting": "uncertainty"},
    {"optimisation.weighting": "manual",
     "optimisation.weighting_options": {"weights": [1, 0.25, 1 / 3, 4]}},
    {"optimisation.epochs": 1000}, {"optimisation.max_updates": 30},
    {"optimisation.learning_rate": 1e-5 / 3, "optimisation.head_learning_rate": 0.003},
    {"optimisation.weight_decay": 0.0}, {"optimisation.warmup": 0.987654321},
    {"optimisation.decay": "cosine"}, {"optimisation.clip_norm": None},
    {"optimisation.accumulate": 4}, {"optimisation.precision": "bfloat16"},
    {"optimisation.gradient_precision": "bfloat16"}, {"optimisation.gradient_checkpointing": True},
    {"optimisation.compile": True}, {"optimisation.patience": 3}, {"probes.gram_every": 5},
    {"probes.planes_every": 0}, {"probes.examples_every": 2},
    {"probes.embeddings_every": 10, "probes.embeddings_examples": 2000},
    {"probes.affinity_every": 10}, {"probes.worked_example_every": 25},
    {"probes.evaluate_every": None}, {"device": "cpu"},
)  # fmt: skip


def _stored() -> Iterator[Link]:
    """Links of the pages of runs and of data."""
    for page, query in (
        ("/run", {"run": "3"}), ("/run", {"run": "3", "run_update": "0"}),
        ("/run", {"run_axis": "epoch"}), ("/run", {"run_axis": "time"}),
        ("/run", {"run_plane": "directions"}), ("/run", {"run_plane": "parameters"}),
        ("/run", {"run_plane": "pair", "run_pair": "2,4"}), ("/run", {"run_smoothing": "0"}),
        ("/run", {"run_smoothing": "100"}), ("/run", {"run": "999999999999999"}),
        ("/compare", {"runs": "1-4,7"}), ("/compare", {"runs": ""}), ("/compare", {"runs": "12"}),
        ("/compare", {"by": ""}), ("/compare", {"baseline": "alone"}),
        ("/compare", {"baseline": "separate"}),
        ("/compare", {"by": "optimisation.combiner,data.tasks[Gr%C3%B6%C3%9Fe%2C laut].head"}),
        ("/data", {"data_task": "data/größe"}), ("/data", {"data_folder": "my sets/a,b"}),
        ("/data", {"data_view": "leaks", "data_leaks": "data/mr|built-in/letters"}),
        ("/data", {"data_view": "add"}), ("/data", {"data_split": "dev", "data_page": "17"}),
        ("/data", {"data_label": "very positive", "data_words": "100 % & more"}),
    ):  # fmt: skip
        yield f"{page[1:]}: {' '.join(f'{k}={v}' for k, v in query.items())}", page, query


def _hiding() -> Iterator[Link]:
    for page, names in (
        ("/toy_lab", (*entry("toy").hideable(), *CONTROLS)),
        ("/conflict_lab", entry("conflict").hideable()),
        ("/covariance_lab", (
            *(f"align.{name}" for name in AlignmentConfig.model_fields), "alignment", "alignment.*",
            *(f"reweigh.{name}" for name in ReweightingConfig.model_fields),
            "reweighting", "reweighting.*", "covariance.share",
        )),
        ("/capacity_lab", ("capacity.toy", "Capacity")), ("/compare", ("compare.scores",)),
        ("/run", ("run.examples", "run.moment")), ("/data", ("data.leaks", "DATA")),
        ("/studio", ("studio.optimisation.combiner", "optimisation.combiner", "probes.gram_every",
                     "data.batch_size", "capacity.width", "Data", "optimisation")),
    ):  # fmt: skip
        yield f"{page}: hide everything", page, {"hide": ",".join(names), "lecture": "1"}
    for part in entry("conflict").hideable():
        yield f"hide {part}", "/conflict_lab", {"hide": part}
    for section in entry("toy").hideable():
        yield f"hide {section}", "/toy_lab", {"hide": f" {section} , t1.angle,"}


def _tour() -> dict[str, str]:
    """The address bar after something was changed on every page."""
    config = preset("cs224n-pcgrad").changed_at("optimisation.learning_rate", 3e-5)
    return {
        **_of_toy(TOYS["clouds"].config.with_values({"t2.angle": -33.25, "combiner": "pcgrad"})),
        "target": "3", "map_across": "t3.angle",
        **RegressionConfig(noise=0.5).query(),
        **ArrowsConfig().changed(arrows=((1.5, 0), (-1, 0.25))).query(),
        **CovarianceSettings(n=150).query(),
        **AlignmentConfig(turn=-30).query(),
        **ReweightingConfig(noise=0.25).query(),
        **capacity.StudyForm(widths=(2, 3)).query(),
        **CapacityToyConfig(alike=0.5).query(),
        "experiment": "cs224n-pcgrad", **studio.written(config, "cs224n-pcgrad"),
        "studio.seeds": "3", "run": "4", "run_update": "17", "runs": "4,6-8", "by": "seed",
        "data_task": "data/mr", "data_page": "2", "hide": "curves,studio.seed", "lecture": "1",
    }  # fmt: skip
