
// The beads of a document, and what a person changes in them. Knows nothing of the page: in come the document's data,
// out come beads, counts and the files to save.

// How the sentences of a side are joined to one line.
const JOINER = { zh: "", en: " " };

const length = (run) => run[1] - run[0];
const isPair = (bead) => length(bead.zh) > 0 && length(bead.en) > 0;

class Beads {
  // `least`: pairs below this confidence cover nothing.
  constructor(data, least) {
    this.data = data;
    this.least = least;
    this.done = [];
    this.undone = [];
    // How many changes there were when it was last saved.
    this.saved = 0;
    const reached = { zh: 0, en: 0 };
    this.list = data.beads.map(([zh, en, confidence]) => {
      const bead = { zh: [reached.zh, reached.zh + zh], en: [reached.en, reached.en + en], confidence, verdict: null };
      [reached.zh, reached.en] = [bead.zh[1], bead.en[1]];
      return bead;
    });
    this.moved = { zh: new Map(), en: new Map() };
    for (const pair of data.moved) {
      for (const side of ["zh", "en"]) {
        for (let index = pair[side][0]; index < pair[side][1]; index++) this.moved[side].set(index, pair);
      }
    }
  }

  // The pair to which a bead without a counterpart belongs, whose other side stands in another place. Where a person has
  // judged, there is none.
  movedWith(bead) {
    const side = length(bead.zh) > 0 ? "zh" : "en";
    return isPair(bead) || bead.verdict ? undefined : this.moved[side].get(bead[side][0]);
  }

  // Whether what stands in it is covered.
  covers(bead) {
    return isPair(bead) && bead.confidence >= this.least;
  }

  // Each change returns where it happened and how many beads stand there instead of how many, or null where nothing
  // can be changed.

  accept(at) {
    const bead = this.list[at];
    return bead.verdict === "accepted" ? null : this.#replace(at, 1, [{ ...bead, confidence: 1, verdict: "accepted" }]);
  }

  reject(at) {
    const bead = this.list[at];
    return isPair(bead) ? this.#replace(at, 1, alone(bead, "rejected")) : null;
  }

  merge(at) {
    const [first, second] = [this.list[at], this.list[at + 1]];
    if (!second) return null;
    const bead = { zh: [first.zh[0], second.zh[1]], en: [first.en[0], second.en[1]], confidence: 1, verdict: "merged" };
    // Sentences without counterpart are beads of one: two of the same side stay two.
    return isPair(bead) ? this.#replace(at, 2, [bead]) : null;
  }

  // The first part keeps so many sentences of each side.
  split(at, zh, en) {
    const bead = this.list[at];
    const cut = [bead.zh[0] + zh, bead.en[0] + en];
    const parts = [
      { zh: [bead.zh[0], cut[0]], en: [bead.en[0], cut[1]] },
      { zh: [cut[0], bead.zh[1]], en: [cut[1], bead.en[1]] },
    ];
    if (parts.some((part) => length(part.zh) + length(part.en) === 0)) return null;
    const judged = parts.map((part) => ({ ...part, confidence: 1, verdict: "split" }));
    return this.#replace(at, 1, judged.flatMap((part) => (isPair(part) ? [part] : alone(part, "split"))));
  }

  undo() {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    return this.#exchange(step.at, step.added, step.removed);
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(step);
    return this.#exchange(step.at, step.removed, step.added);
  }

  #replace(at, count, added) {
    const removed = this.list.slice(at, at + count);
    this.done.push({ at, removed, added });
    this.undone = [];
    return this.#exchange(at, removed, added);
  }

  #exchange(at, removed, added) {
    this.list.splice(at, removed.length, ...added);
    return { at, removed: removed.length, added: added.length };
  }

  // How much of a side is covered, in sentences and in characters that are not white space.
  coverage(side) {
    const sum = { sentences: { covered: 0, total: 0 }, characters: { covered: 0, total: 0 } };
    for (const bead of this.list) {
      const inPlace = this.covers(bead);
      for (let index = bead[side][0]; index < bead[side][1]; index++) {
        const covered = inPlace || (!bead.verdict && this.moved[side].has(index));
        const characters = [...this.data[side][index].text.replace(/\p{White_Space}/gu, "")].length;
        for (const [share, units] of [[sum.sentences, 1], [sum.characters, characters]]) {
          share.total += units;
          if (covered) share.covered += units;
        }
      }
    }
    return sum;
  }

  // A line a bead, as `mtalign align -f index` writes it; of those that a person judged alone, for `--fixed`.
  index(judgedAlone) {
    const ids = (side, run) => `[${this.data[side].slice(...run).map((sentence) => sentence.id).join(",")}]`;
    const rows = judgedAlone ? this.list.filter((bead) => bead.verdict) : this.list.flatMap((bead) => this.#rows(bead));
    return rows.map((row) => `${ids("zh", row.zh)}:${ids("en", row.en)}:${decimal(row.confidence)}\n`).join("");
  }

  // The pairs, as `mtalign align` writes them.
  tsv() {
    const text = (side, run) => oneLine(this.data[side].slice(...run).map((sentence) => sentence.text).join(JOINER[side]));
    const pairs = this.list.filter((bead) => this.covers(bead));
    return pairs.map((bead) => `${text("zh", bead.zh)}\t${text("en", bead.en)}\t${decimal(bead.confidence)}\n`).join("");
  }

  // A pair that was given up stands as its two sides.
  #rows(bead) {
    if (this.covers(bead)) return [bead];
    const none = (run, end) => [run[end], run[end]];
    const sides = [{ ...bead, en: none(bead.en, 0) }, { ...bead, zh: none(bead.zh, 1) }];
    return sides.filter((row) => length(row.zh) + length(row.en) > 0);
  }
}

// The sentences of a bead, each a bead without a counterpart.
function alone(bead, verdict) {
  const single = { confidence: 1, verdict };
  const beads = [];
  for (let at = bead.zh[0]; at < bead.zh[1]; at++) beads.push({ ...single, zh: [at, at + 1], en: [bead.en[0], bead.en[0]] });
  for (let at = bead.en[0]; at < bead.en[1]; at++) beads.push({ ...single, zh: [bead.zh[1], bead.zh[1]], en: [at, at + 1] });
  return beads;
}

// Two to four decimals.
function decimal(confidence) {
  return confidence.toFixed(4).replace(/0{1,2}$/, "");
}

// Where control characters or line separators stand, they and the white space around them become one space.
function oneLine(text) {
  return text.replace(/[\p{White_Space}\p{Cc}]+/gu, (gap) => (/[\p{Cc}\u2028\u2029]/u.test(gap) ? " " : gap));
}
