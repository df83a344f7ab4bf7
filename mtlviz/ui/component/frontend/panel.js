// One panel: the data of an arm's tasks, what its model says everywhere, and where its boundaries lie.

import { chained, clippedLine, contourSegments } from "./contours.js";
import { node, setText } from "./dom.js";
import { drawPoints } from "./markers.js";
import { linearRule, logitGrid, modelAt } from "./model.js";
import { boundaryAxes } from "./scene.js";
import { CLASS_A, CLASS_B, VERDICTS, taskLook } from "./theme.js";

const CELLS = 60; // Shading is computed on this many cells a side and scaled up smoothly.
const CORNERS = 49; // Curved boundaries are found on a grid of this many corners a side.
const REACH = 8; // Logits beyond this are as sure as the picture can show.
const ROUGH = 2; // Points that an estimate of few repetitions cannot tell from zero.
const STRONGEST = 72; // Opacity, of 255, where the model is sure.

// Certainty to colour: background at probability one half, blue or orange towards certainty.
const SHADES = Uint8ClampedArray.from({ length: 1024 }, (_, i) => {
  const logit = ((i >> 2) / 255) * 2 * REACH - REACH;
  const channel = i & 3;
  if (channel === 3) return STRONGEST * Math.tanh(Math.abs(logit) / 2);
  return (logit > 0 ? CLASS_A : CLASS_B)[channel];
});

export class Panel {
  constructor(index) {
    this.index = index;
    this.title = node("figcaption", { className: "title" });
    this.canvas = node("canvas", { tabIndex: 0, attributes: { role: "img" } });
    this.overlay = node("div", { className: "overlay" });
    this.stage = node("div", { className: "stage" }, [this.canvas, this.overlay]);
    this.numbers = node("div", { className: "numbers" });
    [this.said, this.unit] = [node("span"), node("span", { className: "more" })];
    this.verdict = node("p", { className: "verdict" }, [this.said, this.unit]);
    this.element = node("figure", { className: "panel" }, [this.title, this.stage, this.numbers, this.verdict]);
    this.layer = document.createElement("canvas");
    this.tile = node("canvas", { width: CELLS, height: CELLS });
    this.image = new ImageData(CELLS, CELLS);
    this.logits = new Float64Array(CELLS * CELLS);
    this.corners = new Float64Array(CORNERS * CORNERS);
  }

  /** Take a film's data: the panel's run and all tasks. */
  update(film, alt) {
    this.film = film;
    this.run = film.panels[this.index];
    setText(this.title, this.run.title);
    this.canvas.setAttribute("aria-label", `${this.run.title}. ${alt}`);
    this.lines = this.run.tasks.map((task) => {
      const [kind, number] = film.tasks[task].name.split(/(?<!\d)(?=\d+$)/);
      const mark = node("span", { className: "mark" }, [node("span", { className: "kind", textContent: kind }), number ?? ""]);
      mark.style.setProperty("--task", taskLook(task).color);
      const [value, more] = [node("span"), node("span", { className: "more" })];
      const element = node("div", { className: "number", onclick: () => this.onselect?.(task) }, [mark, node("span", {}, [value, more])]);
      element.dataset.task = task;
      return { element, value, more };
    });
    this.numbers.replaceChildren(...this.lines.map((line) => line.element));
    this.recall();
  }

  /** The verdict below the picture, or an estimate in its place. */
  say(verdict) {
    this.verdict.hidden = !verdict;
    this.verdict.style.setProperty("--verdict", VERDICTS[verdict?.sign] ?? VERDICTS.undecided);
    this.verdict.toggleAttribute("data-estimate", Boolean(this.live));
    const [said, unit = ""] = (verdict?.text ?? "").split(/(?= points$)/);
    setText(this.said, said);
    setText(this.unit, unit);
    this.verdict.title = verdict?.hint ?? verdict?.text ?? "";
  }

  /** While data is dragged: the model that a quick training in the browser gives. */
  follow(found) {
    const shift = new Float64Array(this.run.capacity);
    this.live = { model: { r: this.run.capacity, relu: false, shift, ...found } };
  }

