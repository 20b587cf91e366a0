
// Beads → rows of the page. Text from the document becomes text nodes, never markup.

// Longer sentences are shown in part until asked for; far above any real one.
const LONGEST_SHOWN = 3000;

const VERDICTS = { accepted: "accepted", rejected: "rejected", merged: "merged", split: "split" };

const FLAWS = {
  empty: "none", looping: "looping", copied: "copied from the Chinese", too_short: "too short", too_long: "too long",
  quantity: "an amount or a date is missing", negation: "a negation is missing", incomplete: "something is missing",
};

// What a row is, of all that it can be filtered by.
function natureOf(beads, bead, doubt) {
  const pair = isPair(bead);
  const dropped = pair && !beads.covers(bead);
  const moved = beads.movedWith(bead) !== undefined;
  return {
    pair,
    dropped,
    moved,
    omission: !moved && (dropped || length(bead.en) === 0),
    addition: !moved && (dropped || length(bead.zh) === 0),
    doubtful: pair && bead.confidence < doubt,
    hinted: ["zh", "en"].some((side) => hintsIn(beads.data, side, bead[side]).length > 0),
    changed: bead.verdict !== null,
    ...checksOf(beads, bead),
  };
}

// The checks that found something in a row, as `{ "check-number": true }`; they are about both of its sides.
function checksOf(beads, bead) {
  const found = isPair(bead) ? findingsOf(beads.data).slice(...bead.zh).flat() : [];
  return Object.fromEntries(found.map(({ check }) => [`check-${check}`, true]));
}

// The findings of each Chinese sentence, by the first of their pair.
const findingTables = new WeakMap();
function findingsOf(data) {
  if (!findingTables.has(data)) {
    const bySentence = data.zh.map(() => []);
    for (const finding of data.findings) bySentence[finding.zh_run[0]].push(finding);
    findingTables.set(data, bySentence);
  }
  return findingTables.get(data);
}

function hintsIn(data, side, run) {
  return hintsOf(data)[side].slice(...run).flat();
}

// The places of each sentence that findings are about, with what they are.
const placeTables = new WeakMap();
function placesOf(data) {
  if (!placeTables.has(data)) {
    const table = (side) => {
      const bySentence = data[side].map(() => []);
      for (const { title, before, ...sides } of data.findings) {
        const said = before ? `${title}: ${before}` : title;
        for (const { sentence, start, end } of sides[side]) bySentence[sentence].push({ start, end, title: said });
      }
      return bySentence;
    };
    placeTables.set(data, { zh: table("zh"), en: table("en") });
  }
  return placeTables.get(data);
}

