// The board: gradients with tips to drag, every method's update, the cone where all gain, the numbers.

import {
  combined, coneOf, gramOf, length, matched, weightsOf,
} from "./arrows_math.js";
import { drawArrow, drawLabels, drawNumber, drawTip, drawWedge, prepared } from "./arrows_pen.js";
import { SlowMotion } from "./arrows_slow.js";
import { MethodTable, number, signed, symbolOf } from "./arrows_table.js";
import { followCursor } from "./cursor.js";
import { node, save, setText } from "./dom.js";
import { readTheme, taskLook } from "./theme.js";

const RIGHT_ANGLE = 1e-9; // A cosine nearer to zero is one that rounding moved off it.
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 0.1;
const LARGE_STEP = 0.5;
const IDLE = 400; // Milliseconds after the last key before a move counts as released.
const MOST_OUT = 2.6; // Updates longer than so many of the longest gradient leave the picture.
const SAME_TIP = 6; // Pixels within which two updates share a label.
const DARK_TEXT = [1, 3, 4]; // Tasks whose hue is too light for a white number.

const hundredths = (value) => Math.round(value * 100) / 100;

export class ArrowBoard {
  /** @param request asks for a drawing. @param edits takes what is let go to Python. */
  constructor({ request, edits }) {
    Object.assign(this, { request, edits, handles: [], held: null, timer: null });
    this.canvas = node("canvas", { attributes: { role: "img" } });
    this.stage = node("div", { className: "stage" }, [this.canvas]);
    this.note = node("p", { className: "note" });
    this.slowText = node("p", { className: "slow", attributes: { "aria-live": "polite" } });
    this.table = new MethodTable();
    this.pairs = node("ul", { className: "pairs", attributes: { "aria-label": "Pairs of tasks" } });
    this.slowBox = node("div");
    this.right = node("div", {}, [this.table.element, this.slowBox, this.pairs]);
    this.element = node("div", { className: "split" }, [this.stage, this.note, this.right]);
  }

  /** Take what Python says: arrows at rest, and the engine's numbers for them. */
  take(data) {
    this.data = data;
    this.arrows = data.arrows.map((arrow) => [...arrow]);
    this.gram = data.gram;
    this.moved = false;
    if (!this.slow) this.addSlowMotion(data.cursor_group);
    this.slow.take(data.gram, data.trace);
    this.table.rebuild(data.methods, this.arrows.length, data.step);
    this.extent = this.widest();
    this.showHandles();
    this.canvas.setAttribute("aria-label", data.alt);
    setText(this.note, data.note);
    for (const part of [this.table.element, this.pairs]) part.hidden = !data.numbers;
    this.slowBox.hidden = !data.slow;
  }

  addSlowMotion(group) {
    this.slow = new SlowMotion(group, () => this.savePicture(), this.request);
    this.slowBox.append(node("p", { className: "title slow-title", textContent: "PCGrad in slow motion" }), this.slow.element, this.slowText);
    this.element.onkeydown = (event) => { if (!event.target.closest(".handle")) this.slow.player.key(event); };
    this.unfollow = followCursor(group, () => this.request());
  }

  /** Half the width shown: room for the arrows, and for updates unless they are far longer. */
  widest() {
    const longest = Math.max(...this.arrows.map(length)) || 1;
    const updates = this.updates().map(({ tip }) => Math.min(tip ? length(tip) : 0, MOST_OUT * longest));
    const plain = length(combined(this.arrows, this.arrows.map(() => 1)));
    return 1.22 * Math.max(longest, ...updates, Math.min(plain, MOST_OUT * longest));
  }

  /** Each method's weights and tip: the engine's at rest, the closed form's while moving. */
  updates() {
    const { methods, match, order } = this.data;
    return methods.map((method) => {
      const raw = this.moved ? weightsOf(method.name, this.arrows, order) : method.weights;
      const weights = raw && match ? matched(this.gram, raw) : raw;
      return { method, weights, tip: weights && combined(this.arrows, weights) };
    });
  }

  // --- handles ---

  showHandles() {
    const count = this.data.editable ? this.arrows.length : 0;
    while (this.handles.length > count) this.handles.pop().remove();
    while (this.handles.length < count) this.handles.push(this.newHandle(this.handles.length));
  }