  /** Back to what was trained. */
  recall() {
    this.live = null;
    this.say(this.run.verdict);
    this.stale = true;
  }

  /** While data is dragged: the transfer that quick trainings give, in points. */
  expect(gain) {
    if (!this.run.verdict || !Number.isFinite(gain)) return;
    const sign = Math.abs(gain) < ROUGH ? "undecided" : gain > 0 ? "helps" : "hurts";
    const whole = Math.round(gain);
    const points = `${whole < 0 ? "−" : whole > 0 ? "+" : ""}${Math.abs(whole)}`;
    this.say({ sign, text: `≈ ${points} points (estimate)` });
  }

  /** Fit the canvas to its place and the screen's pixels; true when its size changed. */
  fit() {
    const side = this.stage.clientWidth;
    const pixels = Math.round(side * (window.devicePixelRatio || 1));
    if (!side || (pixels === this.canvas.width && side === this.side)) return false;
    this.side = side;
    for (const canvas of [this.canvas, this.layer]) Object.assign(canvas, { width: pixels, height: pixels });
    this.stale = true;
    return true;
  }

  toPixel(x, y) {
    const scale = this.side / (2 * this.film.extent);
    return [(x + this.film.extent) * scale, (this.film.extent - y) * scale];
  }

  toPlane(px, py) {
    const scale = (2 * this.film.extent) / this.side;
    return [px * scale - this.film.extent, this.film.extent - py * scale];
  }

  draw(place, theme) {
    if (!this.side) return;
    const live = this.live?.model;
    const drawn = this.drawn;
    // While one cloud is dragged, panels without it have nothing new to show.
    if (!this.stale && drawn?.place === place && drawn.live === live && drawn.theme === theme) return;
    this.drawn = { place, live, theme };
    if (this.stale) this.drawLayer(theme);
    const model = live ?? modelAt(this.run, place);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.drawShading(pen, model);
    pen.drawImage(this.layer, 0, 0);
    const scale = this.canvas.width / this.side;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.run.tasks.map((_, k) => k).reverse().forEach((k) => this.drawBoundary(pen, model, k, theme));
    for (const name of this.names) this.drawName(pen, name, theme);
    this.drawNumbers(Math.round(place));
  }

  drawShading(pen, model) {
    const { extent } = this.film;
    const half = extent / CELLS;
    logitGrid(model, 0, CELLS, -extent + half, extent - half, this.logits);
    const pixels = this.image.data;
    for (let cell = 0; cell < this.logits.length; cell += 1) {
      const logit = Math.min(Math.max(this.logits[cell], -REACH), REACH);
      const shade = Math.round(((logit + REACH) / (2 * REACH)) * 255) * 4;
      // Pictures count rows from the top, the plane from below.
      const at = ((CELLS - 1 - Math.floor(cell / CELLS)) * CELLS + (cell % CELLS)) * 4;
      for (let channel = 0; channel < 4; channel += 1) pixels[at + channel] = SHADES[shade + channel];
    }
    this.tile.getContext("2d").putImageData(this.image, 0, 0);
    pen.drawImage(this.tile, 0, 0, this.canvas.width, this.canvas.height);
  }

  drawBoundary(pen, model, k, theme) {
    const look = taskLook(this.run.tasks[k]);
    pen.beginPath();
    for (const line of chained(this.boundarySegments(model, k))) {
      line.forEach(([x, y], i) => (i ? pen.lineTo(...this.toPixel(x, y)) : pen.moveTo(...this.toPixel(x, y))));
    }
    const width = k === 0 ? 3.8 : 2.4;
    const stroke = (color, wide) => {
      Object.assign(pen, { strokeStyle: color, lineWidth: wide });
      pen.stroke();
    };
    // A halo keeps the line apart from the shading, a thin edge keeps light hues apart from the halo.
    stroke(theme.background, width + 4);
    pen.setLineDash(look.dash);
    stroke(theme.text, width + 1.4);
    stroke(look.color, width);
    pen.setLineDash([]);
  }

