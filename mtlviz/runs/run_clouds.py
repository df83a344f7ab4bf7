"""A stored run as clouds of points: by its newest checkpoint, or as recorded while it trained."""

import hashlib
from dataclasses import asdict, dataclass

from mtlviz.engine.records import Snapshot
from mtlviz.runs.embedding_store import Clouds
from mtlviz.runs.failures import StoreError
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import newest_checkpoint, weights_mark


@dataclass(frozen=True)
class RunRequest:
    """Which embeddings of a run are wanted.

    Attributes:
        run: Number of the run.
        update: Those recorded last before this update; None for the newest checkpoint's model.
        count: Examples of each task, from a checkpoint.
        place: Where in the model: one of `engine.run_embeddings.PLACES`; recorded embeddings are
            always the encoder's output.
    """

    run: int
    update: int | None
    count: int
    place: str


def computed_clouds(store: Store, request: RunRequest) -> Clouds:
    """The embeddings a request asks for. Needs PyTorch for a checkpoint.

    Raises:
        StoreError: The run has no checkpoint, or recorded no embeddings.
        MtlvizError: Its data or its checkpoint cannot be read.
    """
    from mtlviz.engine.run_embeddings import recorded_embeddings, run_embeddings

    config = store.config(request.run)
    with store.in_directory(request.run):
        if request.update is not None:
            return recorded_embeddings(config, _snapshot(store, request.run, request.update))
        newest = newest_checkpoint(store, request.run)
        if newest is None:
            raise StoreError(f"Run {request.run} has no checkpoint to take embeddings from.")
        return run_embeddings(config, newest, request.count, request.place)


def recorded_updates(store: Store, run: int) -> list[int]:
    """Updates before which a run recorded embeddings."""
    query = "SELECT updates FROM records WHERE run = ? AND kind = 'snapshot' ORDER BY sequence"
    with store.connections.reading() as connection:
        return [row[0] for row in connection.execute(query, (run,))]


def request_key(store: Store, request: RunRequest) -> str:
    """Changes with the request, and with what the run has stored since."""
    text = repr((str(store.home), asdict(request), weights_mark(store, request.run)))
    return hashlib.sha256(text.encode()).hexdigest()


def _snapshot(store: Store, run: int, update: int) -> Snapshot:
    """The embeddings recorded last before an update."""
    found = [
        record
        for _, record in store.records(run, kinds=("snapshot",))
        if isinstance(record, Snapshot) and record.update <= update
    ]
    if not found:
        raise StoreError(f"Run {run} recorded no embeddings up to update {update}.")
    return found[-1]
