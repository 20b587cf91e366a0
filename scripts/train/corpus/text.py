"""How every step reads text: one normalisation for training, evaluation and the program itself.

Chinese is brought to simplified script and both sides lose surplus white space; NFKC and the
splitting of numbers into digits are SentencePiece's part, so that they travel with its model.

OpenCC and SentencePiece are imported where text is read: training on piece numbers does without.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import opencc
    import sentencepiece

END = 0
"""The piece that ends every sentence, `</s>`."""


def dictionary(name: str) -> dict[str, str]:
    """Traditional words or characters, and what becomes of them."""
    import opencc

    path = Path(opencc.__file__).parent / "dictionary" / name
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line)


@functools.cache
def traditional_characters() -> frozenset[str]:
    """Text without any of these is simplified already.

    Some words change although each of their characters is simplified: 沈默, which becomes 沉默.
    """
    characters = frozenset(dictionary("TSCharacters.txt"))
    words = dictionary("TSPhrases.txt").items()
    first = {word[0] for word, simple in words if word != simple and characters.isdisjoint(word)}
    return characters | first


@functools.cache
def converter() -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC("t2s")


def normalise_chinese(text: str) -> str:
    """Simplified script, single spaces; what has no traditional character skips the converter."""
    text = " ".join(text.split())
    if traditional_characters().isdisjoint(text):
        return text
    return converter().convert(text)


def normalise_english(text: str) -> str:
    return " ".join(text.split())


def read_parallel(prefix: Path) -> tuple[list[str], list[str]]:
    """The lines of `PREFIX.zh` and of `PREFIX.en`."""
    chinese, english = (
        Path(f"{prefix}.{language}").read_text(encoding="utf-8").splitlines()
        for language in ("zh", "en")
    )
    return chinese, english


class Tokenizer:
    """A joint SentencePiece model and the vocabulary that numbers its pieces."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self.size = len(self.ids)
        self.padding = self.ids["<pad>"]
        self.unknown = self.ids["<unk>"]
        self.texts = {number: piece for piece, number in self.ids.items()}

    @functools.cached_property
    def pieces(self) -> sentencepiece.SentencePieceProcessor:
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_file=str(self.folder / "source.spm"))

    def encode(self, sentences: list[str]) -> list[list[int]]:
        """Piece numbers of each sentence, the end piece last."""
        encoded = self.pieces.encode(sentences, out_type=str)
        return [[self.ids.get(piece, self.unknown) for piece in row] + [END] for row in encoded]

    def encode_chinese(self, sentences: list[str]) -> list[list[int]]:
        return self.encode([normalise_chinese(sentence) for sentence in sentences])

    def encode_english(self, sentences: list[str]) -> list[list[int]]:
        return self.encode([normalise_english(sentence) for sentence in sentences])

    def decode(self, numbers: list[int]) -> str:
        """The text of piece numbers, end and padding left out."""
        kept = [self.texts[number] for number in numbers if number not in (END, self.padding)]
        return self.pieces.decode(kept)
