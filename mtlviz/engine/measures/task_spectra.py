"""Everything the Covariance lab knows of some tasks' embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import Spectrum, kept_rank, spectrum, truncated
from mtlviz.engine.measures.similarity import mean_cosines, normalised, similarity_matrix
from mtlviz.engine.measures.similarity_errors import half_similarities, similarity_errors

Array = NDArray[np.float64]
_ROUNDING = 1e-10


@dataclass(frozen=True, eq=False)
class Analysis:
    """Spectra and similarities of K tasks.

    Attributes:
        spectra: The whole spectrum of each.
        kept: How many directions of each equation 5 keeps.
        paper: Equation 5, (K, K).
        normalised: The same made 1 for identical tasks, (K, K).
        cosines: Mean cosine of two sentences, (K, K).
        errors: Standard errors of `normalised`, (K, K).
        halves: `normalised` between random halves of the tasks, (K, K).
    """

    spectra: tuple[Spectrum, ...]
    kept: tuple[int, ...]
    paper: Array
    normalised: Array
    cosines: Array
    errors: Array
    halves: Array


def analysed(
    rows: Sequence[NDArray[np.float32]], *, centred: bool, spectra: Sequence[Spectrum] | None = None
) -> Analysis:
    """Spectra and similarities of some tasks' embeddings.

    Args:
        rows: Embeddings of each task, (n, d).
        centred: Whether each task's mean is taken off.
        spectra: Their spectra, where they are known.
    """
    if spectra is None:
        spectra = [spectrum(each, centred=centred) for each in rows]
    paper = similarity_matrix([truncated(each) for each in spectra])
    return Analysis(
        spectra=tuple(spectra),
        kept=tuple(kept_rank(each.values) for each in spectra),
        paper=paper,
        normalised=normalised(paper),
        cosines=mean_cosines(rows),
        errors=similarity_errors(rows, centred=centred, generator=np.random.default_rng(0)),
        halves=half_similarities(rows, centred=centred, generator=np.random.default_rng(0)),
    )


def without_spread(found: Analysis, rows: Sequence[NDArray[np.float32]]) -> list[int]:
    """Tasks whose examples all have one embedding, but for rounding: there is no direction."""
    return [
        task
        for task, (each, points) in enumerate(zip(found.spectra, rows, strict=True))
        if each.values.sum() <= _ROUNDING * np.square(points, dtype=np.float64).sum(axis=1).mean()
    ]


def compared(found: Analysis) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The most and the least alike pair of tasks; None where no two can be compared."""
    rows, columns = np.triu_indices(len(found.spectra), k=1)
    values = found.normalised[rows, columns]
    if not np.isfinite(values).any():
        return None
    most, least = int(np.nanargmax(values)), int(np.nanargmin(values))
    return (int(rows[most]), int(columns[most])), (int(rows[least]), int(columns[least]))