  newHandle(task) {
    const handle = node("button", { type: "button", className: "handle", attributes: { "data-mark": task + 1 } });
    handle.style.setProperty("--task", taskLook(task).color);
    if (DARK_TEXT.includes(task)) handle.dataset.dark = "1";
    handle.onpointerdown = (event) => {
      handle.setPointerCapture(event.pointerId);
      this.held = task;
      this.slow.player.goTo(0);
    };
    handle.onpointermove = (event) => { if (this.held === task) this.drag(task, event); };
    handle.onpointerup = () => { if (this.held === task) this.drop(); };
    handle.onpointercancel = handle.onpointerup;
    handle.onkeydown = (event) => this.key(task, event);
    handle.onblur = () => { if (this.timer) this.release(); };
    this.stage.append(handle);
    return handle;
  }

  drag(task, event) {
    const box = this.stage.getBoundingClientRect();
    const scale = (2 * this.extent) / box.width;
    this.move(task, [(event.clientX - box.left) * scale - this.extent, this.extent - (event.clientY - box.top) * scale]);
  }

  drop() {
    this.held = null;
    if (this.moved) this.release();
    else this.edits.free();
  }

  /** Whether a tip was moved that Python knows nothing of yet. */
  isHeld() {
    return this.held !== null || this.timer !== null;
  }

  key(task, event) {
    const arrow = KEYS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? LARGE_STEP : STEP;
    this.slow.player.goTo(0);
    this.move(task, this.arrows[task].map((value, axis) => value + by * arrow[axis]));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), IDLE);
  }

  move(task, place) {
    const reach = this.data.reach;
    this.arrows[task] = place.map((value) => hundredths(Math.min(Math.max(value, -reach), reach)));
    this.gram = gramOf(this.arrows);
    this.moved = true;
    this.request();
  }

  release() {
    clearTimeout(this.timer);
    this.timer = null;
    this.edits.report({ arrows: this.arrows.map((arrow) => [...arrow]) });
  }

  // --- drawing ---

  draw(root) {
    this.theme = readTheme(root);
    this.side = this.stage.clientWidth;
    if (!this.side) return;
    const updates = this.updates();
    this.paint(updates);
    this.placeHandles();
    this.table.draw(this.gram, updates, this.data.step);
    this.showPairs();
    setText(this.slowText, this.moved ? "Let go to follow PCGrad step by step." : this.slow.text());
  }

  toPixel([x, y]) {
    const half = this.side / 2;
    return [half + (x / this.extent) * half, half - (y / this.extent) * half];
  }

  paint(updates) {
    const { theme, side } = this;
    const pen = prepared(this.canvas, side, side);
    const toPixel = (place) => this.toPixel(place);
    drawAxes(pen, side, theme);
    if (!this.moved && this.slow.now()) return void this.slow.draw(pen, this.arrows, toPixel, side, theme);
    const middle = toPixel([0, 0]);
    const { bare, editable } = this.data;
    const cone = !bare && (editable || this.arrows.length === 2) ? coneOf(this.arrows) : null;
    if (cone) this.paintCone(pen, cone, middle);
    const plain = combined(this.arrows, this.arrows.map(() => 1));
    // Before a guess not even the sum is drawn.
    const named = bare || updates.some(({ method }) => method.name === "sum");
    if (!named) drawArrow(pen, middle, toPixel(plain), { color: theme.text, dash: "dot", width: 1.5, alpha: 0.5 });
    this.arrows.forEach((arrow, task) => drawArrow(pen, middle, toPixel(arrow), { ...taskLook(task), width: 4 }));
    const drawn = updates.filter(({ tip }) => tip);
    for (const { method, tip } of drawn) {
      drawArrow(pen, middle, toPixel(tip), { ...method, width: 2.6 });
      drawTip(pen, method.marker, toPixel(tip), 6, method.color, theme);
    }
    drawLabels(pen, [...this.taskLabels(), ...this.labels(drawn, named ? [] : [plain])], side, theme);
  }

  paintCone(pen, cone, middle) {
    drawWedge(pen, middle, cone, 2 * this.side, this.theme);
  }

  /** Where no handle carries the task's number, a label does. */
  taskLabels() {
    if (this.data.editable) return [];
    return this.arrows.map((arrow, task) =>
      ({ text: `${symbolOf(task)} task ${task + 1}`, at: this.toPixel(arrow), from: this.toPixel([0, 0]), color: this.theme.text }));
  }

  /** One label for each place, naming every method whose update ends there. */
  labels(drawn, reference) {
    const groups = [];
    const tips = [...drawn.map(({ method, tip }) => ({ title: method.title, tip })), ...reference.map((tip) => ({ title: "plain sum", tip }))];
    for (const { title, tip } of tips) {
      const at = this.toPixel(tip);
      const group = groups.find((known) => Math.hypot(known.at[0] - at[0], known.at[1] - at[1]) < SAME_TIP);
      if (group) group.text += ` = ${title}`;
      else groups.push({ text: title, at, from: this.toPixel([0, 0]), color: this.theme.text });
    }
    return groups;
  }

  /** The pixel of a task's handle: at its tip, or inside the edge where that lies beyond. */
  handlePlace(task) {
    return this.toPixel(this.arrows[task]).map((value) => Math.min(Math.max(value, 12), this.side - 12));
  }

  placeHandles() {
    this.handles.forEach((handle, task) => {
      const [left, top] = this.handlePlace(task);
      Object.assign(handle.style, { left: `${left}px`, top: `${top}px` });
      const [x, y] = this.arrows[task];
      const degrees = Math.round((Math.atan2(y, x) * 180) / Math.PI);
      const label = `Task ${task + 1} gradient, x ${number(x)}, y ${number(y)}, length ${number(length([x, y]))}, direction ${degrees} degrees`;
      if (handle.title !== label) {
        handle.title = label;
        handle.setAttribute("aria-label", label);
      }
    });
  }

  /** Cosine, likeness of lengths and curvature bound of every pair, as the picture stands. */
  showPairs() {
    const texts = this.gram.flatMap((row, i) => row.slice(i + 1).map((product, more) => {
      const j = i + 1 + more;
      return pairText(i, j, product, this.gram[i][i], this.gram[j][j]);
    }));
    while (this.pairs.children.length > texts.length) this.pairs.lastChild.remove();
    while (this.pairs.children.length < texts.length) this.pairs.append(node("li"));
    texts.forEach((text, i) => setText(this.pairs.children[i], text));
  }

  /** The picture as a file; the handles are nodes of their own on the page and drawn in here. */
  savePicture() {
    const copy = node("canvas", { width: this.canvas.width, height: this.canvas.height });
    const pen = copy.getContext("2d");
    pen.fillStyle = this.theme.background;
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.drawImage(this.canvas, 0, 0);
    const ratio = this.canvas.width / this.side;
    pen.scale(ratio, ratio);
    this.handles.forEach((_, task) => {
      const ink = DARK_TEXT.includes(task) ? "#111" : "#fff";
      drawNumber(pen, task + 1, this.handlePlace(task), taskLook(task).color, ink, this.theme);
    });
    save("gradients.png", copy.toDataURL("image/png"), "image/png");
  }

  destroy() {
    clearTimeout(this.timer);
    this.unfollow?.();
    this.slow?.destroy();
  }
}

