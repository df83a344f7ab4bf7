"""What the Covariance lab shows: which part of it, of what, and how it is looked at."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from mtlviz.engine.embedding_request import CheckpointEncoder, VectorEncoder
from mtlviz.engine.run_embeddings import PLACES
from mtlviz.errors import ConfigError
from mtlviz.settings import Settings, setting
from mtlviz.toy.alignment_settings import AlignmentConfig
from mtlviz.toy.reweighting import ReweightingConfig, within_tasks
from mtlviz.ui.core.part import Part

METHODS = {
    "pca": "PCA of all tasks",
    "task": "One task's own directions",
    "umap": "UMAP",
    "tsne": "t-SNE",
}
MOST_TASKS = 12
MOST_DIRECTIONS = 10
DEFAULT_TASKS = tuple(f"built-in/{name}" for name in ("reviews", "letters", "topics", "similarity"))
PREDICTORS = {
    "score": "similarity (eq. 5)",
    "normalised": "similarity, normalised",
    "cosine": "cosine of the mean vectors",
}
Example = tuple[int, int]
"""A task's number and the number of one of its examples."""


class CovarianceSettings(Settings):
    """Which tasks, which encoder, and how their points are looked at."""

    link_prefix: ClassVar[str] = "cov_"
    view: Literal["covariance", "alignment", "reweighting"] = setting(
        "covariance", "Part of the lab",
        choices={name: name.capitalize() for name in ("covariance", "alignment", "reweighting")},
    )  # fmt: skip
    tasks: tuple[str, ...] = setting(
        DEFAULT_TASKS, "Tasks",
        "Built in, below MTLVIZ_DATA, your own, or in the folder named below.", "Data",
        min_length=1, max_length=MOST_TASKS, visible=lambda now: now.encoder != "run",
    )  # fmt: skip
    folder: str = setting(
        "", "Folder of data sets", "A data set with a meta.json, or a folder of such data sets.",
        "Data", visible=lambda now: now.encoder != "run",
    )  # fmt: skip
    n: int = setting(
        200, "Examples of each task", "Examples of each task; one with fewer gives all it has.",
        "Data", low=20, high=2000, step=20,
    )  # fmt: skip
    around: Literal["origin", "mean"] = setting(
        "origin", "Spread around",
        "The paper measures spread around the origin, so that where a task lies counts too. Around "
        "each task's own mean only the shape of its cloud counts.", "Data",
        choices={"origin": "origin", "mean": "own mean"},
    )  # fmt: skip
    encoder: Literal["random", "file", "table", "checkpoint", "run"] = setting(
        "random", "Encoder", "What turns a text into a vector.", "Capacity",
        choices={
            "random": "Random word vectors", "file": "Word vectors from a file",
            "table": "A checkpoint's word vectors", "checkpoint": "Pretrained encoder",
            "run": "A stored run",
        },
    )  # fmt: skip
    vectors: str = setting(
        "", "File of word vectors (GloVe format)",
        "A text file with a word and its numbers on each line.", "Capacity",
        visible=lambda now: now.encoder == "file",
    )  # fmt: skip
    checkpoint: str = setting(
        "", "Pretrained encoder",
        "A local folder or a hub name of the BERT family (safetensors only).", "Capacity",
        visible=lambda now: now.encoder in ("table", "checkpoint"),
    )  # fmt: skip
    layer: int | None = setting(
        None, "Layer", "0 is the embedding layer; the last layer if empty.", "Capacity", low=0,
        high=48, visible=lambda now: now.encoder == "checkpoint",
    )  # fmt: skip
    pooling: Literal["mean", "cls"] = setting(
        "mean", "Pooling", "How a text's token vectors become one: their mean, or the first (CLS).",
        "Capacity", choices={"mean": "mean of tokens", "cls": "CLS"},
        visible=lambda now: now.encoder == "checkpoint",
    )  # fmt: skip
    run: int | None = setting(
        None, "Run", "The stored run whose model sees the texts.", "Capacity", low=1,
        visible=lambda now: now.encoder == "run",
    )  # fmt: skip
    moment: Literal["checkpoint", "cursor"] = setting(
        "checkpoint", "Moment",
        "The run's newest checkpoint, or what it recorded at the update looked at.", "Capacity",
        choices={
            "checkpoint": "its newest checkpoint", "cursor": "recorded at the update looked at"
        },
        visible=lambda now: now.encoder == "run",
    )  # fmt: skip
    place: Literal["outputs", "inputs", "words"] = setting(
        "outputs", "Place", "Where in the run's model the embeddings are taken.", "Capacity",
        choices=PLACES, visible=lambda now: now.encoder == "run" and now.moment == "checkpoint",
    )  # fmt: skip
    projection: Literal["pca", "task", "umap", "tsne"] = setting(
        "pca", "Projection", "How many dimensions become two.", choices=METHODS
    )
    along: int = setting(
        1, "Whose directions", "Whose directions, by number.", low=1, high=MOST_TASKS,
        visible=lambda now: now.projection == "task",
    )  # fmt: skip
    seed: int = setting(0, "Seed", "Decides the draw of examples.", low=0, high=2**31 - 1)

    @property
    def text_encoder(self) -> VectorEncoder | CheckpointEncoder | None:
        """What embeds the texts; None where a run's own model does.

        Raises:
            ConfigError: The file or checkpoint is not named yet.
        """
        if self.encoder == "random":
            return VectorEncoder()
        if self.encoder == "run":
            return None
        given = self.vectors if self.encoder == "file" else self.checkpoint
        if not given:
            what = "a file of word vectors" if self.encoder == "file" else "a checkpoint"
            raise ConfigError(f"Name {what} in the controls, under Capacity.")
        if self.encoder != "checkpoint":
            return VectorEncoder(vectors=given)
        return CheckpointEncoder(checkpoint=given, layer=self.layer, pooling=self.pooling)


