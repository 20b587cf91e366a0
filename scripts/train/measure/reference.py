"""Writes what SentencePiece and `transformers` make of fixed lines, to compare the program with.

In:  the bundle in `models/zh-en`; `tests/parity/pairs.tsv`; in the folder `--shared`, the tokenizer
     of opus-mt-zh-en and the texts of `SETS`.
Out: in `tests/parity/`
     `lines.jsonl`          lines of `awkward.py` with their pieces, as Chinese and as English
     `pieces.safetensors`   a digest of the piece numbers of every line, with either tokenizer
     `network.safetensors`  logits of the pairs; a digest of every greedy translation of flores-dev
     `tags.safetensors`     what the tagger says of each piece of the pairs
     The last three name every file that they were made with, and its SHA-256.

A few minutes on one core; needed again whenever the bundle changes.
"""

import argparse
import csv
import hashlib
import itertools
import json
from pathlib import Path

import numpy
import safetensors.numpy
import sentencepiece
import torch
from transformers import MarianMTModel

from bundle.files import read_translator
from corpus.text import END, Tokenizer, normalise_chinese, normalise_english
from measure import awkward
from tagger import passages
from tagger.model import log_odds, read_tagger, states

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "parity"
BUNDLE = ROOT / "models" / "zh-en"
PAIRS = FOLDER / "pairs.tsv"
TOKENIZER_FILES = ("source.spm", "target.spm", "vocab.json")
NETWORK_FILES = (*TOKENIZER_FILES, "config.json", "model.safetensors")
TAGGER = "tagger.safetensors"

FLORES = "eval-mt/flores-dev.zh"
SETS = {
    "zh": (FLORES, "eval-mt/ntrex.tsv:zh_CN", "eval-mt/ntrex.tsv:zh_TW", "gold/mac-dev/zh"),
    "en": ("eval-mt/flores-dev.en", "eval-mt/ntrex.tsv:en_source", "gold/mac-dev/en"),
}
"""Texts of the shared folder by language: a file, a column of a table, or a folder of files."""

SAMPLED_LOGITS = 8
"""Pieces whose logits are kept for every target piece, evenly spread over the vocabulary."""

PIECES_PER_SOURCE_PIECE, EXTRA_PIECES = 3, 10
"""How long the program lets a translation be: `src/translate/marian.rs`."""


def digest(content: bytes) -> int:
    """The first four bytes of the SHA-256, as a little-endian number."""
    return int.from_bytes(hashlib.sha256(content).digest()[:4], "little")


def digests(contents: list[bytes]) -> numpy.ndarray:
    return numpy.array([digest(content) for content in contents], dtype=numpy.uint32)


class Maker:
    """The files that go into a reference, and their digests."""

    def __init__(self, shared: Path):
        self.shared = shared
        self.made_with: dict[str, str] = {}

    def uses(self, path: Path) -> Path:
        """Notes that what is written next depends on `path`."""
        if path.is_relative_to(self.shared):
            name = f"../shared/{path.relative_to(self.shared)}"
        else:
            name = str(path.relative_to(ROOT))
        self.made_with[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return path

    def lines(self, path: Path) -> list[str]:
        return self.uses(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")

    def pairs(self) -> list[list[str]]:
        return [line.split("\t") for line in self.lines(PAIRS)]

    def set_of(self, name: str) -> list[str]:
        """The lines of an entry of `SETS`."""
        file, _, column = name.partition(":")
        path = self.shared / file
        if path.is_dir():
            return [line for part in sorted(path.iterdir()) for line in self.lines(part)]
        lines = self.lines(path)
        if not column:
            return lines
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row[column] for row in rows]

    def save(self, name: str, tensors: dict[str, numpy.ndarray]) -> None:
        safetensors.numpy.save_file(tensors, FOLDER / name, self.made_with)
        self.made_with = {}


class Pieces:
    """The tokenizer of a Marian folder, whose two languages may have a model each."""

    def __init__(self, folder: Path):
        self.models = {
            language: sentencepiece.SentencePieceProcessor(model_file=str(folder / file))
            for language, file in (("zh", "source.spm"), ("en", "target.spm"))
        }
        self.ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))

    def texts(self, line: str, language: str) -> list[str]:
        normalise = normalise_chinese if language == "zh" else normalise_english
        pieces = self.models[language].encode(normalise(line), out_type=str)
        return [piece if piece in self.ids else "<unk>" for piece in pieces]

    def digests(self, lines: list[str], language: str) -> numpy.ndarray:
        """One a line, of its piece numbers, each as four little-endian bytes."""
        rows = [[self.ids[piece] for piece in self.texts(line, language)] for line in lines]
        return digests([numpy.array(row, dtype="<u4").tobytes() for row in rows])


