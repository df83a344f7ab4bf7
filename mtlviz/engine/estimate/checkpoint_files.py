"""The files of a pretrained model, looked at without torch or transformers and before any run."""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mtlviz.errors import CheckpointError, DamagedError

WEIGHTS = "model.safetensors"
SHARDS = f"{WEIGHTS}.index.json"
VOCABULARIES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "tokenizer.model",
    "spiece.model",
    "spm.model",
    "sentencepiece.bpe.model",
)
"""Any of these holds the words of a tokenizer."""
_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_HEADER, _LARGEST_JSON = 10**8, 2**26


@dataclass(frozen=True)
class CheckpointFiles:
    """The folder of a pretrained model.

    Attributes:
        folder: Where its files are.
        name: What messages call it, in quotes.
    """

    folder: Path
    name: str

    def state(self) -> tuple[tuple[str, int, int], ...]:
        """Names, sizes and times of its files: equal as long as none has changed."""
        states = ((file.name, file.stat()) for file in sorted(self.folder.iterdir()))
        return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)

    def settings(self) -> dict[str, Any]:
        """Its configuration, as config.json has it.

        Raises:
            CheckpointError: There is none that can be read.
        """
        return self._json("config.json")

    def weights(self) -> list[Path]:
        """The files of its weights: one, or all parts that the index names.

        Raises:
            CheckpointError: There are none in safetensors, or a part is missing.
        """
        if (self.folder / WEIGHTS).is_file():
            return [self.folder / WEIGHTS]
        if not (self.folder / SHARDS).is_file():
            raise CheckpointError(
                f"Checkpoint {self.name} holds no {WEIGHTS}: weights in pickle files (.bin, .pt) "
                "can run code and are refused; convert them to safetensors first."
            )
        places = self._json(SHARDS).get("weight_map")
        parts = set(places.values()) if isinstance(places, dict) else set()
        if not parts or not all(
            isinstance(part, str) and Path(part).name == part for part in parts
        ):
            raise DamagedError(f"{SHARDS} of checkpoint {self.name} names no files of weights.")
        for part in sorted(parts):
            if not (self.folder / part).is_file():
                raise CheckpointError(f"Checkpoint {self.name} lacks {part}, which holds weights.")
        return [self.folder / part for part in sorted(parts)]

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor of its weights, by name.

        Raises:
            CheckpointError: The weights cannot be read.
        """
        return dict(entry for file in self.weights() for entry in self._header(file))

    def check_tokenizer(self, rows: int) -> None:
        """Check that there is a tokenizer, and that each of its tokens has a vector.

        Args:
            rows: Vectors in the table.

        Raises:
            CheckpointError: If that is not so.
        """
        present = [name for name in VOCABULARIES if (self.folder / name).is_file()]
        if not present:
            raise CheckpointError(
                f"Checkpoint {self.name} has no tokenizer: its folder holds none of "
                f"{', '.join(VOCABULARIES)}; save there the tokenizer that it was trained with."
            )
        for name in present:
            self._check_pointer(self.folder / name)
        settings = "tokenizer_config.json"
        if (self.folder / settings).is_file():
            self.check_code(self._json(settings), settings)
        counts = {VOCABULARIES[0]: self._numbered, VOCABULARIES[1]: _lines}
        first = present[0]
        if first in counts:
            check_fit(self.name, counts[first](self.folder / first), rows)

    def check_code(self, settings: Mapping[str, Any], file: str) -> None:
        """Refuse a model or tokenizer that is defined by code in its own folder."""
        if settings.get("auto_map"):
            raise CheckpointError(
                f"Checkpoint {self.name} asks for code of its own (auto_map in {file}), which is "
                "not run here; choose a model that transformers itself knows."
            )

    def _numbered(self, file: Path) -> int:
        """One more than the largest token number of a tokenizer.json."""
        try:
            state = file.stat()
            return _token_numbers(file, state.st_mtime_ns, state.st_size)
        except Exception as error:
            raise DamagedError(
                f"{file.name} of checkpoint {self.name} is damaged: no tokenizer can be read."
            ) from error

    def _json(self, file: str) -> dict[str, Any]:
        place = self.folder / file
        try:
            self._check_pointer(place)
            with place.open("rb") as opened:
                found = json.loads(opened.read(_LARGEST_JSON))
        except (OSError, ValueError, RecursionError) as error:
            raise CheckpointError(
                f"Checkpoint {self.name} has no {file} that can be read."
            ) from error
        if not isinstance(found, dict):
            raise CheckpointError(f"The {file} of checkpoint {self.name} is no object.")
        return found

    def _header(self, file: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Name and shape of every tensor of a safetensors file.

        Reference:
            https://huggingface.co/docs/safetensors: 8 bytes of length, then a header in JSON.
        """
        self._check_pointer(file)
        try:
            with file.open("rb") as opened:
                (length,) = struct.unpack("<Q", opened.read(8))
                header = json.loads(opened.read(min(length, _LONGEST_HEADER)))
            entries = {key: entry for key, entry in header.items() if key != "__metadata__"}
            shapes = {key: tuple(map(int, entry["shape"])) for key, entry in entries.items()}
            end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
            missing = 8 + length + end - file.stat().st_size
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
                struct.error) as error:  # fmt: skip
            raise DamagedError(
                f"{file.name} of checkpoint {self.name} is damaged: its header cannot be read."
            ) from error
        if missing:
            what = f"{missing:,} bytes are missing" if missing > 0 else "it goes on after its end"
            raise DamagedError(f"{file.name} of checkpoint {self.name} is damaged: {what}.")
        yield from shapes.items()

    def _check_pointer(self, file: Path) -> None:
        if not file.is_file():
            return
        with file.open("rb") as opened:
            if opened.read(len(_POINTER)) == _POINTER:
                raise CheckpointError(
                    f"{file.name} of checkpoint {self.name} is a Git LFS pointer and not the file "
                    "itself: fetch it with `git lfs pull`."
                )


@lru_cache(64)
def _token_numbers(file: Path, changed: int, size: int) -> int:
    """One more than the largest token number of a tokenizer.json, read once in each state of it."""
    from tokenizers import Tokenizer

    return max(Tokenizer.from_file(str(file)).get_vocab().values(), default=-1) + 1


def _lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(1 for _ in opened)


def check_fit(name: str, tokens: int, rows: int) -> None:
    """Refuse a tokenizer that numbers more tokens than there are vectors.

    Raises:
        CheckpointError: If it does.
    """
    if tokens > rows:
        raise CheckpointError(
            f"The tokenizer of checkpoint {name} does not fit it: it numbers {tokens:,} tokens, of "
            f"which {rows:,} have a vector; give the model and the tokenizer that belong together."
        )