class Marks(Settings):
    """Which examples are marked in the picture and listed below it."""

    link_prefix: ClassVar[str] = "cov_marks_"
    of: str = setting("", linked=False)
    words: str = setting(
        "", "Search the examples",
        "Examples whose text holds this are marked in the picture and listed below.", linked=False,
    )  # fmt: skip
    example: Example | None = setting(None, linked=False)
    listed: tuple[Example, ...] = setting((), linked=False)


class Detail(Settings):
    """Which two tasks are compared in detail, and which direction is read."""

    link_prefix: ClassVar[str] = "cov_detail_"
    first: int | None = setting(
        None, "First task", "At first the two tasks that are least alike.", linked=False
    )
    second: int | None = setting(
        None, "Second task", "At first the two tasks that are least alike.", linked=False
    )
    direction: int = setting(
        1, "Direction to read",
        "Which principal direction of the first task the sentences below show.", low=1,
        high=MOST_DIRECTIONS, linked=False,
    )  # fmt: skip


class Measured(Settings):
    """Which of the kept results on pairs of real tasks are shown."""

    link_prefix: ClassVar[str] = "align_measured_"
    cell: int = setting(
        0, "Measured with", "What the shared layer reads, and how wide it is.", linked=False
    )
    by: Literal["score", "normalised", "cosine"] = setting(
        "score", "Predicted by", "Taken before any training, from inputs alone.",
        choices=PREDICTORS, linked=False,
    )  # fmt: skip


class AlignmentRuns(Settings):
    """Which runs with alignment are made next."""

    link_prefix: ClassVar[str] = "align_runs_"
    base: Literal["built-in", "studio"] = setting(
        "built-in", "Tasks",
        "Folders of your own are chosen in the Studio; its scheduler, combiner and encoder are "
        "then used too.",
        choices={"built-in": "Built-in sentences", "studio": "The Studio’s tasks and encoder"},
        linked=False,
    )  # fmt: skip
    seeds: int = setting(
        3, "Seeds", "Each seed is one run of each way. One seed gives no interval.", low=1, high=10,
        linked=False,
    )  # fmt: skip
    group: int = setting(0, "Experiment", "Newest first.", low=0, linked=False)


