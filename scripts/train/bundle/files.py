"""Reads and writes a bundle: a Marian model in Hugging Face form, static embeddings beside it."""

import json
import shutil
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from corpus.text import END
from translator.model import Marian, Shape

TOKENIZER_FILES = ("source.spm", "target.spm", "vocab.json")


def configuration(shape: Shape) -> dict:
    """`config.json` as `transformers` and rust-bert read it."""
    return {
        "architectures": ["MarianMTModel"],
        "model_type": "marian",
        "torch_dtype": "float16",
        "is_encoder_decoder": True,
        "d_model": shape.width,
        "vocab_size": shape.vocabulary,
        "decoder_vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "num_hidden_layers": shape.encoder_layers,
        "encoder_layers": shape.encoder_layers,
        "encoder_attention_heads": shape.heads,
        "encoder_ffn_dim": shape.inner,
        "encoder_layerdrop": 0.0,
        "decoder_layers": shape.decoder_layers,
        "decoder_attention_heads": shape.heads,
        "decoder_ffn_dim": shape.inner,
        "decoder_layerdrop": 0.0,
        "decoder_start_token_id": shape.padding,
        "pad_token_id": shape.padding,
        "bos_token_id": END,
        "eos_token_id": END,
        "forced_eos_token_id": END,
        "activation_function": "relu",
        "activation_dropout": 0.0,
        "attention_dropout": 0.0,
        "dropout": 0.0,
        "init_std": 0.02,
        "normalize_before": False,
        "normalize_embedding": False,
        "add_final_layer_norm": False,
        "add_bias_logits": False,
        "scale_embedding": True,
        "static_position_embeddings": True,
        "share_encoder_decoder_embeddings": True,
        "use_cache": True,
    }


def named_weights(model: Marian) -> dict[str, Tensor]:
    """All tensors of `model.safetensors`; rust-bert asks for the position tables by name."""
    weights = {f"model.{name}": weight for name, weight in model.state_dict().items()}
    weights["final_logits_bias"] = torch.zeros(1, model.shape.vocabulary)
    weights = {name: weight.half() for name, weight in weights.items()}
    # In full precision, as programs have them that compute them anew.
    weights["model.encoder.embed_positions.weight"] = model.positions
    weights["model.decoder.embed_positions.weight"] = model.positions.clone()
    return {name: weight.contiguous() for name, weight in sorted(weights.items())}


def write_translator(model: Marian, tokenizer: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        shutil.copyfile(tokenizer / name, folder / name)
    text = json.dumps(configuration(model.shape), indent=1)
    (folder / "config.json").write_text(text + "\n")
    safetensors.torch.save_file(
        named_weights(model), folder / "model.safetensors", {"format": "pt"}
    )


def read_translator(folder: Path) -> Marian:
    """The model of a bundle, its rounded weights in full precision."""
    config = json.loads((folder / "config.json").read_text())
    model = Marian(
        Shape(
            vocabulary=config["vocab_size"],
            width=config["d_model"],
            heads=config["encoder_attention_heads"],
            inner=config["encoder_ffn_dim"],
            encoder_layers=config["encoder_layers"],
            decoder_layers=config["decoder_layers"],
            positions=config["max_position_embeddings"],
        )
    )
    load_weights(model, folder)
    return model.eval()


def load_weights(model: Marian, folder: Path) -> None:
    """Takes the weights of a bundle, and its position table as rounded there."""
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    model.load_state_dict({name: weights[f"model.{name}"].float() for name in model.state_dict()})
    model.positions.copy_(weights["model.encoder.embed_positions.weight"])


def quantise(table: Tensor) -> tuple[Tensor, Tensor]:
    """Eight-bit rows, and the scale that takes each back."""
    scale = table.abs().amax(dim=1).clamp(min=1e-12) / 127
    return (table / scale[:, None]).round().to(torch.int8), scale


def write_embeddings(table: Tensor, folder: Path) -> None:
    rows, scale = quantise(table)
    tensors = {"embeddings.int8": rows, "embeddings.scale": scale}
    safetensors.torch.save_file(tensors, folder / "embeddings.safetensors")


def read_embeddings(folder: Path) -> Tensor:
    tensors = safetensors.torch.load_file(folder / "embeddings.safetensors")
    return tensors["embeddings.int8"].float() * tensors["embeddings.scale"][:, None]
