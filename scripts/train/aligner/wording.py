"""Rewrites single texts as translators and editors do: cuts, joins, loses clauses, changes words.

In and out go strings of one language; `LANGUAGES` has what is particular to each. Nothing here
knows of alignments. Chance comes from the `random.Random` that every method is given.
"""

import random
import re

PIECES = {2: 0.7, 3: 0.22, 4: 0.08}
"""Into how many sentences one is split, and how often."""

MIDDLE = (0.25, 0.75)
"""Where in a sentence a clause border must lie to end a sentence."""

CLAUSE_CUT = 0.1
"""Of the texts with several sentences, those cut at a clause all the same."""

PLAIN_JOIN = 0.35
"""Of the joins, those that leave two sentences as they are, side by side."""

LARGEST_LOSS = 0.5
"""Of a text, in characters, that may go with a lost clause."""

DROPPED = 0.35
"""Of the words that change, those that go without another in their place."""


class Language:
    """What cutting and joining need to know of a language."""

    sentence_end: re.Pattern
    """Ends where the next sentence of the same text begins."""
    clause_end: re.Pattern
    """Ends where the next clause of the same sentence begins."""
    finished: re.Pattern
    """Matches a text that ends as a sentence does."""
    loose: str
    """What cannot end a sentence."""
    unfinished: re.Pattern
    """A mark that cannot end a sentence, before quotes that close."""
    full_stop: str
    space: str
    links: tuple[str, ...]
    """What may stand in place of a full stop between two sentences made one."""
    word: re.Pattern

    def sentence_ends(self, text: str) -> list[int]:
        """Offsets where the second and further sentences begin."""
        return [match.end() for match in self.sentence_end.finditer(text)]

    def is_finished(self, text: str) -> bool:
        """Whether the text ends as a sentence ends; headings do not."""
        return self.finished.search(text) is not None

    def finish(self, text: str) -> str:
        """Ends the text as a sentence ends."""
        text = self.unfinished.sub(rf"{self.full_stop}\1", text.rstrip(self.loose))
        return text if self.is_finished(text) else text + self.full_stop

    def begin(self, text: str) -> str:
        """Begins the text as a sentence begins."""
        return text.strip()

    def lead_on(self, text: str, known: frozenset[str]) -> str:
        """Begins the text as a clause; words in `known` are ordinary ones, no names."""
        return text

    def words(self, text: str) -> list[str]:
        return self.word.findall(text)

    def sentences(self, text: str) -> list[str]:
        ends = [0, *self.sentence_ends(text), len(text)]
        return [text[start:end].strip() for start, end in zip(ends, ends[1:])]

    def cut(self, text: str, chance: random.Random) -> list[str]:
        """The text as two sentences; as it was where it has no border."""
        ends = self.sentence_ends(text)
        if not ends or chance.random() < CLAUSE_CUT:
            inner = [match.end() for match in self.clause_end.finditer(text)]
            inner = [end for end in inner if MIDDLE[0] < end / len(text) < MIDDLE[1]]
            ends = inner or ends
        if not ends:
            return [text]
        wanted = chance.uniform(*MIDDLE) * len(text)
        end = min(ends, key=lambda end: abs(end - wanted))
        parts = [self.finish(text[:end].strip()), self.begin(text[end:])]
        return parts if all(self.words(part) for part in parts) else [text]

    def pieces(self, text: str, chance: random.Random) -> list[str]:
        """The text as two to four sentences; as it was where it has no border."""
        count = chance.choices(list(PIECES), list(PIECES.values()))[0]
        parts = [text]
        while len(parts) < count:
            longest = max(range(len(parts)), key=lambda place: len(parts[place]))
            halves = self.cut(parts[longest], chance)
            if len(halves) == 1:
                break
            parts[longest : longest + 1] = halves
        return parts

    def joined(self, first: str, second: str, known: frozenset[str], chance: random.Random) -> str:
        """Two sentences as one, or merely side by side; the first is a finished one."""
        if not first.endswith(self.full_stop) or chance.random() < PLAIN_JOIN:
            return first + self.space + second
        link = chance.choice(self.links)
        return first.removesuffix(self.full_stop) + link + self.lead_on(second, known)

    def without_clause(self, text: str, chance: random.Random) -> str:
        """The text without one of its clauses; as it was where none can be spared."""
        ends = [0, *(match.end() for match in self.clause_end.finditer(text)), len(text)]
        clauses = [(a, b) for a, b in zip(ends, ends[1:]) if b - a <= LARGEST_LOSS * len(text)]
        if not clauses:
            return text
        start, end = chance.choice(clauses)
        rest = self.finish(self.begin(text[:start] + text[end:]))
        return rest if self.words(rest) else text

    def reworded(self, text: str, share: float, pool: list[str], chance: random.Random) -> str:
        """The text with this share of its words left out or exchanged for words of the pool."""

        def other(match: re.Match) -> str:
            drawn = chance.random()
            if drawn < share * DROPPED:
                return ""
            return chance.choice(pool) if drawn < share else match[0]

        changed = self.tidied(self.word.sub(other, text))
        return changed if self.words(changed) else text

    def tidied(self, text: str) -> str:
        return text


class Chinese(Language):
    sentence_end = re.compile(r"[。！？][”’」』）]*(?=[^”’」』）。！？])")
    clause_end = re.compile(r"[，；：][”’」』）]*|——")
    finished = re.compile(r"[。！？…][”’」』）]*$")
    loose = "，；：、— "
    unfinished = re.compile(r"[，；：、]([”’」』）]+)$")
    full_stop = "。"
    space = ""
    links = ("，", "，", "，而", "；")
    # Two characters at a time: most words have two.
    word = re.compile(r"[\u3400-\u9fff]{1,2}")


class English(Language):
    # Full stops after initials and titles end no sentence.
    sentence_end = re.compile(
        r"(?<![A-Z]\.)(?<!Mr\.)(?<!Dr\.)(?<!Mrs\.)(?<!e\.g\.)(?<!i\.e\.)"
        r"(?<=[.!?])[\"”’)\]]* (?=[\"“‘(\[]?[A-Z0-9])"
    )
    clause_end = re.compile(
        r"[,;:][\"”’)\]]* (?=\w)"
        r"| (?=(?:and|but|which|who|because|when|while|so|where|although|if) )"
    )
    finished = re.compile(r"[.!?…][\"”’)\]]*$")
    loose = ",;:–— "
    unfinished = re.compile(r"[,;:]([\"”’)\]]+)$")
    full_stop = "."
    space = " "
    links = (", and ", ", ", ", but ", "; ", " and ", " – ")
    word = re.compile(r"[A-Za-z0-9](?:[\w'’-]|[.,](?=\d))*")

    def begin(self, text: str) -> str:
        text = text.strip()
        return text[:1].upper() + text[1:]

    def lead_on(self, text: str, known: frozenset[str]) -> str:
        first = re.match(r"[A-Z][a-z]*\b", text)
        ordinary = first and first[0] != "I" and first[0].lower() in known
        return text[0].lower() + text[1:] if ordinary else text

    def tidied(self, text: str) -> str:
        text = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))
        return text[:1].upper() + text[1:]


LANGUAGES = {"zh": Chinese(), "en": English()}
