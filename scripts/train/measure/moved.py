"""Measures how text that was moved is found: paragraphs of gold documents are put elsewhere in the English.

    python scripts/train/measure/moved.py --gold ../shared/gold/written … --program scripts/mtalign

Of each document that is long enough, a run of gold pairs is taken out of the English and put in at another place. Printed
are, a set a line: the runs and the Chinese sentences that were moved, how many of these are told as missing all the same, and of
the sentences told as moved how many have the counterpart that is theirs by the gold alignment. Where a run changes places with
one that is not longer, either may be told as moved.
"""

import argparse
import json
import random
import re
import subprocess
import tempfile
from pathlib import Path

LINK = re.compile(r"\[([\d, ]*)\]:\[([\d, ]*)\]")
LEAST_PAIRS = 12
"""A document has at least so many pairs, and a run is moved over at least a third of them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, nargs="+", required=True)
    parser.add_argument("--program", type=Path, default=Path("scripts/mtalign"))
    parser.add_argument("--most", type=int, default=40, help="documents of a set")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for gold in options.gold:
        rng = random.Random(options.seed)
        documents = [read(gold, path.name) for path in sorted((gold / "zh").iterdir())]
        documents = [document for document in documents if len(document["pairs"]) >= LEAST_PAIRS]
        rng.shuffle(documents)
        documents = [moved(document, rng) for document in documents[: options.most]]
        print(f"{gold.parts[-1]:<10} {figures(options.program, documents)}", flush=True)


def read(gold: Path, name: str) -> dict:
    """A document: its sentences, and its gold pairs by number."""
    sides = {side: (gold / side / name).read_text(encoding="utf-8").splitlines() for side in ("zh", "en")}
    path = gold / "gold" / name
    text = (path if path.exists() else path.with_name(name + ".align")).read_text(encoding="utf-8")
    numbers = [[[int(n) for n in side.split(",") if n.strip()] for side in link] for link in LINK.findall(text)]
    return {"id": name, **sides, "pairs": [link for link in numbers if link[0] and link[1]]}


def moved(document: dict, rng: random.Random) -> dict:
    """The document with a run of one to four pairs put elsewhere in the English."""
    pairs, en = document["pairs"], document["en"]
    length = rng.randint(1, 4)
    start = rng.randrange(len(pairs) - length)
    far = [at for at in range(len(pairs)) if abs(at - start) > len(pairs) // 3 and not start <= at < start + length]
    at = rng.choice(far)
    taken = [number for pair in pairs[start : start + length] for number in pair[1]]
    rest = [number for number in range(len(en)) if number not in taken]
    before = rest.index(pairs[at][1][0])
    order = rest[:before] + taken + rest[before:]
    place = {number: index for index, number in enumerate(order)}
    gold = {number: {place[other] for other in ids} for zh, ids in pairs for number in zh}
    away = [number for zh, _ in pairs[start : start + length] for number in zh]
    english = [en[number] for number in order]
    return {"id": document["id"], "zh": document["zh"], "en": english, "gold": gold, "away": away}


def figures(program: Path, documents: list[dict]) -> str:
    """What the program says of the documents, against what was moved."""
    with tempfile.TemporaryDirectory() as folder:
        lines, report = Path(folder) / "documents.jsonl", Path(folder) / "coverage.json"
        with lines.open("w", encoding="utf-8") as file:
            for document in documents:
                sides = {side: "\n".join(document[side]) for side in ("zh", "en")}
                file.write(json.dumps({"id": document["id"], **sides}, ensure_ascii=False) + "\n")
        command = [program, "coverage", "--sentences", lines, "--json", report, "--quiet", "--beam", "1"]
        command.append("--no-cache")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report = json.loads(report.read_text(encoding="utf-8"))
    told = {document["id"]: document for document in report["documents"]}
    moved = missed = right = wrong = 0
    for document in documents:
        found, gold = told[document["id"]], document["gold"]
        uncovered = {sentence["id"] for sentence in found["sides"]["zh"]["uncovered"]}
        moved += len(document["away"])
        missed += len(uncovered & set(document["away"]))
        for pair in found["moved"]:
            for zh in pair["zh"]:
                is_right = bool(gold.get(zh, set()) & set(pair["en"]))
                right, wrong = right + is_right, wrong + (not is_right)
    found = 100 * (1 - missed / max(moved, 1))
    return (
        f"{len(documents)} runs, {moved} sentences: {missed} told as missing ({found:.0f} % found); "
        f"told as moved: {right} right, {wrong} wrong"
    )


if __name__ == "__main__":
    main()
