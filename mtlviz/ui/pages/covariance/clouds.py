"""The tasks' embeddings with their texts, from wherever the settings say."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.embedding_request import (
    CheckpointEncoder,
    TaskTexts,
    VectorEncoder,
    content_key,
    drawn_texts,
)
from mtlviz.engine.measures.covariance import Spectrum, spectrum
from mtlviz.engine.measures.task_spectra import Analysis, analysed
from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.text_words import random_vectors, vocabulary, word_means
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.runs import embedding_jobs
from mtlviz.runs.embedding_store import kept_spectrum
from mtlviz.runs.helper import Progress
from mtlviz.runs.run_clouds import RunRequest, recorded_updates, request_key
from mtlviz.runs.store import Store
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.run_choice import CHOICE, follow_browser
from mtlviz.ui.core.run_estimates import catalogue
from mtlviz.ui.pages.covariance.settings import CovarianceSettings

Rows = NDArray[np.float32]
_TEXTS, _ANALYSES, _SPECTRA, _RUNS = Memo(64), Memo(8), Memo(24), Memo(8)


@dataclass(frozen=True, eq=False)
class Clouds:
    """Some examples of each task with their embeddings, which all have one width d.

    Attributes:
        keys: Of each task; changes with its texts or embeddings.
        texts: The examples of each task, K.
        rows: Their embeddings, (n, d) each.
    """

    keys: tuple[str, ...]
    texts: tuple[TaskTexts, ...]
    rows: tuple[Rows, ...]

    @property
    def key(self) -> str:
        """Changes with any task's texts or embeddings."""
        return joined_key(self.keys)

    @property
    def names(self) -> list[str]:
        """Names of the tasks; of equal ones, the later are numbered."""
        found: list[str] = []
        for each in self.texts:
            earlier = [other.name for other in self.texts[: len(found)]].count(each.name)
            found.append(f"{each.name} ({earlier + 1})" if earlier else each.name)
        return found


@dataclass(frozen=True, eq=False)
class Wanted:
    """Clouds that are there, or how to get them.

    Attributes:
        clouds: The clouds; None if they have to be computed first.
        work: Begins to compute them, telling how far it is.
        about: What would be computed, in words.
        key: Changes with what would be computed.
    """

    clouds: Clouds | None
    work: Callable[[], Iterator[Progress]] | None
    about: str
    key: str


def task_texts(choice: TaskChoice, count: int, seed: int) -> TaskTexts:
    """So many examples of a task.

    Raises:
        DataError: The task cannot be read.
    """

    def drawn() -> TaskTexts:
        return drawn_texts(load_task(choice.config, np.random.default_rng(seed)), count, seed)

    return _TEXTS.once((choice.fingerprint, count, seed), (), drawn)


def analysis(clouds: Clouds, centred: bool) -> Analysis:
    """Spectra and similarities of the tasks' embeddings."""

    def made() -> Analysis:
        pairs = zip(clouds.keys, clouds.rows, strict=True)
        spectra = [task_spectrum(key, centred, rows) for key, rows in pairs]
        return analysed(clouds.rows, centred=centred, spectra=spectra)

    return _ANALYSES.once((clouds.keys, centred), (), made)


def task_spectrum(key: str, centred: bool, rows: Rows) -> Spectrum:
    """One task's spectrum; a task that is added or taken away leaves those of the others."""

    def made() -> Spectrum:
        kept = kept_spectrum(run_records.store().home, key, centred)
        return spectrum(rows, centred=centred) if kept is None else kept

    return _SPECTRA.once((key, centred), (), made)


def wanted(settings: CovarianceSettings) -> Wanted:
    """The clouds that the settings ask for.

    Raises:
        MtlvizError: A task or a run cannot be read, or the encoder is not named yet.
    """
    encoder = settings.text_encoder
    if encoder is None:
        return _of_run(settings)
    chosen = chosen_tasks(settings)
    texts = tuple(task_texts(each, settings.n, settings.seed) for each in chosen)
    return _of_texts(texts, encoder, all(each.config.source == "synthetic" for each in chosen))


