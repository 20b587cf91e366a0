
// The page: reads the data, shows a document, and answers keys, filters and corrections.

const find = (selector) => document.querySelector(selector);
const report = JSON.parse(find("#data").textContent);
const list = find("#beads");
const actions = find("#actions");
const filters = [...document.querySelectorAll("#filters input")];
const kinds = new Set(report.documents.flatMap((data) => data.findings.map(({ check }) => `check-${check}`)));
const everyDocument = report.documents.map((data) => new Beads(data, report.min_confidence));

let beads;
let rows = [];
let current = 0;

const strip = new Strip(find("#strip"), (at) => select(at, { scroll: true }));

// Showing.

function show(number) {
  beads = everyDocument[number];
  find("#name").textContent = shownText(beads.data.id);
  document.title = `Coverage of ${shownText(beads.data.id)}`;
  offerSections();
  showSetAside();
  redraw();
  select(0, {});
}

// Makes every row anew.
function redraw() {
  rows = beads.list.map((bead) => rowOf(beads, bead, doubt()));
  find("main").append(actions);
  list.replaceChildren(...rows);
  update();
  filter();
}

// What depends on all beads: counts, summary, strip, buttons.
function update() {
  const natures = beads.list.map((bead) => natureOf(beads, bead, doubt()));
  for (const box of filters) {
    const count = natures.filter((nature) => nature[box.value]).length;
    box.labels[0].querySelector("output").textContent = String(count);
    // Of a check that found nothing in any document there is nothing to choose.
    if (box.value.startsWith("check-")) box.labels[0].hidden = !kinds.has(box.value);
  }
  summarise(natures);
  strip.show(beads, doubt());
  find("#undo").disabled = beads.done.length === 0;
  find("#redo").disabled = beads.undone.length === 0;
  find("#save-fixed").disabled = !beads.list.some((bead) => bead.verdict);
}

function summarise(natures) {
  const count = (name) => natures.filter((nature) => nature[name]).length;
  const findings = natures.filter(hasFinding).length;
  const side = (title, { sentences, characters }) => {
    const ratio = characters.total === 0 ? 0 : characters.covered / characters.total;
    const meter = element("meter", { value: ratio, min: 0, max: 1 });
    meter.setAttribute("aria-hidden", "true");
    const of = `${sentences.covered} of ${sentences.total} sentences`;
    return card(title, percent(characters), of, meter);
  };
  find("#summary").replaceChildren(
    side("Chinese characters covered", beads.coverage("zh")),
    side("English characters covered", beads.coverage("en")),
    card("To look at", String(natures.filter(wantsALook).length), `${count("doubtful")} doubtful, ${count("hinted")} with hints${findings > 0 ? `, ${findings} with findings` : ""}`),
    card("Checked by you", String(count("changed")), `of ${beads.list.length} rows`),
  );
}

function card(title, figure, note, ...more) {
  return element(
    "div", {},
    element("dt", { textContent: title }),
    element("dd", { className: "figure", textContent: figure }),
    element("dd", { textContent: note }, ...more),
  );
}

// To one decimal, but never `0.0 %` where something is covered, nor `100.0 %` where something is not.
function percent({ covered, total }) {
  const rounded = (total === 0 ? 0 : (100 * covered) / total).toFixed(1);
  if (rounded === "0.0" && covered > 0) return "<0.1 %";
  if (rounded === "100.0" && covered < total) return ">99.9 %";
  return `${rounded} %`;
}

function wantsALook(nature) {
  return !nature.changed && (nature.omission || nature.addition || nature.doubtful || nature.hinted || hasFinding(nature));
}

function hasFinding(nature) {
  return Object.keys(nature).some((name) => name.startsWith("check-"));
}

function offerSections() {
  const { headings, zh } = beads.data;
  const option = (at, number) => element("option", { value: String(number), textContent: shownText(zh[at].text) });
  const all = element("option", { value: "", textContent: "all" });
  find("#section").replaceChildren(all, ...headings.map(option));
  find("#sections").hidden = headings.length === 0;
}

