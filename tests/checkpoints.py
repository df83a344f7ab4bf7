"""Tiny pretrained models for tests: the architectures of transformers, small, and a tokenizer."""

import json
from pathlib import Path

MARKS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]")
WORDS = 60
SMALL = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "emb_dim", "embedding_size"), 16),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers"), 2),
    **dict.fromkeys(("encoder_layers", "decoder_layers", "num_decoder_layers"), 2),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), 2),
    **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2),
    **dict.fromkeys(("num_key_value_heads", "num_experts", "num_local_experts"), 2),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "d_ff", "n_inner", "hidden_dim"), 32),
    **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim", "d_inner"), 32),
    **dict.fromkeys(("d_kv", "d_head", "head_dim", "attention_window"), 8),
    **dict.fromkeys(("max_position_embeddings", "n_positions"), 64),
    "vocab_size": WORDS,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "moe_intermediate_size": 16,
    "rotary_dim": 4,
    "block_sizes": [1, 1],
    "attention_types": [[["global", "local"], 1]],
}
"""Sizes by the names that the configurations of the architectures give them."""


def write_tokenizer(folder: Path, words: int = WORDS) -> None:
    """A tokenizer of so many tokens: marks, then w4, w5 and so on."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    known = [*MARKS, *(f"w{number}" for number in range(len(MARKS), words))]
    made = Tokenizer(WordLevel({word: n for n, word in enumerate(known)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    made.save(str(folder / "tokenizer.json"))
    names = zip(("pad_token", "cls_token", "sep_token", "unk_token"), MARKS, strict=True)
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", **dict(names)}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def write_model(folder: Path, kind: str = "bert", **sizes: object) -> object:
    """A model of random weights with its tokenizer, and the model itself as transformers has it.

    Raises:
        Exception: Whatever transformers raises where these sizes do not make a small model.
    """
    import torch
    from transformers import AutoConfig, AutoModel

    known = AutoConfig.for_model(kind).to_dict()
    chosen = {name: size for name, size in SMALL.items() if name in known}
    settings = AutoConfig.for_model(kind, **{**chosen, **sizes})
    with torch.device("meta"):
        count = sum(p.numel() for p in AutoModel.from_config(settings).parameters())
    if count > 3_000_000:
        raise ValueError(f"{count:,} parameters are not small.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = AutoModel.from_config(settings).eval()
    folder.mkdir(exist_ok=True)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return model