def chosen_tasks(settings: CovarianceSettings) -> list[TaskChoice]:
    """The tasks the settings name.

    Raises:
        ConfigError: One of them is not offered here.
    """
    offered = {each.key: each for each in catalogue(settings.folder).choices}
    missing = [key for key in settings.tasks if key not in offered]
    if missing:
        raise ConfigError(
            f"There is no task {missing[0]!r} here; choose others in the controls, under Data."
        )
    return [offered[key] for key in settings.tasks]


def _of_texts(
    texts: tuple[TaskTexts, ...], encoder: VectorEncoder | CheckpointEncoder, built_in: bool
) -> Wanted:
    home = run_records.store().home
    keys = tuple(content_key(each, encoder) for each in texts)
    key = joined_key(keys)
    number = sum(len(each) for each in texts)
    about = f"{number:,} texts".replace(",", "\u2009")
    if built_in and isinstance(encoder, VectorEncoder) and encoder.vectors == "random":
        rows = [built_in_means(each, encoder) for each in texts]
    else:
        rows = embedding_jobs.kept_embeddings(home, texts, encoder)
    if rows is None:
        return Wanted(None, partial(embedding_jobs.embed, home, texts, encoder), about, key)
    return Wanted(Clouds(keys, texts, tuple(rows)), None, about, key)


def built_in_means(texts: TaskTexts, encoder: VectorEncoder) -> Rows:
    """Mean word vectors of built-in sentences, at once and without another process.

    These sentences are lower-case words with blanks between, so that splitting at blanks gives the
    words that the tokenizer would give.
    """
    seconds = texts.second or ("",) * len(texts)
    words = [f"{one} {two}".split() for one, two in zip(texts.first, seconds, strict=True)]
    known = vocabulary(words)
    return word_means(words, known, random_vectors(known, encoder.width, encoder.seed))


def joined_key(keys: Sequence[str]) -> str:
    """One key of several."""
    return hashlib.sha256("".join(keys).encode()).hexdigest()


def _of_run(settings: CovarianceSettings) -> Wanted:
    store = run_records.store()
    request = _request(store, settings)
    key = request_key(store, request)
    found = _RUNS.once(key, (), lambda: embedding_jobs.kept_run_clouds(store, request))
    about = f"the development examples of run {request.run}"
    if found is None:
        _RUNS.forget(key)
        return Wanted(None, partial(embedding_jobs.embed_run, store, request), about, key)
    texts, rows = zip(*found, strict=True)
    widths = {each.shape[1] for each in rows}
    if len(widths) > 1:
        raise MtlvizError(f"The tasks of run {request.run} have embeddings of different widths.")
    keys = tuple(f"{key} {task}" for task in range(len(texts)))
    return Wanted(Clouds(keys, texts, rows), None, about, key)


def _check_recorded(store: Store, run: int, update: int) -> None:
    """Say at once, and not after starting a process, that there is nothing to show.

    Raises:
        ConfigError: The run recorded no embeddings up to this update.
    """
    if not any(recorded <= update for recorded in recorded_updates(store, run)):
        raise ConfigError(
            f"Run {run} recorded no embeddings up to update {update}; look at its newest "
            "checkpoint, or train with the Studio's setting Embeddings, every … updates."
        )


def _request(store: Store, settings: CovarianceSettings) -> RunRequest:
    if settings.run is None:
        raise ConfigError("Choose a stored run in the controls, under Capacity.")
    update = None
    if settings.moment == "cursor":
        run = store.run(settings.run)
        follow_browser(settings.run)
        same = CHOICE.now.run in (None, settings.run)
        cursor = CHOICE.now.update if same else None
        update = run.updates if cursor is None else cursor
        _check_recorded(store, run.id, update)
    return RunRequest(settings.run, update, settings.n, settings.place)
