"""The order of all steps from pairs to a checked bundle."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from steps.step import Step

TRAIN = Path(__file__).resolve().parents[1]
ROOT = TRAIN.parents[1]
SETUP = shlex.quote(str(ROOT / "scripts" / "setup"))
PROGRAM = ROOT / "target" / "release" / "mtalign"

LARGE_PAGES = {
    "THP_MEM_ALLOC_ENABLE": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "OMP_NUM_THREADS": "1",
}
"""With which large tensors cost no page faults: a quarter of the time of the training."""

PAIRS_MADE = ("drills", "varied", "rough")
"""The sources that `pairs.drills` writes."""

EXPORTED = (
    "config.json",
    "model.safetensors",
    "source.spm",
    "target.spm",
    "vocab.json",
    "embeddings.safetensors",
)
"""The files of a bundle that `bundle.export` writes."""

ADDED = ("lexicon.safetensors", "tagger.safetensors", "coverage.json", "aligner.json")
"""Those that other steps add."""

OF_GOLD = ("scorer.json",)
"""Those that are fitted to sets aligned by hand, where some are given. Without it the default bundle's is used."""


WITH_LIBTORCH = "sh", "-c", f'eval "$({SETUP} --env)" && exec "$@"', "sh"
"""Runs a command where the libtorch that the program is linked to is found."""


def python(step: str, *arguments: object) -> tuple:
    return sys.executable, TRAIN, step, *arguments


def flags(table: dict) -> tuple:
    """The settings of a table as arguments: `steps = 700` is `--steps 700`."""
    return tuple(part for name, value in table.items() for part in (f"--{name}", value))