// The hints of each sentence.
const hintTables = new WeakMap();
function hintsOf(data) {
  if (!hintTables.has(data)) {
    const table = (side) => {
      const bySentence = data[side].map(() => []);
      for (const hint of data.hints[side]) bySentence[hint.sentence].push(hint);
      return bySentence;
    };
    hintTables.set(data, { zh: table("zh"), en: table("en") });
  }
  return hintTables.get(data);
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function rowOf(beads, bead, doubt) {
  const nature = natureOf(beads, bead, doubt);
  // A pair that is not counted is missing on both sides, but looks like neither.
  const looks = { ...nature, omission: nature.omission && !nature.dropped, addition: nature.addition && !nature.dropped };
  const names = Object.keys(looks).filter((name) => looks[name]);
  const row = element("li", { className: ["bead", ...names].join(" "), tabIndex: -1 });
  row.style.setProperty("--confidence", String(bead.confidence));
  row.append(sideOf(beads, bead, "zh"), linkOf(beads, bead, nature), sideOf(beads, bead, "en"));
  return row;
}

function linkOf(beads, bead, nature) {
  const link = element("div", { className: "link" });
  const mark = (name, text) => link.append(element("span", { className: `mark ${name}`, textContent: text }));
  if (nature.pair) {
    const kind = `${length(bead.zh)}:${length(bead.en)}`;
    const title = `${length(bead.zh)} Chinese with ${length(bead.en)} English; probability ${decimal(bead.confidence)}`;
    link.append(element("span", { textContent: `${kind} · ${bead.confidence.toFixed(2)}`, title }));
  }
  if (nature.dropped) mark("doubtful", "not counted");
  else if (nature.doubtful) mark("doubtful", "doubtful");
  if (!nature.pair) {
    const title = `probability ${decimal(bead.confidence)}`;
    link.append(element("span", { textContent: bead.confidence.toFixed(2), title }));
  }
  const found = nature.pair ? findingsOf(beads.data).slice(...bead.zh).flat() : [];
  for (const { check, title, before } of found) {
    const shown = shownText(before ? `${title}: ${before}` : title);
    link.append(element("span", { className: "mark finding", textContent: check, title: shown }));
  }
  if (bead.verdict) mark("checked", VERDICTS[bead.verdict]);
  return link;
}

function sideOf(beads, bead, side) {
  const box = element("div", { className: `side ${side}`, lang: side });
  const sentences = beads.data[side].slice(...bead[side]);
  const moved = beads.movedWith(bead);
  if (sentences.length === 0 && moved) {
    box.lang = "en";
    box.append(elsewhere(beads, moved, side));
  } else if (sentences.length === 0) {
    const [name, text] = side === "en" ? ["omission", "No English"] : ["addition", "No Chinese"];
    box.lang = "en";
    box.append(element("p", { className: "absent" }, element("span", { className: `mark ${name}`, textContent: text })));
  }
  sentences.forEach((sentence, at) => box.append(sentenceOf(beads.data, side, bead[side][0] + at)));
  if (side === "en" && !moved) {
    const drafts = beads.data.zh.slice(...bead.zh).filter((sentence) => sentence.mt || sentence.flaw);
    if (drafts.length > 0) box.append(draftOf(drafts));
  }
  return box;
}

// Where the other side of a moved pair stands, and what it says.
function elsewhere(beads, moved, side) {
  const sentences = beads.data[side].slice(...moved[side]);
  const title = `probability ${decimal(moved.confidence)}`;
  const mark = element("span", { className: "mark moved", title, textContent: `stands at line ${sentences[0].line}` });
  const text = element("bdi", { lang: side });
  shorten(text, sentences.map((sentence) => sentence.text).join(JOINER[side]));
  return element("p", { className: "absent" }, mark, " ", text);
}

function sentenceOf(data, side, index) {
  const sentence = data[side][index];
  const title = `${data.files[side]}, line ${sentence.line}`;
  const place = element("span", { className: "place", title }, unseen("line "), String(sentence.line));
  const text = element("bdi", {});
  const hints = hintsOf(data)[side][index];
  const places = placesOf(data)[side][index];
  if (hints.length + places.length === 0) {
    shorten(text, sentence.text);
  } else {
    text.append(...marked(sentence.text, hints, places));
  }
  const isHeading = side === "zh" && data.headings.includes(index);
  const box = element("p", { className: isHeading ? "sentence heading" : "sentence" }, place, text);
  if (sentence.untranslated) {
    const textContent = side === "zh" ? "left in English" : "left in Chinese";
    box.append(" ", element("span", { className: "mark doubtful", lang: "en", textContent }));
  }
  return box;
}

// The text with its hints marked, and in it what findings are about.
function marked(text, hints, places) {
  const nodes = [];
  let reached = 0;
  for (const { start, end, confidence } of hints) {
    const title = `may have no counterpart: probability ${confidence.toFixed(2)}`;
    nodes.push(...foundIn(text, reached, start, places));
    nodes.push(element("mark", { className: "hint", title }, ...foundIn(text, start, end, places), unseen(` (${title})`)));
    reached = end;
  }
  nodes.push(...foundIn(text, reached, text.length, places));
  return nodes;
}

// A stretch of the text, with what findings are about marked. Where two are about the same, the first is.
function foundIn(text, from, to, places) {
  const nodes = [];
  let reached = from;
  for (const { start, end, title } of [...places].sort((one, other) => one.start - other.start)) {
    const [first, last] = [Math.max(start, reached), Math.min(end, to)];
    if (first >= last) continue;
    if (first > reached) nodes.push(shownText(text.slice(reached, first)));
    const shown = shownText(title);
    nodes.push(element("mark", { className: "finding", title: shown }, shownText(text.slice(first, last)), unseen(` (${shown})`)));
    reached = last;
  }
  if (reached < to) nodes.push(shownText(text.slice(reached, to)));
  return nodes;
}

function unseen(text) {
  return element("span", { className: "unseen", textContent: text });
}

// Characters that turn the direction of writing show as U+FFFD, so that a text can neither hide nor reorder itself.
function shownText(text) {
  return text.replace(/\p{Bidi_Control}/gu, "\uFFFD");
}

function shorten(box, text) {
  if (text.length <= LONGEST_SHOWN) {
    box.append(shownText(text));
    return;
  }
  const all = element("button", { type: "button", className: "more", textContent: `all ${text.length.toLocaleString("en")} characters` });
  all.addEventListener("click", () => box.replaceChildren(shownText(text)));
  box.append(`${shownText(text.slice(0, LONGEST_SHOWN))}…`, all);
}

function draftOf(sentences) {
  const draft = element("p", { className: "draft", lang: "en" }, element("i", { textContent: "draft" }));
  const text = sentences.map((sentence) => sentence.mt).filter(Boolean).join(JOINER.en);
  draft.append(element("bdi", {}, shownText(text.slice(0, LONGEST_SHOWN))));
  const flaws = [...new Set(sentences.map((sentence) => sentence.flaw).filter(Boolean))];
  const least = Math.min(...sentences.map((sentence) => sentence.probability ?? 1));
  const notes = [decimal(least), ...flaws.map((flaw) => FLAWS[flaw] ?? flaw)];
  draft.append(element("span", { title: "the model's own probability, and what looks wrong" }, ` (${notes.join(", ")})`));
  return draft;
}