def printable(text: str) -> str:
    """JSON with escapes for what an editor would not show."""
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def write_lines(pieces: Pieces) -> None:
    with (FOLDER / "lines.jsonl").open("w", encoding="utf-8") as file:
        for line in awkward.lines():
            texts = {language: pieces.texts(line, language) for language in SETS}
            record = {"text": line, **texts}
            file.write(printable(json.dumps(record, ensure_ascii=False)) + "\n")


def write_pieces(maker: Maker) -> None:
    tensors = {}
    maker.uses(FOLDER / "lines.jsonl")
    folders = {"zh-en": BUNDLE, "opus-mt-zh-en": maker.shared / "opus-mt-zh-en"}
    for model, folder in folders.items():
        for file in TOKENIZER_FILES:
            maker.uses(folder / file)
        pieces = Pieces(folder)
        for column, language in enumerate(SETS):
            own = [pair[column] for pair in maker.pairs()]
            tensors[f"{model} {language} pairs.tsv"] = pieces.digests(own, language)
            tensors[f"{model} {language} lines.jsonl"] = pieces.digests(awkward.lines(), language)
            for name in SETS[language]:
                tensors[f"{model} {language} {name}"] = pieces.digests(maker.set_of(name), language)
    for name, tensor in tensors.items():
        print(f"{len(tensor)} lines: {name}", flush=True)
    maker.save("pieces.safetensors", tensors)


@torch.no_grad()
def logits(model: MarianMTModel, tokenizer: Tokenizer, pairs: list[list[str]]) -> dict:
    """For each target piece of each pair: some logits, its own, and the log of the sum of all."""
    sample = torch.arange(SAMPLED_LOGITS) * tokenizer.size // SAMPLED_LOGITS
    kept = {"sampled_logits": [], "target_logits": [], "log_sum_exp": []}
    for chinese, english in pairs:
        source = torch.tensor(tokenizer.encode_chinese([chinese]))
        target = torch.tensor(tokenizer.encode_english([english]))
        scores = model(input_ids=source, labels=target).logits[0]
        kept["sampled_logits"].append(scores[:, sample])
        kept["target_logits"].append(scores.gather(1, target.T)[:, 0])
        kept["log_sum_exp"].append(scores.logsumexp(dim=1))
    tensors = {name: torch.cat(rows).numpy() for name, rows in kept.items()}
    return {"sample": sample.numpy().astype(numpy.uint32), **tensors}


@torch.no_grad()
def greedy(model: MarianMTModel, tokenizer: Tokenizer, lines: list[str]) -> dict:
    """For every line: a digest of its translation, and by how much its closest choice was decided.

    Only lines of equal length share a batch, so that padding plays no part.
    """
    sources = tokenizer.encode_chinese(lines)
    order = sorted(range(len(lines)), key=lambda number: len(sources[number]))
    translations, margins = [b""] * len(lines), numpy.zeros(len(lines), dtype=numpy.float32)
    for length, group in itertools.groupby(order, key=lambda number: len(sources[number])):
        numbers = list(group)
        limit = PIECES_PER_SOURCE_PIECE * length + EXTRA_PIECES
        found = model.generate(
            torch.tensor([sources[number] for number in numbers]),
            num_beams=1,
            do_sample=False,
            max_new_tokens=min(limit, model.config.max_position_embeddings),
            suppress_tokens=[tokenizer.padding, tokenizer.unknown],
            forced_eos_token_id=None,
            return_dict_in_generate=True,
            output_scores=True,
        )
        best = torch.stack(found.scores).topk(2, dim=2).values
        margin = (best[:, :, 0] - best[:, :, 1]).T
        for row, number in enumerate(numbers):
            pieces = found.sequences[row, 1:].tolist()
            if END in pieces:
                pieces = pieces[: pieces.index(END) + 1]
            translations[number] = tokenizer.decode(pieces).strip().encode()
            margins[number] = margin[row, : len(pieces)].min()
        print(f"sources of {length} pieces: {len(numbers)}", flush=True)
    return {"translations": digests(translations), "margins": margins}


