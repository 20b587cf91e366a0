"""Writes small Chinese-English pairs of our own, enough to run every step of the training on.

Out: `FOLDER/pairs/phrases.tsv`, over a thousand pairs in a fixed order;
     `FOLDER/development.zh` and `.en`, a few more of the same kind, not among them;
     `FOLDER/gold/`, a document of the latter whose alignment is known.
"""

import itertools
import sys
from pathlib import Path

PEOPLE = {
    "我": "I",
    "你": "you",
    "我们": "we",
    "他们": "they",
    "老师们": "the teachers",
    "學生": "the students",
}
VERBS = {
    "看见": "see",
    "喜欢": "like",
    "需要": "need",
    "买": "buy",
    "带来": "bring",
    "想念": "miss",
}
THINGS = {
    "三本书": "three books",
    "那座城市": "that city",
    "新的房子": "a new house",
    "２０台电脑": "20 computers",
    "今天的报纸": "today's newspaper",
    "這條河": "this river",
    "一杯茶": "a cup of tea",
    "朋友的信": "a friend's letter",
    "1.5亿元": "150 million yuan",
    "北京的冬天": "the winter in Beijing",
    "两只猫": "two cats",
    "孩子的笑声": "the child's laughter",
}
TIMES = {"每天": "every day", "去年": "last year", "在这里": "here"}

DEVELOPMENT_EVERY = 20


def sentences() -> list[tuple[str, str]]:
    pairs = []
    for person, verb, thing, time in itertools.product(PEOPLE, VERBS, THINGS, TIMES):
        chinese = f"{person}{time}{verb}{thing}。"
        english = f"{PEOPLE[person]} {VERBS[verb]} {THINGS[thing]} {TIMES[time]}."
        pairs.append((chinese, english[0].upper() + english[1:]))
    return pairs


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "pairs").mkdir(parents=True, exist_ok=True)
    pairs = sentences()
    development = pairs[::DEVELOPMENT_EVERY]
    training = [pair for number, pair in enumerate(pairs) if number % DEVELOPMENT_EVERY]
    lines = [f"{chinese}\t{english}\n" for chinese, english in training]
    (folder / "pairs" / "phrases.tsv").write_text("".join(lines), encoding="utf-8")
    for column, language in enumerate(("zh", "en")):
        text = "".join(f"{pair[column]}\n" for pair in development)
        (folder / f"development.{language}").write_text(text, encoding="utf-8")
    write_gold(folder / "gold", development)


def write_gold(folder: Path, pairs: list[tuple[str, str]]) -> None:
    """A document of the pairs; every third line of English translates two of Chinese."""
    english, beads, number = [], [], 0
    while number < len(pairs):
        joined = range(number, min(number + 1 + len(beads) % 3 // 2, len(pairs)))
        beads.append(f"{list(joined)}:[{len(beads)}]")
        english.append(" ".join(pairs[place][1] for place in joined))
        number = joined.stop
    chinese = [pair[0] for pair in pairs]
    for name, lines in (("zh", chinese), ("en", english), ("gold", beads)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "phrases").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
