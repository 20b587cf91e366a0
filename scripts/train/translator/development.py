"""Measures a translator on development lines while it trains."""

from pathlib import Path

import sacrebleu
import torch

from corpus.batches import pad
from corpus.text import Tokenizer, read_parallel
from translator.loss import cross_entropy
from translator.model import Marian, translate

TRANSLATED = 100
"""Lines translated for BLEU; enough to see the trend, few enough not to hold up the training."""

LIMIT = 140


class DevelopmentSet:
    """Lines to measure progress on, never to train on."""

    def __init__(self, prefix: Path, tokenizer: Tokenizer):
        chinese, self.reference = read_parallel(prefix)
        self.tokenizer = tokenizer
        self.source = tokenizer.encode_chinese(chinese)
        self.target = tokenizer.encode_english(self.reference)

    def cross_entropy(self, model: Marian, device: torch.device) -> float:
        """Nats per target piece over the whole vocabulary."""
        total, pieces = 0.0, 0
        for low in range(0, len(self.source), 50):
            source = pad(self.source[low : low + 50], self.tokenizer.padding).to(device)
            target = pad(self.target[low : low + 50], self.tokenizer.padding).to(device)
            real = target != self.tokenizer.padding
            states = model(source, target)[real]
            total += cross_entropy(states, model.shared.weight, target[real]).item()
            pieces += int(real.sum())
        return total / pieces

    def translations(self, model: Marian, device: torch.device) -> list[str]:
        source = pad(self.source[:TRANSLATED], self.tokenizer.padding).to(device)
        return [self.tokenizer.decode(row) for row in translate(model, source, LIMIT)]

    def measure(self, model: Marian, device: torch.device, translate_too: bool) -> dict:
        """Cross-entropy, and if asked for BLEU of the first lines with some of them to read."""
        record = {"development_cross_entropy": round(self.cross_entropy(model, device), 4)}
        if translate_too:
            lines = self.translations(model, device)
            bleu = sacrebleu.corpus_bleu(lines, [self.reference[: len(lines)]])
            record |= {"bleu": round(bleu.score, 2), "examples": lines[:3]}
        return record