class Order:
    """The steps for the given options (see `all.py`) and settings."""

    def __init__(self, options: argparse.Namespace, config: dict):
        self.options, self.config = options, config
        self.work, self.bundle, self.run = options.work, options.bundle, options.run
        self.shared = ("--config", options.config, "--work", options.work)
        self.vocabulary = options.vocabulary or options.work / "vocabulary"
        self.shared_vocabulary = (*self.shared, "--vocabulary", self.vocabulary)
        self.processes = ("--processes", options.processes)
        development = (Path(f"{options.development}.{side}") for side in ("zh", "en"))
        measured = [*development, *([options.ntrex] if options.ntrex else [])]
        self.excluded = tuple(dict.fromkeys([*measured, *options.exclude]))
        self.made = self.work / "made"
        self.clean = self.work / "clean"
        self.cleaned = self.clean / "report.json"
        self.encoded = self.work / "ids" / "*.ends.npy"
        self.losses = self.work / "ids" / "*.loss.npy"
        self.table = self.work / "embeddings" / "embeddings.pt"
        self.lexicon = self.work / "lexicon" / "lexicon.safetensors"
        self.documents = self.work / "documents"
        self.fallen = self.run / "final.pt"

    def steps(self) -> list[Step]:
        return [
            *self.of_pairs(),
            *self.of_the_corpus(),
            *self.of_embeddings(),
            *self.of_the_translator(),
            *self.of_the_tagger(),
            *self.of_measuring(),
            *self.of_the_aligner(),
            *self.of_the_bundle(),
        ]

    def of_pairs(self) -> list[Step]:
        """Sources that the mix does not name are not made."""
        options, mix, steps = self.options, self.config["mix"], []
        given = options.pairs / "*.tsv*"
        if "figures" in mix:
            file = self.made / "figures.tsv"
            command = python("pairs.figures", "--output", file)
            steps.append(Step("figures", command, writes=(file,)))
        if "words" in mix and options.dictionary:
            file = self.made / "words.tsv"
            arguments = "--dictionary", options.dictionary, "--output", file
            command = python("pairs.words", *arguments)
            steps.append(Step("words", command, (options.dictionary,), (file,)))
        if any(name in mix for name in PAIRS_MADE):
            undrilled = self.work / "undrilled"
            cleaned = undrilled / "clean" / "report.json"
            command = self.prepare(undrilled, options.pairs)
            reads = given, *self.excluded
            steps.append(Step("prepare-for-drills", command, reads, (cleaned,)))
            command = python("pairs.drills", "--clean", cleaned.parent, "--output", self.made)
            writes = tuple(self.made / f"{name}.tsv" for name in PAIRS_MADE)
            steps.append(Step("drills", command, (cleaned,), writes))
        command = self.prepare(self.work, options.pairs, self.made)
        reads = given, self.made / "*.tsv", *self.excluded
        return [*steps, Step("prepare", command, reads, (self.cleaned,))]

    def prepare(self, work: Path, *folders: Path) -> tuple:
        shared = "--config", self.options.config, "--work", work
        arguments = *shared, *self.processes, "--pairs", *folders, "--exclude", *self.excluded
        return python("pairs.prepare", *arguments)

    def of_the_corpus(self) -> list[Step]:
        numbers, steps = self.vocabulary / "vocab.json", []
        if not self.options.vocabulary:
            command = python("corpus.vocabulary", *self.shared)
            steps.append(Step("vocabulary", command, (self.cleaned,), (numbers,)))
        command = python("corpus.encode", *self.shared_vocabulary, *self.processes)
        return [*steps, Step("encode", command, (self.cleaned, numbers), (self.encoded,))]

    def of_embeddings(self) -> list[Step]:
        """And of the lexicon, and the documents whose alignment is known."""
        options, count = self.options, self.config["aligner"]["documents"]
        command = python("embeddings.train", *self.shared_vocabulary)
        steps = [
            Step(
                "embeddings", command, (self.encoded,), (self.table,),
                checkpoint=self.table.with_name("latest.pt"), trained_with=(self.encoded,),
            )
        ]  # fmt: skip
        command = python("lexicon.train", *self.shared_vocabulary)
        steps.append(Step("lexicon", command, (self.encoded,), (self.lexicon,)))
        if options.gold:
            least = "--at-least", self.config["least"]["alignment"]
            steps.append(self.alignment("align-gold", options.gold, *least))
        arguments = "--pairs", self.clean, "--output", self.documents, "--replace"
        command = python("aligner.documents", *arguments, "--documents", count)
        writes = (self.documents / "gold" / "*",)
        steps.append(Step("documents", command, (self.cleaned,), writes))
        steps.append(self.alignment("align-documents", [self.documents]))
        return steps

    def alignment(self, name: str, sets: list[Path], *arguments: object) -> Step:
        output = self.work / "aligned" / name
        arguments = ("--table", self.table, "--gold", *sets, "--output", output, *arguments)
        command = python("measure.alignment", self.vocabulary, *arguments)
        reads = self.table, *(folder / "gold" / "*" for folder in sets)
        return Step(name, command, reads, (output / "*" / "*" / "*",))

    def of_the_translator(self) -> list[Step]:
        """Where the settings say how long it first trains, it then scores the pairs and goes on."""
        recipe, steps = self.config["translator"], []
        if "first" in recipe:
            first, reads, writes = self.work / "first-bundle", (self.encoded,), (self.losses,)
            command = python("translator.score", *self.shared, "--bundle", first)
            steps = [
                self.training("first-translator", recipe["first"], reads, writes),
                Step("first-bundle", self.export(first), reads, writes),
                Step("score", command, reads, writes),
            ]
        reads = self.encoded, self.losses
        steps.append(self.training("translator", recipe["length"], reads, (self.fallen,)))
        writes = tuple(self.bundle / name for name in EXPORTED)
        command = self.export(self.bundle)
        steps.append(Step("bundle", command, (self.fallen, self.table), writes))
        return [*steps, self.added("add-lexicon", self.lexicon)]

    def training(self, name: str, length: dict, reads: tuple, writes: tuple) -> Step:
        arguments = "--run", self.run, "--development", self.options.development
        arguments = (*self.shared_vocabulary, *arguments, *self.processes, *flags(length))
        learnt = () if self.options.vocabulary else (self.vocabulary / "vocab.json",)
        command = python("translator.train", *arguments)
        checkpoint = self.run / "latest.pt"
        return Step(name, command, reads, writes, LARGE_PAGES, checkpoint, learnt)

    def export(self, folder: Path) -> tuple:
        arguments = "--checkpoint", self.fallen, "--output", folder
        return python("bundle.export", *self.shared_vocabulary, *arguments)

    def added(self, name: str, file: Path) -> Step:
        return Step(name, ("cp", file, self.bundle), (file,), (self.bundle / file.name,))

    def of_the_tagger(self) -> list[Step]:
        run, length = self.work / "tagger", self.config["tagger"]["length"]
        file, network = run / "tagger.safetensors", self.bundle / "model.safetensors"
        arguments = "--run", run, "--bundle", self.bundle, *flags(length)
        least = "--at-least", self.config["least"]["tagger"]
        command = python("tagger.train", *self.shared, *arguments, *least)
        reads = self.encoded, network
        checkpoint = {"checkpoint": run / "latest.pt", "trained_with": (network,)}
        tagger = Step("tagger", command, reads, (file,), **checkpoint)
        run, length = self.work / "links", self.config["tagger"]["links"]["length"]
        arguments = "--run", run, "--bundle", self.bundle, "--tagger", file, *flags(length)
        command = python("tagger.link", *self.shared, *arguments)
        linked, file = run / file.name, (file,)
        checkpoint = {"checkpoint": run / "latest.pt", "trained_with": file}
        links = Step("links", command, (self.encoded, *file), (linked,), **checkpoint)
        return [tagger, links, self.added("add-tagger", linked)]

    def of_measuring(self) -> list[Step]:
        options, output = self.options, self.work / "translations"
        command = python("bundle.parity", self.bundle, "--lines", options.development)
        parity = Step("parity", command)
        lines = f"{options.development}.zh"
        converted = Step("converted", python("bundle.converted", self.bundle, "--lines", lines))
        sets = (
            "--flores",
            options.development,
            *(("--ntrex", options.ntrex) if options.ntrex else ()),
        )
        least = "--at-least", self.config["least"]["bleu"]
        command = python("measure.evaluate", self.bundle, *sets, "--output", output, *least)
        reads = self.bundle / "model.safetensors", self.bundle / "embeddings.safetensors"
        return [parity, converted, Step("evaluate", command, reads, (output / "*.en",))]

    def of_the_aligner(self) -> list[Step]:
        """In Rust, where the features are; the aligner loads the weights of the clauses."""
        flags = os.environ.get("MTALIGN_CARGO", "").split()
        cargo = "cargo", "run", "--release", *flags, "--manifest-path", ROOT / "Cargo.toml"
        bundle, clauses = self.bundle, self.bundle / "coverage.json"
        arguments = "--bundle", bundle, "--pairs", self.clean / "*.tsv", "--output", clauses
        example = "--no-default-features", "--example", "train_coverage", "--"
        reads = bundle / "embeddings.safetensors", self.cleaned
        coverage = Step("coverage", (*cargo, *example, *arguments), reads, (clauses,))

        weights = self.work / "aligner.json"
        gold = ("--gold", *self.options.gold) if self.options.gold else ()
        arguments = "--bundle", bundle, "--answers", self.work / "answers", *gold
        arguments = *arguments, "--first", "nothing", "--synthetic", self.documents
        arguments = *arguments, "--output", weights
        command = (*WITH_LIBTORCH, *cargo, "--example", "train_aligner", "--", *arguments)
        documents = self.documents / "gold" / "*"
        others = (bundle / name for name in (*EXPORTED, *ADDED) if name != weights.name)
        reads = documents, *others
        aligner = Step("aligner", command, reads, (weights,))
        steps = [coverage, aligner, self.added("add-aligner", weights)]
        if not gold:
            return steps
        scorer = self.work / "scorer.json"
        command = (*WITH_LIBTORCH, *cargo, "--example", "train_scorer", "--", "--bundle", bundle)
        reads = tuple(bundle / name for name in (*EXPORTED, *ADDED))
        fit = Step("scorer", (*command, *gold, "--output", scorer), reads, (scorer,))
        return [*steps, fit, self.added("add-scorer", scorer)]

    def of_the_bundle(self) -> list[Step]:
        sums = self.bundle / "SHA256SUMS"
        names = *EXPORTED, *ADDED, *(OF_GOLD if self.options.gold else ())
        reads = tuple(self.bundle / name for name in names)
        steps = [
            Step("sums", python("bundle.sums", "write", self.bundle), reads, (sums,)),
            Step("check", python("bundle.sums", "check", self.bundle)),
        ]
        if PROGRAM.exists():
            steps.append(Step("check-by-mtalign", (PROGRAM, "model", "check", self.bundle)))
        return steps