def write_network(maker: Maker) -> None:
    for file in NETWORK_FILES:
        maker.uses(BUNDLE / file)
    tokenizer = Tokenizer(BUNDLE)
    model = MarianMTModel.from_pretrained(BUNDLE, torch_dtype=torch.float32).eval()
    tensors = logits(model, tokenizer, maker.pairs())
    tensors |= greedy(model, tokenizer, maker.set_of(FLORES))
    maker.save("network.safetensors", tensors)


@torch.no_grad()
def write_tags(maker: Maker) -> None:
    """The log-odds of each pair as it is, then of each source beside the next pair's target.

    Then the links of each pair beside the next: the shares of a piece's that go to either sentence.
    """
    for file in (*NETWORK_FILES, TAGGER):
        maker.uses(BUNDLE / file)
    tokenizer, translator = Tokenizer(BUNDLE), read_translator(BUNDLE)
    tagger = read_tagger(BUNDLE / TAGGER, translator.shape)
    kept = {"source": [], "target": []}
    pairs = maker.pairs()
    english = [pair[1] for pair in pairs]
    def batch(chinese: list[str], english: list[str]) -> tuple[passages.Batch, list[list[int]]]:
        """And the number of pieces of each sentence of both sides."""
        sides = tokenizer.encode_chinese(chinese), tokenizer.encode_english(english)
        texts = [numpy.concatenate([text[:-1] for text in side]) for side in sides]
        known = [numpy.ones_like(text, dtype=bool) for text in texts]
        one = passages.batch([passages.Passage(*texts, *known)], END, translator.shape.padding)
        return one, [[len(text) - 1 for text in side] for side in sides]

    for chinese, english in zip(
        [pair[0] for pair in pairs] * 2, english + english[1:] + english[:1]
    ):
        odds = log_odds(translator, tagger, batch([chinese], [english])[0])
        kept["source"].append(odds[0][0, :-1])
        kept["target"].append(odds[1][0, 1:])
    kept |= {"source_links": [], "target_links": []}
    for two in zip(pairs, pairs[1:] + pairs[:1]):
        one, lengths = batch([pair[0] for pair in two], [pair[1] for pair in two])
        there = torch.ones_like(one.source, dtype=bool), torch.ones_like(one.target, dtype=bool)
        there[0][:, -1] = there[1][:, 0] = False
        links, *nowhere = tagger.links(*states(translator, tagger, one), there)
        links = links[0, :-1, 1:]
        nowhere = nowhere[0][0, :-1], nowhere[1][0, 1:]
        for name, side, nowhere, others in zip(
            ("source_links", "target_links"), (links, links.T), nowhere, reversed(lengths)
        ):
            shares = torch.cat([side, nowhere[:, None]], dim=1).softmax(dim=1)[:, :-1]
            kept[name].append(torch.stack([part.sum(1) for part in shares.split(others, 1)], 1))
    maker.save("tags.safetensors", {name: torch.cat(rows).numpy() for name, rows in kept.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args()

    torch.set_num_threads(1)
    maker = Maker(options.shared.resolve())
    write_lines(Pieces(BUNDLE))
    write_pieces(maker)
    write_network(maker)
    write_tags(maker)


if __name__ == "__main__":
    main()
