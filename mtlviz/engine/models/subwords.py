"""A checkpoint's own tokenizer."""

from __future__ import annotations

from collections.abc import Sequence

from mtlviz.engine.estimate.checkpoint_files import check_fit
from mtlviz.engine.estimate.shapes import read_shape
from mtlviz.engine.models.checkpoints import checkpoint_files
from mtlviz.engine.models.tokens import TokenRow
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

    @property
    def _nothing(self) -> int:
        """What stands for an empty text where the tokenizer puts no marks around it."""
        unknown = self._tokenizer.unk_token_id
        return self.pad_id if unknown is None else unknown
