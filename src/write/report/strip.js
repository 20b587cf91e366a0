
// The strip: the whole document at a glance, and a slider to go anywhere in it. The upper half is Chinese, the lower
// one English; what is missing leaves a hole in the other half.

// How many rows a page key of the slider passes.
const PAGE_ROWS = 20;

class Strip {
  // `go` is called with the number of the bead to go to.
  constructor(box, go) {
    this.box = box;
    this.canvas = box.querySelector("canvas");
    this.here = box.querySelector("#here");
    this.beads = null;
    this.at = 0;
    box.addEventListener("pointerdown", (event) => {
      const move = (moved) => go(this.#pointedAt(moved.clientX));
      const stop = () => {
        box.removeEventListener("pointermove", move);
        box.removeEventListener("pointerup", stop);
        box.removeEventListener("pointercancel", stop);
      };
      box.addEventListener("pointermove", move);
      box.addEventListener("pointerup", stop);
      box.addEventListener("pointercancel", stop);
      box.setPointerCapture(event.pointerId);
      move(event);
    });
    box.addEventListener("keydown", (event) => {
      const last = this.beads.list.length - 1;
      const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE_ROWS, PageDown: -PAGE_ROWS };
      const target = { Home: 0, End: last }[event.key] ?? this.at + steps[event.key];
      if (Number.isNaN(target)) return;
      event.preventDefault();
      event.stopPropagation();
      go(Math.min(Math.max(target, 0), last));
    });
    new ResizeObserver(() => this.draw()).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(beads, doubt) {
    [this.beads, this.doubt] = [beads, doubt];
    this.box.setAttribute("aria-valuemax", String(beads.list.length));
    this.draw();
  }

  // Marks where the reader is.
  mark(at) {
    this.at = at;
    const count = this.beads.list.length;
    this.here.hidden = count === 0;
    if (count === 0) return;
    this.here.style.left = `${(100 * (at + 0.5)) / count}%`;
    const nature = natureOf(this.beads, this.beads.list[at], this.doubt);
    const what = nature.dropped ? ", not counted" : nature.moved ? ", moved" : nature.omission ? ", no English" : nature.addition ? ", no Chinese" : "";
    this.box.setAttribute("aria-valuenow", String(at + 1));
    this.box.setAttribute("aria-valuetext", `row ${at + 1} of ${count}${what}`);
  }

  draw() {
    if (!this.beads) return;
    const { width, height } = this.box.getBoundingClientRect();
    const scale = devicePixelRatio;
    [this.canvas.width, this.canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`);
    const { list } = this.beads;
    const step = width / list.length;
    const half = height / 2 - 1;
    // What is missing is drawn last and never thinner than this, so that none of it is lost among thousands of rows.
    const thinnest = 2;
    const halves = { zh: 0, en: height / 2 + 1 };
    list.forEach((bead, at) => {
      if (!this.beads.covers(bead)) return;
      context.fillStyle = colour("pair");
      context.globalAlpha = 0.2 + 0.8 * bead.confidence ** 2;
      for (const top of Object.values(halves)) context.fillRect(at * step, top, Math.max(step, 0.5), half);
    });
    context.globalAlpha = 1;
    const places = { zh: new Map(), en: new Map() };
    list.forEach((bead, at) => {
      if (this.beads.covers(bead)) return;
      const moved = this.beads.movedWith(bead);
      if (moved) {
        places[length(bead.zh) > 0 ? "zh" : "en"].set(moved, at);
        return;
      }
      for (const [side, name, slope] of [["zh", "omission", -1], ["en", "addition", 1]]) {
        if (length(bead[side]) === 0) continue;
        const box = [at * step, halves[side], Math.max(step, thinnest), half];
        context.fillStyle = colour(name);
        context.fillRect(...box);
        if (box[2] > 6) hatch(context, box, colour(`${name}-tint`), slope);
      }
    });
    // What was moved is a line across, from its Chinese to its English.
    context.strokeStyle = colour("moved");
    context.lineWidth = Math.min(Math.max(step, thinnest), 6);
    for (const [moved, from] of places.zh) {
      const to = places.en.get(moved);
      if (to === undefined) continue;
      context.beginPath();
      context.moveTo((from + 0.5) * step, 0);
      context.lineTo((to + 0.5) * step, height);
      context.stroke();
    }
  }

  #pointedAt(x) {
    const { left, width } = this.box.getBoundingClientRect();
    const count = this.beads.list.length;
    return Math.min(Math.max(Math.floor(((x - left) / width) * count), 0), count - 1);
  }
}

// Slanted lines, so that the kinds differ without colour too.
function hatch(context, [left, top, width, height], colour, slope) {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.beginPath();
  for (let x = left - height; x < left + width + height; x += 5) {
    context.moveTo(x, slope < 0 ? top + height : top);
    context.lineTo(x + height, slope < 0 ? top : top + height);
  }
  context.stroke();
  context.restore();
}
