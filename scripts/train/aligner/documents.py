"""Writes documents with known alignments, from which the weights of the aligner are learnt.

In:  `--pairs`, a folder of `NAME.tsv` or `NAME.tsv.zst` in document order, such as `WORK/clean`.
Out: a set as `train_aligner` reads them: `zh/NAME` and `en/NAME`, a sentence a line, and
     `gold/NAME.align`, a bead a line. The same seed writes the same bytes.

`config/documents.toml` says what happens to the text, `maker.py` how.
"""

import argparse
import collections
import random
import shutil
from pathlib import Path

from aligner.bead import SIDES, Bead, alignment, covered
from aligner.maker import Maker, Pair
from config import settings
from pairs.prepare import clean_batch, evaluation_keys, read_lines, source_name

TRIES = 20
"""Drawn again so often where filters left too little of the text, or one side came out empty."""

SHORTEST = 3
"""Pairs that make a document."""


class Sources:
    """Lines of each source, cleaned as they are drawn."""

    def __init__(self, folder: Path, weights: dict[str, float], excluded: frozenset[str]):
        found = {source_name(path): path for path in sorted(folder.glob("*.tsv*"))}
        self.weights = {name: weight for name, weight in weights.items() if name in found}
        if not self.weights:
            raise SystemExit(f"none of the sources is in `{folder}`")
        self.lines = {name: list(read_lines(found[name])) for name in self.weights}
        self.excluded = excluded

    def draw(self, chance: random.Random) -> str:
        return drawn(self.weights, chance)

    def run(self, name: str, start: int, count: int) -> list[Pair]:
        """Neighbouring pairs, without those that fail a filter."""
        kept, _ = clean_batch((self.lines[name][start : start + count], self.excluded))
        return [tuple(line.rstrip("\n").split("\t")) for line in kept]

    def somewhere(
        self, name: str, count: int, chance: random.Random
    ) -> tuple[list[Pair], list[Pair]]:
        """Two runs of a source that have no line in common, each at most a third of it."""
        lines = len(self.lines[name])
        count = min(count, lines // 3)
        here = chance.randint(0, lines - 2 * count)
        there = chance.randint(here + count, lines - count)
        runs = [self.run(name, start, count) for start in (here, there)]
        chance.shuffle(runs)
        return runs[0], runs[1]


def drawn(weights: dict[str, float], chance: random.Random) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def drawn_entry(entries: dict[str, dict], chance: random.Random) -> str:
    return drawn({name: entry["weight"] for name, entry in entries.items()}, chance)


def with_dialogue(
    pairs: list[Pair], sources: Sources, config: dict, chance: random.Random
) -> list[Pair]:
    """The pairs with exchanges of short sentences between them."""
    if config["source"] not in sources.lines:
        return pairs
    pairs = list(pairs)
    for _ in range(chance.randint(*config["exchanges"])):
        place = chance.randint(0, len(pairs))
        lines = range(chance.randint(*config["pairs"]))
        pairs[place:place] = [
            pair for _ in lines for pair in sources.somewhere(config["source"], 1, chance)[0]
        ]
    return pairs


def document(sources: Sources, config: dict, chance: random.Random) -> tuple[str, list[Bead]]:
    """What the document is, for its name, and its beads."""
    for _ in range(TRIES):
        source = sources.draw(chance)
        length = config["lengths"][drawn_entry(config["lengths"], chance)]
        regime = drawn_entry(config["regimes"], chance)
        shape = drawn(config["shapes"], chance)
        rates = config["regimes"][regime]
        count = chance.randint(*length["pairs"])
        pairs, elsewhere = sources.somewhere(source, count, chance)
        if min(len(pairs), len(elsewhere)) < SHORTEST:
            continue
        if chance.random() < rates["dialogue"]:
            pairs = with_dialogue(pairs, sources, config["dialogue"], chance)
        made = Maker(pairs, elsewhere, rates, chance).document(shape)
        if any(bead.zh for bead in made) and any(bead.en for bead in made):
            return f"{source}.{regime}.{shape}", made
    raise SystemExit("the sources hold too little text for a document")


def write(folder: Path, name: str, made: list[Bead]) -> None:
    """Writes a document; ValueError unless its alignment covers what is written."""
    links = alignment(made)
    texts = {side: [text for bead in made for text in bead[side]] for side in SIDES}
    if covered(links) != tuple(len(texts[side]) for side in SIDES):
        raise ValueError(f"the beads of `{name}` do not cover it")
    files = {f"{side}/{name}": texts[side] for side in SIDES}
    files[f"gold/{name}.align"] = links
    for path, lines in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def kind(bead: Bead) -> str:
    return f"{len(bead.zh)}-{len(bead.en)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=Path, required=True, help="folder of NAME.tsv[.zst]")
    parser.add_argument("--exclude", type=Path, nargs="*", default=[], help="evaluation texts")
    parser.add_argument("--output", type=Path, required=True, help="folder of the set")
    parser.add_argument("--replace", action="store_true", help="remove the documents there")
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    train = Path(__file__).resolve().parents[1]
    parser.add_argument("--config", type=Path, default=train / "config" / "documents.toml")
    options = parser.parse_args()

    if options.replace:
        for folder in (*SIDES, "gold"):
            shutil.rmtree(options.output / folder, ignore_errors=True)
    if (options.output / "gold").exists():
        raise SystemExit(f"`{options.output}` has documents already")
    config = settings.load(options.config)
    sources = Sources(options.pairs, config["sources"], evaluation_keys(options.exclude))
    kinds = collections.Counter()
    for number in range(options.documents):
        # Seeded one by one, so that a longer set begins with the shorter one.
        chance = random.Random(f"{options.seed} {number}")
        name, made = document(sources, config, chance)
        write(options.output, f"{number:04}.{name}", made)
        kinds.update(kind(bead) for bead in made)
    print(dict(kinds.most_common()))


if __name__ == "__main__":
    main()
