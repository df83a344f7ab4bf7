"""A checkpoint's own tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mtlviz.engine.answer_places import longest_question
from mtlviz.engine.estimate.checkpoint_files import check_fit
from mtlviz.engine.estimate.shapes import read_shape
from mtlviz.engine.models.checkpoints import checkpoint_files
from mtlviz.engine.models.tokens import TokenRow, Window
from mtlviz.errors import CheckpointError


class CheckpointTokenizer:
    """Number the word pieces as a pretrained encoder was taught to.

    Args:
        checkpoint: A local folder or a hub name.

    Raises:
        CheckpointError: The checkpoint is missing, unsafe, or has no readable tokenizer.
        OfflineError: It must be fetched and cannot be.
    """

    def __init__(self, checkpoint: str) -> None:
        from transformers import AutoTokenizer

        self.checkpoint = checkpoint
        files = checkpoint_files(checkpoint)
        self._name = files.name
        rows = read_shape(files).table[0]
        files.check_tokenizer(rows)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                files.folder, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:
            raise CheckpointError(
                f"Checkpoint {files.name} has no tokenizer that can be read; a tokenizer.json, as "
                "transformers saves it, can be."
            ) from error
        if self._tokenizer.pad_token_id is None:
            raise CheckpointError(f"The tokenizer of checkpoint {files.name} has no padding token.")
        if len(self._tokenizer) <= len(set(self._tokenizer.all_special_ids)):
            raise CheckpointError(
                f"The tokenizer of checkpoint {files.name} knows no words; a tokenizer.json, as "
                "transformers saves it, would hold them."
            )
        check_fit(files.name, self.vocabulary_size, rows)

    @property
    def pad_id(self) -> int:
        """The checkpoint's padding number."""
        return self._tokenizer.pad_token_id

    @property
    def vocabulary_size(self) -> int:
        """Word pieces, special ones included."""
        return max(self._tokenizer.get_vocab().values()) + 1

    def encode(
        self, first: Sequence[str], second: Sequence[str] | None, max_length: int
    ) -> list[TokenRow]:
        """Number each text's word pieces, with the checkpoint's marks around them.

        Of a pair that is too long, the longer text is cut. See `Tokenizer.encode`.
        """
        if not first:
            return []
        encoded = self._tokenizer(
            list(first),
            None if second is None else list(second),
            truncation=True,
            max_length=max_length,
            return_attention_mask=False,
            return_token_type_ids=second is not None,
        )
        if second is None:
            return [TokenRow(ids or [self._nothing]) for ids in encoded["input_ids"]]
        pairs = zip(encoded["input_ids"], encoded["token_type_ids"], strict=True)
        return [TokenRow(ids, segments) for ids, segments in pairs]

    def save(self, folder: Path) -> None:
        """Write it into a folder, as `AutoTokenizer.from_pretrained` reads it."""
        self._tokenizer.save_pretrained(folder)

    @property
    def _nothing(self) -> int:
        """What stands for an empty text where the tokenizer puts no marks around it."""
        unknown = self._tokenizer.unk_token_id
        return self.pad_id if unknown is None else unknown

    def windows(
        self, questions: Sequence[str], paragraphs: Sequence[str], max_length: int, overlap: int
    ) -> list[Window]:
        """Question and piece of the paragraph, with the checkpoint's marks.

        See `Tokenizer.windows`; `overlap` is what the library calls `stride`.

        Raises:
            CheckpointError: The tokenizer does not say where its tokens stand in the text.
        """
        if not self._tokenizer.is_fast:
            raise CheckpointError(
                f"The tokenizer of checkpoint {self._name} does not say where a token "
                "stands in the text, which answer spans need."
            )
        most = longest_question(max_length, overlap)
        # Leading blanks of a question have no tokens of their own and confuse the cutting.
        cut = [self._cut(question.strip(), most) for question in questions]
        encoded = self._tokenizer(
            cut, list(paragraphs), truncation="only_second", max_length=max_length, stride=overlap,
            return_overflowing_tokens=True, return_offsets_mapping=True,
            return_attention_mask=False, return_token_type_ids=True,
        )  # fmt: skip
        owners = encoded["overflow_to_sample_mapping"]
        numbered = zip(owners, encoded["input_ids"], encoded["token_type_ids"], strict=True)
        located = zip(
            map(encoded.sequence_ids, range(len(owners))), encoded["offset_mapping"], strict=True
        )
        places = [
            [place if text == 1 else (0, 0) for text, place in zip(*each, strict=True)]
            for each in located
        ]
        return [Window(*each, at) for each, at in zip(numbered, places, strict=True)]

    def _cut(self, question: str, most: int) -> str:
        """The first tokens of a question, as text."""
        found = self._tokenizer(
            question, add_special_tokens=False, return_offsets_mapping=True,
            return_attention_mask=False, return_token_type_ids=False,
        )["offset_mapping"]  # fmt: skip
        return question if len(found) <= most else question[: found[most - 1][1]]