function showSetAside() {
  const lines = beads.data.set_aside.map(({ kind, line, text }) => element("li", {}, `line ${line}, ${kind}: `, element("bdi", {}, shownText(text))));
  find("#set-aside ul").replaceChildren(...lines);
  find("#set-aside").hidden = lines.length === 0;
}

// Filters.

function doubt() {
  const asked = find("#doubt").valueAsNumber;
  return Number.isNaN(asked) ? 0 : asked;
}

function filter() {
  const asked = filters.filter((box) => box.checked).map((box) => box.value);
  const chosen = find("#section").value;
  const { headings, zh } = beads.data;
  const from = chosen === "" ? 0 : headings[Number(chosen)];
  const to = chosen === "" ? Infinity : (headings[Number(chosen) + 1] ?? Infinity);
  beads.list.forEach((bead, at) => {
    const nature = natureOf(beads, bead, doubt());
    const inSection = chosen === "" || (bead.zh[0] < to && bead.zh[0] >= from && (bead.zh[0] < zh.length || to === Infinity));
    rows[at].hidden = !inSection || (asked.length > 0 && !asked.some((name) => nature[name]));
  });
  if (rows[current]?.hidden) select(rows.findIndex((row) => !row.hidden), {});
  tellShown();
}

function tellShown() {
  const shown = rows.filter((row) => !row.hidden).length;
  find("#shown").textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length}`;
  find("#nothing").hidden = shown > 0;
}

// Moving.

function select(at, { focus = false, scroll = false }) {
  if (at < 0 || at >= rows.length) return;
  rows[current]?.removeAttribute("aria-current");
  if (rows[current]) rows[current].tabIndex = -1;
  current = at;
  const row = rows[at];
  row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  closeCut();
  actions.hidden = false;
  row.append(actions);
  const bead = beads.list[at];
  const offer = (name, offered) => find(`[data-action="${name}"]`).setAttribute("aria-disabled", String(!offered));
  offer("accept", bead.verdict !== "accepted");
  offer("reject", isPair(bead));
  offer("merge", at + 1 < rows.length);
  offer("split", length(bead.zh) + length(bead.en) > 2);
  if (scroll) row.scrollIntoView({ block: "center" });
  if (focus) row.focus({ preventScroll: scroll });
  strip.mark(at);
}

// The next row, by steps of 1 or −1, that is shown and of which `wanted` holds.
function step(by, wanted = () => true) {
  for (let at = current + by; at >= 0 && at < rows.length; at += by) {
    if (!rows[at].hidden && wanted(natureOf(beads, beads.list[at], doubt()))) {
      select(at, { focus: true });
      rows[at].scrollIntoView({ block: "nearest" });
      return;
    }
  }
  say(by > 0 ? "No more rows like that below" : "No more rows like that above");
}

function say(text) {
  find("#said").textContent = text;
}

// Correcting.

function change(made, said) {
  if (!made) {
    say(`Cannot be ${said.toLowerCase()}`);
    return;
  }
  const { at, removed, added } = made;
  find("main").append(actions);
  const fresh = beads.list.slice(at, at + added).map((bead) => rowOf(beads, bead, doubt()));
  const old = rows.splice(at, removed, ...fresh);
  if (old.length > 0) old[0].before(...fresh);
  else list.append(...fresh);
  old.forEach((row) => row.remove());
  current = Math.min(at, rows.length - 1);
  update();
  tellShown();
  select(current, { focus: true });
  rows[current].scrollIntoView({ block: "nearest" });
  say(`${said}: ${added === 1 ? "one row" : `${added} rows`}`);
}

const CORRECTIONS = {
  accept: () => change(beads.accept(current), "Accepted"),
  reject: () => change(beads.reject(current), "Rejected"),
  merge: () => change(beads.merge(current), "Merged"),
  split: openCut,
  undo: () => change(beads.undo(), "Undone"),
  redo: () => change(beads.redo(), "Redone"),
};

function openCut() {
  const bead = beads.list[current];
  if (length(bead.zh) + length(bead.en) < 3) {
    say("Cannot be split; reject it to part its two sentences");
    return;
  }
  for (const side of ["zh", "en"]) {
    const count = length(bead[side]);
    const numbers = Array.from({ length: count + 1 }, (_, number) => element("option", { textContent: String(number) }));
    find(`#cut-${side}`).replaceChildren(...numbers);
    find(`#cut-${side}`).value = String(Math.ceil(count / 2));
    find(`#cut-of-${side}`).textContent = `of ${count} ${side === "zh" ? "Chinese" : "English"}`;
  }
  find("#cut").hidden = false;
  find("#cut-zh").focus();
}