  boundarySegments(model, k) {
    const { extent } = this.film;
    if (!model.relu) return clippedLine(linearRule(model, k), extent);
    logitGrid(model, k, CORNERS, -extent, extent, this.corners);
    const step = (2 * extent) / (CORNERS - 1);
    return contourSegments(this.corners, CORNERS, CORNERS, 0).map((piece) => piece.map((at) => at * step - extent));
  }

  drawLayer(theme) {
    const pen = this.layer.getContext("2d");
    const scale = this.layer.width / this.side;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.side, this.side);
    const size = Math.max(1.9, this.side / 130);
    // The target's points lie on top of the others.
    for (const task of [...this.run.tasks].reverse()) {
      drawPoints(pen, this.film.tasks[task], taskLook(task), (x, y) => this.toPixel(x, y), size, theme);
    }
    this.names = [];
    for (const task of this.run.tasks) this.drawTruth(pen, task, theme);
    this.stale = false;
  }

  drawTruth(pen, task, theme) {
    const { scene } = this.film.tasks[task];
    if (!scene) return;
    const { normal } = boundaryAxes(scene);
    const [line] = clippedLine([normal[0], normal[1], -scene.offset], this.film.extent);
    if (!line) return;
    pen.beginPath();
    pen.moveTo(...this.toPixel(line[0], line[1]));
    pen.lineTo(...this.toPixel(line[2], line[3]));
    pen.setLineDash([1.5, 3.5]);
    pen.strokeStyle = theme.text;
    pen.globalAlpha = 0.75;
    pen.lineWidth = 1.4;
    pen.stroke();
    pen.setLineDash([]);
    this.nameTruth(line, task, theme);
    pen.globalAlpha = 1;
  }

  /** Where a true boundary is named: at its right end, inside the picture, clear of the names before it. */
  nameTruth(line, task, theme) {
    const end = line[2] >= line[0] ? line.slice(2) : line.slice(0, 2);
    const height = Math.round(theme.size * 0.85);
    const [x, wanted] = this.toPixel(end[0] * 0.98, end[1]);
    const y = this.freeHeight(Math.min(Math.max(wanted, height), this.side - height), 1.25 * height);
    this.names.push({ text: this.run.tasks.length > 1 ? `true ${task + 1}` : "true", x, y, height });
  }

  /** Names lie on top of everything, or the learned boundary would cross them out. */
  drawName(pen, { text, x, y, height }, theme) {
    pen.font = `${height}px ${theme.font}`;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.strokeStyle = theme.background;
    pen.lineWidth = 3;
    pen.fillStyle = theme.text;
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }

  /** The free height nearest to the one wanted, at least `gap` from every name drawn before. */
  freeHeight(wanted, gap) {
    const moves = this.names.flatMap((_, i) => [(i + 1) * gap, -(i + 1) * gap]);
    const outside = (y) => y < gap / 2 || y > this.side - gap / 2;
    const taken = (y) => outside(y) || this.names.some((name) => Math.abs(name.y - y) < gap - 0.5);
    return [0, ...moves].map((move) => wanted + move).find((each) => !taken(each)) ?? wanted;
  }

  drawNumbers(frame) {
    const count = this.run.tasks.length;
    this.lines.forEach((line, k) => {
      const [score, ...rest] = this.live ? ["estimating …"] : this.sentence(frame * count + k).split(" held");
      setText(line.value, score);
      setText(line.more, rest.map((text) => ` held${text}`).join(""));
    });
  }

  sentence(at) {
    const [accuracy, loss] = [this.run.accuracy[at], this.run.loss[at]];
    if (!Number.isFinite(accuracy) || !Number.isFinite(loss)) return "training diverged";
    return `${(100 * accuracy).toFixed(1)} % held out · loss ${loss.toPrecision(3)}`;
  }

  /** The panel's numbers in words, for a screen reader. */
  spoken(frame) {
    const count = this.run.tasks.length;
    const parts = this.run.tasks.map((task, k) => `${this.film.tasks[task].name} ${this.sentence(frame * count + k)}`);
    const told = this.verdict.hidden || this.verdict.style.visibility ? "" : ` ${this.verdict.title}`;
    return `${this.run.title}: ${parts.join(", ")}.${told}`;
  }
}
