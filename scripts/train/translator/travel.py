"""Takes a training run to a machine that is lent for minutes and has no network, and back again.

    pack      here:  pairs and checkpoint → PARTS/part-00.bin …, PARTS/manifest.json
    unpack    there: PARTS → WORK/ids, WORK/vocabulary/vocab.json, RUN/latest.pt
    collect   there: RUN/final.pt, RUN/latest.pt, RUN/log.jsonl → a folder of parts
    restore   here:  that folder → RUN/final.pt, RUN/latest.pt, RUN/log.jsonl

Each part's SHA-256 is in the manifest, and parts that are missing or damaged are named.
`compact.py` says how things are stored and what is lost.

What comes back has to fit in 8 files of 16 MiB, and in 64 MiB together. Of 21.5 million parameters
that is: the fallen weights in float16, 41 MiB, of which deflating saves 5; the weights to go on
from, as 8-bit differences from those, 21 MiB; second moments, a quarter of a MiB. In all 57 MiB, in
four parts beside the manifest and the log. There is no room for both in float16, nor for first
moments. The average of the weights goes on from the fallen weights, which are much the same.

A pass over the data is begun anew after each journey, as updates have another size there.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import math
import shutil
import sys
from pathlib import Path

import numpy
import torch
from torch import Tensor

from config import settings
from corpus.batches import Corpus, Side
from corpus.text import END, Tokenizer
from run import checkpoint
from translator import compact
from translator.model import Marian, Shape

MIB = 1 << 20
OUTWARD_MIB, HOMEWARD_MIB = 58.0, 15.5
"""Size of a part: 64 MiB a journey with what else goes along, and files of under 16 MiB."""

RUN_OF_PIECES = 8_000_000
"""Pieces compressed together; so many threads can work on the sides as there are runs."""

LANGUAGES = "zh", "en"


def pack(options: argparse.Namespace) -> None:
    config = settings.load(options.config)
    vocabulary = options.vocabulary or options.work / "vocabulary"
    shape = Shape(vocabulary=Tokenizer(vocabulary).size, **config["model"])
    recipe = config["translator"]
    longest, worst = recipe["longest"], recipe["worst_share"]
    corpus = Corpus(options.work / "ids", config["mix"], longest, config["seed"], worst)
    state = checkpoint.load(options.run / "latest.pt")
    entries = {
        "vocabulary": (vocabulary / "vocab.json").read_bytes(),
        "parameters": compact.pack_weights(state["parameters"]),
        "second": compact.pack_moments(state["second"], flat_shapes(shape)),
    }
    counts = map(len, corpus.usable)
    sources = [{"name": name, "pairs": pairs} for name, pairs in zip(corpus.names, counts)]
    with concurrent.futures.ThreadPoolExecutor(options.threads) as threads:
        for language, sides in zip(LANGUAGES, (corpus.source, corpus.target)):
            pieces = [kept(side, pairs) for side, pairs in zip(sides, corpus.usable)]
            row = numpy.concatenate(pieces)
            for source, some in zip(sources, pieces):
                source[language] = len(some)
            runs = numpy.split(row, range(RUN_OF_PIECES, len(row), RUN_OF_PIECES))
            for number, data in enumerate(threads.map(compact.pack_pieces, runs)):
                entries[f"{language}.{number:02}"] = data
    about = {"shape": dataclasses.asdict(shape), "sources": sources}
    write(options.parts, options.mib, entries, about | {"progress": next_pass(state["progress"])})


def kept(side: Side, pairs: numpy.ndarray) -> numpy.ndarray:
    """The pieces of these sentences, in the order of their numbers."""
    chosen = numpy.zeros(len(side.ends), dtype=bool)
    chosen[pairs] = True
    pieces = side.pieces[numpy.repeat(chosen, side.lengths())]
    if (pieces == END).sum() != len(pairs):
        raise SystemExit("error: a sentence has another end than the end piece")
    return pieces


def unpack(options: argparse.Namespace) -> None:
    about, entries = read(options.parts)
    ids = options.work / "ids"
    for folder in (ids, options.work / "vocabulary", options.run):
        folder.mkdir(parents=True, exist_ok=True)
    (options.work / "vocabulary" / "vocab.json").write_bytes(entries["vocabulary"])
    with concurrent.futures.ThreadPoolExecutor() as threads:
        for language in LANGUAGES:
            names = sorted(name for name in entries if name.startswith(f"{language}."))
            runs = threads.map(compact.unpack_pieces, (entries[name] for name in names))
            row = numpy.concatenate(list(runs))
            ends = numpy.cumsum([source[language] for source in about["sources"]])
            for source, pieces in zip(about["sources"], numpy.split(row, ends[:-1])):
                numpy.save(ids / f"{source['name']}.{language}.npy", pieces)
                sentences = numpy.flatnonzero(pieces == END) + 1
                numpy.save(ids / f"{source['name']}.{language}.ends.npy", sentences)
    parameters = compact.unpack_weights(entries["parameters"])
    state = going_on(parameters, parameters, entries["second"], about)
    checkpoint.save(options.run / "latest.pt", state)
    print(f"{sum(source['pairs'] for source in about['sources'])} pairs, {about['progress']}")


def collect(options: argparse.Namespace) -> None:
    config = settings.load(options.config)
    vocabulary = Tokenizer(options.vocabulary or options.work / "vocabulary").size
    shape = Shape(vocabulary=vocabulary, **config["model"])
    latest, final = checkpoint.load(options.run / "latest.pt"), options.run / "final.pt"
    fallen, progress = latest["parameters"], latest["progress"]
    if final.exists():
        model = Marian(shape)
        model.load_state_dict((saved := checkpoint.load(final))["model"])
        fallen, progress = model.flat(), saved["progress"]
    entries = {
        "final": compact.pack_weights(fallen),
        "second": compact.pack_moments(latest["second"], flat_shapes(shape)),
    }
    found = compact.unpack_weights(entries["final"])
    entries["latest"] = compact.pack_difference(latest["parameters"], found)
    about = {
        "shape": dataclasses.asdict(shape),
        "progress": next_pass(latest["progress"]),
        "final_progress": progress,
        "fallen": final.exists(),
    }
    write(options.parts, options.mib, entries, about)
    shutil.copyfile(options.run / "log.jsonl", options.parts / "log.jsonl")


def restore(options: argparse.Namespace) -> None:
    about, entries = read(options.parts)
    options.run.mkdir(parents=True, exist_ok=True)
    for name in ("latest.pt", "final.pt"):
        if (options.run / name).exists():
            raise SystemExit(f"error: `{options.run / name}` is there already: name another folder")
    fallen = compact.unpack_weights(entries["final"])
    model = Marian(Shape(**about["shape"]))
    model.lie_in(fallen, torch.zeros_like(fallen))
    final = {"model": model.state_dict(), "progress": about["final_progress"]}
    checkpoint.save(options.run / "final.pt", final)
    parameters = compact.unpack_difference(entries["latest"], fallen)
    latest = going_on(parameters, fallen, entries["second"], about)
    checkpoint.save(options.run / "latest.pt", latest)
    shutil.copyfile(options.parts / "log.jsonl", options.run / "log.jsonl")
    print(f"{'fallen' if about['fallen'] else 'not fallen'}, {about['final_progress']}")


def going_on(parameters: Tensor, average: Tensor, second: bytes, about: dict) -> dict:
    """What `latest.pt` holds."""
    shapes = flat_shapes(Shape(**about["shape"]))
    return {
        "parameters": parameters,
        "first": torch.zeros_like(parameters),
        "second": compact.unpack_moments(second, shapes),
        "average": average,
        "progress": about["progress"],
    }


def flat_shapes(shape: Shape) -> compact.Shapes:
    with torch.device("meta"):
        return Marian(shape).flat_shapes()


def next_pass(progress: dict) -> dict:
    return progress | {"data_pass": progress["data_pass"] + 1, "group": 0}


def write(folder: Path, mib: float, entries: dict[str, bytes], about: dict) -> None:
    """Entries one after the other, in parts of equal size, with a manifest beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    data = b"".join(entries.values())
    size = math.ceil(len(data) / math.ceil(len(data) / (mib * MIB)))
    parts = []
    for number, low in enumerate(range(0, len(data), size)):
        name, part = f"part-{number:02}.bin", data[low : low + size]
        (folder / name).write_bytes(part)
        parts.append({"name": name, "sha256": hashlib.sha256(part).hexdigest()})
        print(f"{name}  {len(part) / MIB:.1f} MiB")
    sizes = {name: len(entry) for name, entry in entries.items()}
    manifest = about | {"parts": parts, "entries": sizes}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    for name, size in sizes.items():
        print(f"    {name}  {size / MIB:.2f} MiB")