function closeCut() {
  find("#cut").hidden = true;
}

// Saving.

function save(content, ending) {
  const name = beads.data.id.split(/[\\/]/).pop().replace(/[^\p{Letter}\p{Number}._-]+/gu, "-").replace(/\.[^.]*$/, "") || "document";
  const link = element("a", { href: URL.createObjectURL(new Blob([content], { type: "text/plain;charset=utf-8" })), download: name + ending });
  link.click();
  URL.revokeObjectURL(link.href);
  beads.saved = beads.done.length;
  say(`Saved ${name}${ending}`);
}

// Events.

const KEYS = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  n: () => step(1, wantsALook), p: () => step(-1, wantsALook),
  Home: () => edge(rows.findIndex((row) => !row.hidden)), End: () => edge(rows.findLastIndex((row) => !row.hidden)),
  a: CORRECTIONS.accept, x: CORRECTIONS.reject, m: CORRECTIONS.merge, s: CORRECTIONS.split,
  u: CORRECTIONS.undo, r: CORRECTIONS.redo,
};

function edge(at) {
  select(at, { focus: true, scroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !find("#cut").hidden) {
    closeCut();
    rows[current].focus();
    return;
  }
  const isTyping = event.target.closest("input, select, textarea, summary, #strip");
  const isLetter = event.key.length === 1;
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || (isLetter && !find("#keys").checked)) return;
  const answer = KEYS[event.key];
  if (!answer) return;
  event.preventDefault();
  answer();
});

list.addEventListener("click", (event) => {
  const row = event.target.closest(".bead");
  const action = event.target.closest("[data-action]");
  if (action) {
    if (action.getAttribute("aria-disabled") !== "true") CORRECTIONS[action.dataset.action]();
  } else if (row && !event.target.closest("#actions") && rows[current] !== row) {
    select(rows.indexOf(row), {});
  }
});
list.addEventListener("focusin", (event) => {
  if (event.target.classList.contains("bead") && rows[current] !== event.target) select(rows.indexOf(event.target), {});
});

find("#cut").addEventListener("submit", (event) => {
  event.preventDefault();
  const made = beads.split(current, Number(find("#cut-zh").value), Number(find("#cut-en").value));
  if (made) change(made, "Split");
  else say("Both rows must keep a sentence");
});
find("#cut-cancel").addEventListener("click", () => {
  closeCut();
  rows[current].focus();
});

filters.forEach((box) => box.addEventListener("change", filter));
find("#section").addEventListener("change", filter);
find("#doubt").addEventListener("change", redrawHere);
find("#drafts").addEventListener("change", (event) => list.classList.toggle("drafts", event.target.checked));
find("#undo").addEventListener("click", CORRECTIONS.undo);
find("#redo").addEventListener("click", CORRECTIONS.redo);
find("#save-tsv").addEventListener("click", () => save(beads.tsv(), ".tsv"));
find("#save-index").addEventListener("click", () => save(beads.index(false), ".index"));
find("#save-fixed").addEventListener("click", () => save(beads.index(true), ".fixed.index"));

function redrawHere() {
  const at = current;
  redraw();
  select(at, {});
}

// Corrections that were not saved are not lost by a slip.
addEventListener("beforeunload", (event) => {
  if (everyDocument.some((each) => each.done.length !== each.saved)) event.preventDefault();
});

if (everyDocument.length > 1) {
  const option = (each, number) => element("option", {
    value: String(number),
    textContent: `${shownText(each.data.id)}: ${percent(each.coverage("zh").characters)}`,
  });
  find("#document").append(...everyDocument.map(option));
  find("#document").addEventListener("change", (event) => show(Number(event.target.value)));
  find("#documents").hidden = false;
}
if (everyDocument.length > 0) show(0);
