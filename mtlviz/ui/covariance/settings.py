"""What the Covariance lab shows: one checked object, which is the form and the link."""

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mtlviz.engine.embedding_request import CheckpointEncoder, VectorEncoder
from mtlviz.errors import ConfigError

View = Literal["covariance", "alignment", "reweighting"]
Source = Literal["random", "file", "table", "checkpoint", "run"]
Method = Literal["pca", "task", "umap", "tsne"]

VIEWS: tuple[View, ...] = get_args(View)
SOURCES: dict[Source, str] = {
    "random": "Random word vectors",
    "file": "Word vectors from a file",
    "table": "A checkpoint's word vectors",
    "checkpoint": "Pretrained encoder",
    "run": "A stored run",
}
METHODS: dict[Method, str] = {
    "pca": "PCA of all tasks",
    "task": "One task's own directions",
    "umap": "UMAP",
    "tsne": "t-SNE",
}
MOST_TASKS = 12
DEFAULT_TASKS = tuple(f"built-in/{name}" for name in ("reviews", "letters", "topics", "similarity"))
PREFIX = "cov_"


class CovarianceSettings(BaseModel):
    """Which tasks, which encoder, and how their points are looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    view: View = "covariance"
    tasks: tuple[str, ...] = Field(
        DEFAULT_TASKS, min_length=1, max_length=MOST_TASKS, description="Tasks to compare."
    )
    folder: str = Field(
        "", description="A data set with a meta.json, or a folder of such data sets."
    )
    n: int = Field(
        200, ge=20, le=2000, description="Examples of each task; one with fewer gives all it has."
    )
    encoder: Source = Field("random", description="What turns a text into a vector.")
    vectors: str = Field("", description="A text file with a word and its numbers on each line.")
    checkpoint: str = Field(
        "", description="A local folder or a hub name of the BERT family (safetensors only)."
    )
    layer: int | None = Field(
        None, ge=0, le=48, description="0 is the embedding layer; the last layer if empty."
    )
    pooling: Literal["mean", "cls"] = Field(
        "mean", description="How a text's token vectors become one: their mean, or the first (CLS)."
    )
    run: int | None = Field(None, ge=1, description="The stored run whose model sees the texts.")
    place: Literal["outputs", "inputs", "words"] = Field(
        "outputs", description="Where in the run's model the embeddings are taken."
    )
    moment: Literal["checkpoint", "cursor"] = Field(
        "checkpoint",
        description="The run's newest checkpoint, or what it recorded at the update looked at.",
    )
    around: Literal["origin", "mean"] = Field(
        "origin",
        description="The paper measures spread around the origin, so that where a task lies counts "
        "too. Around each task's own mean only the shape of its cloud counts.",
    )
    projection: Method = Field("pca", description="How many dimensions become two.")
    along: int = Field(1, ge=1, le=MOST_TASKS, description="Whose directions, by number.")
    seed: int = Field(0, ge=0, lt=2**31, description="Decides the draw of examples.")

    @field_validator("tasks", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    def changed(self, **values: object) -> "CovarianceSettings":
        """The same settings with some of them changed.

        Raises:
            ConfigError: A value is not allowed.
        """
        try:
            return CovarianceSettings.model_validate({**self.model_dump(), **values})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = first["loc"][0] if first["loc"] else "setting"
            message = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
            raise ConfigError(
                f"`{PREFIX}{name}` {message[0].lower()}{message[1:]}, got {first['input']!r:.60}."
            ) from error

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


DEFAULT = CovarianceSettings()
PARAMETERS = tuple(f"{PREFIX}{name}" for name in CovarianceSettings.model_fields)


def from_query(parameters: Mapping[str, str]) -> tuple[CovarianceSettings, list[str]]:
    """The settings of a link, and one sentence for each value that cannot be used."""
    found, problems = DEFAULT, []
    for name in CovarianceSettings.model_fields:
        if f"{PREFIX}{name}" in parameters:
            try:
                found = found.changed(**{name: parameters[f"{PREFIX}{name}"]})
            except ConfigError as error:
                problems.append(str(error))
    return found, problems


def to_query(settings: CovarianceSettings) -> dict[str, str]:
    """The parameters that open these settings; what is as at the start is left out."""
    return {
        f"{PREFIX}{name}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in settings
        if value != getattr(DEFAULT, name)
    }
