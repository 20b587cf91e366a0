"""Writes a bundle of random weights in the size of another, to time it.

    random_model.py LIKE BUNDLE

LIKE:   a folder with `config.json`, `vocab.json`, `source.spm` and `target.spm`.
BUNDLE: made. No translation ends by itself: each has as many pieces as there are positions, POSITIONS.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

POSITIONS = 48
"""Pieces of each translation; sources are to be shorter than that."""

NEVER = -1e4
"""The bias of the end of translations: what half precision holds, and no logit reaches."""


def sinusoids(positions: int, width: int) -> np.ndarray:
    """The embeddings of places, as Marian has them: all sines, then all cosines."""
    angle = np.arange(positions)[:, None] / 10_000 ** (2 * np.arange(width // 2) / width)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def weights(config: dict) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    width, vocabulary = config["d_model"], config["vocab_size"]
    tensors = {"model.shared.weight": random.normal(0, 0.05, (vocabulary, width))}
    bias = np.zeros((1, vocabulary))
    bias[0, config["eos_token_id"]] = NEVER
    tensors["final_logits_bias"] = bias

    def linear(name: str, rows: int, columns: int) -> None:
        tensors[f"{name}.weight"] = random.normal(0, columns**-0.5, (rows, columns))
        tensors[f"{name}.bias"] = random.normal(0, 0.01, rows)

    for half in ("encoder", "decoder"):
        tensors[f"model.{half}.embed_positions.weight"] = sinusoids(config["max_position_embeddings"], width)
        for layer in range(config[f"{half}_layers"]):
            name = f"model.{half}.layers.{layer}"
            attentions = ["self_attn"] if half == "encoder" else ["self_attn", "encoder_attn"]
            for attention in attentions:
                for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    linear(f"{name}.{attention}.{part}", width, width)
            linear(f"{name}.fc1", config[f"{half}_ffn_dim"], width)
            linear(f"{name}.fc2", width, config[f"{half}_ffn_dim"])
            for norm in [f"{attention}_layer_norm" for attention in attentions] + ["final_layer_norm"]:
                tensors[f"{name}.{norm}.weight"], tensors[f"{name}.{norm}.bias"] = np.ones(width), np.zeros(width)
    return {name: tensor.astype(np.float16) for name, tensor in tensors.items()}


def main(like: Path, bundle: Path) -> None:
    bundle.mkdir(parents=True, exist_ok=True)
    config = json.loads((like / "config.json").read_text()) | {"max_position_embeddings": POSITIONS}
    (bundle / "config.json").write_text(json.dumps(config, indent=1))
    for name in ("vocab.json", "source.spm", "target.spm"):
        shutil.copy(like / name, bundle / name)
    save_file(weights(config), bundle / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