def read(folder: Path) -> tuple[dict, dict[str, bytes]]:
    """The manifest and the entries, once every part is there and whole."""
    manifest, data, faults = json.loads((folder / "manifest.json").read_text()), [], []
    for part in manifest["parts"]:
        path = folder / part["name"]
        data.append(path.read_bytes() if path.exists() else b"")
        if hashlib.sha256(data[-1]).hexdigest() != part["sha256"]:
            faults.append(f"`{path}` is {'damaged' if path.exists() else 'missing'}")
    if faults:
        sys.exit("error: " + ", ".join(faults))
    row, entries, start = b"".join(data), {}, 0
    for name, size in manifest["entries"].items():
        entries[name] = row[start : start + size]
        start += size
    return manifest, entries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for command in (pack, unpack, collect, restore):
        added = commands.add_parser(command.__name__)
        added.set_defaults(command=command)
        added.add_argument("--parts", type=Path, required=True, help="folder of the parts")
        added.add_argument("--run", type=Path, required=True, help="folder of checkpoints and log")
        if command is not restore:
            added.add_argument("--work", type=Path, required=True, help="folder the steps share")
        if command in (pack, collect):
            mib = OUTWARD_MIB if command is pack else HOMEWARD_MIB
            added.add_argument("--config", type=Path, required=True, help="settings")
            added.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
            added.add_argument("--mib", type=float, default=mib, help="a part's size at most")
        if command is pack:
            added.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.command(options)


if __name__ == "__main__":
    main()