function pairText(i, j, product, first, second) {
  const name = `Tasks ${i + 1} and ${j + 1}`;
  if (first === 0 || second === 0) return `${name}: a zero gradient has no direction.`;
  const cosine = Math.min(Math.max(product / Math.sqrt(first * second), -1), 1);
  const alike = (2 * Math.sqrt(first * second)) / (first + second);
  const word = cosine < -RIGHT_ANGLE ? "conflict" : "no conflict";
  const both = first + second + 2 * product;
  const bound = both > 0 ? ((1 - cosine ** 2) * (first + second - 2 * product)) / both : null;
  const degrees = Math.round((Math.acos(cosine) * 180) / Math.PI);
  const bend = bound === null ? "" : ` · curvature bound ξ ${number(bound)}`;
  return `${name}: ${word}, cosine ${signed(cosine)} (${degrees}°) · lengths alike Φ ${number(alike)}${bend}`;
}

function drawAxes(pen, side, theme) {
  pen.beginPath();
  for (const [x0, y0, x1, y1] of [[0, side / 2, side, side / 2], [side / 2, 0, side / 2, side]]) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  Object.assign(pen, { strokeStyle: theme.text, globalAlpha: 0.15, lineWidth: 1 });
  pen.stroke();
  pen.globalAlpha = 1;
}
