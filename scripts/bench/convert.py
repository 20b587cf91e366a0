"""Writes a bundle of ours as a CTranslate2 model.

    convert.py BUNDLE MODEL

CTranslate2's own converter of Marian models begins translations with a row of zeros and drops the row of the piece that
starts them; ours is trained, so it is kept here. The weights are written in single precision; CTranslate2 makes eight bits
of them when it loads them.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec

KINDS = {"F16": np.float16, "F32": np.float32}
ACTIVATIONS = {"relu": common_spec.Activation.RELU, "swish": common_spec.Activation.SWISH}


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file by name, in single precision."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(body[start:end], KINDS[entry["dtype"]])
        weights[name] = values.reshape(entry["shape"]).astype(np.float32)
    return weights


class Filler:
    """Fills the parts of CTranslate2's model from the weights of a bundle."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights = weights

    def linear(self, spec, name: str, parts=("",)) -> None:
        names = [f"{name}.{part}".rstrip(".") for part in parts]
        spec.weight = np.concatenate([self.weights[f"{part}.weight"] for part in names])
        spec.bias = np.concatenate([self.weights[f"{part}.bias"] for part in names])

    def norm(self, spec, name: str) -> None:
        spec.gamma, spec.beta = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]

    def attention(self, spec, name: str, of_itself: bool) -> None:
        """Attention of a text to itself, whose query, key and value are one matrix, or to another."""
        if of_itself:
            self.linear(spec.linear[0], name, ("q_proj", "k_proj", "v_proj"))
        else:
            self.linear(spec.linear[0], name, ("q_proj",))
            self.linear(spec.linear[1], name, ("k_proj", "v_proj"))
        self.linear(spec.linear[-1], name, ("out_proj",))
        self.norm(spec.layer_norm, f"{name}_layer_norm")

    def layers(self, spec, half: str) -> None:
        for index, layer in enumerate(spec.layer):
            name = f"model.{half}.layers.{index}"
            self.attention(layer.self_attention, f"{name}.self_attn", of_itself=True)
            if half == "decoder":
                self.attention(layer.attention, f"{name}.encoder_attn", of_itself=False)
            self.linear(layer.ffn.linear_0, f"{name}.fc1")
            self.linear(layer.ffn.linear_1, f"{name}.fc2")
            self.norm(layer.ffn.layer_norm, f"{name}.final_layer_norm")


def convert(bundle: Path, model: Path) -> None:
    """Converts; both are folders, the second is made."""
    config = json.loads((bundle / "config.json").read_text())
    filler = Filler(read_weights(bundle / "model.safetensors"))
    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=False,
        activation=ACTIVATIONS[config["activation_function"]],
    )
    pieces = filler.weights["model.shared.weight"]
    for half, part, embedding in (
        ("encoder", spec.encoder, spec.encoder.embeddings[0]),
        ("decoder", spec.decoder, spec.decoder.embeddings),
    ):
        embedding.weight, part.scale_embeddings = pieces, config["scale_embedding"]
        part.position_encodings.encodings = filler.weights[f"model.{half}.embed_positions.weight"]
        filler.layers(part, half)
    spec.decoder.projection.weight = pieces
    spec.decoder.projection.bias = filler.weights["final_logits_bias"].reshape(-1)
    spec.decoder.start_from_zero_embedding = False
    numbered = json.loads((bundle / "vocab.json").read_text())
    tokens = sorted(numbered, key=numbered.get)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = tokens[config["decoder_start_token_id"]]
    spec.validate()
    model.mkdir(parents=True, exist_ok=True)
    spec.save(str(model))


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