class ReweightingRuns(Settings):
    """Which runs with reweighting are made next."""

    link_prefix: ClassVar[str] = "reweigh_runs_"
    noise: float = setting(
        0.2, "Random labels of reader 1",
        "Share of reader 1's training labels replaced by a coin's.", low=0, high=1, linked=False,
    )  # fmt: skip
    seeds: int = setting(
        3, "Seeds", "Each seed is one run of each weighting. One seed gives no interval.", low=1,
        high=10, linked=False,
    )  # fmt: skip
    group: int = setting(0, "Experiment", "Newest first.", low=0, linked=False)


STORIES: Mapping[str, tuple[str, AlignmentConfig]] = {
    "Start": (
        "The two tasks ask almost the same of clouds that lie across one another.",
        AlignmentConfig(),
    ),
    "Same question, other cloud": (
        "Both tasks follow one direction; only their clouds differ.",
        AlignmentConfig(angle=0, direction=75),
    ),
    "Turned by its labels": (
        "R₂ turns the source until its labels follow the target's direction.",
        AlignmentConfig(turn=-30),
    ),
    "Turned by its cloud": (
        "R₂ makes the clouds as similar as can be, labels or not.",
        AlignmentConfig(angle=0, turn=-75),
    ),
    "Two directions": (
        "Capacity 2 for two tasks: each keeps a direction of its own.", AlignmentConfig(capacity=2)
    ),
}  # fmt: skip
"""Settings of the two clouds worth seeing, and why."""
RENAMED = {
    "Turned to help": "Turned by its labels", "Turned to look alike": "Turned by its cloud",
    "Room for both": "Two directions",
}  # fmt: skip
"""Stories by the names that older links have, which told what they show."""

REWEIGHING_STORIES: Mapping[str, tuple[str, ReweightingConfig]] = {
    "Careless labels": (
        "Two tasks ask nearly the same and share one direction; most labels of task 1 are a "
        "coin's.", ReweightingConfig(),
    ),
    "Wide apart": (
        "The same, but the tasks ask for directions that lie far apart.",
        ReweightingConfig(angle=60),
    ),
    "Two for two": (
        "The tasks of the first story, and the shared module keeps two directions.",
        ReweightingConfig(capacity=2),
    ),
}  # fmt: skip
"""Settings of reweighting worth seeing, and why."""

COVARIANCE_STORIES: Mapping[str, CovarianceSettings] = {
    "Four tasks": CovarianceSettings(),
    "Four others": CovarianceSettings(
        tasks=tuple(f"built-in/{name}" for name in ("reviews", "topics", "answer", "maybe"))
    ),
    "Around their own means": CovarianceSettings(around="mean"),
}
"""Tasks worth comparing; a name tells nothing of what is found."""

COVARIANCE = Part(
    "covariance", CovarianceSettings, COVARIANCE_STORIES, preset_parameter="cov_story"
)
MARKS = Part("covariance.marks", Marks)
DETAIL = Part("covariance.detail", Detail)
ALIGN = Part(
    "align", AlignmentConfig, {name: config for name, (_, config) in STORIES.items()},
    preset_parameter="align.story", renamed=RENAMED,
)  # fmt: skip
MEASURED = Part("alignment.measured", Measured)
ALIGNMENT_RUNS = Part("alignment.runs", AlignmentRuns)
REWEIGH = Part(
    "reweigh", ReweightingConfig,
    {name: config for name, (_, config) in REWEIGHING_STORIES.items()},
    preset_parameter="reweigh.story", settle=within_tasks,
)  # fmt: skip
REWEIGHTING_RUNS = Part("reweighting.runs", ReweightingRuns)
PARTS = (COVARIANCE, MARKS, DETAIL, ALIGN, MEASURED, ALIGNMENT_RUNS, REWEIGH, REWEIGHTING_RUNS)
