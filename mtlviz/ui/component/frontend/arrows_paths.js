// Paths over a landscape: contours of both losses and their mean, every run up to the cursor, and
// at the cursor where each task pulls and what the chosen method makes of it.

import { shape, values } from "./arrays.js";
import { drawArrow, drawEntry, drawTip, dashOf, legendEntries, prepared } from "./arrows_pen.js";
import { swatch } from "./arrows_table.js";
import { contourSegments } from "./contours.js";
import { followCursor, getCursor } from "./cursor.js";
import { node, save, setText } from "./dom.js";
import { Player, placeOf } from "./player.js";
import { readTheme, taskLook } from "./theme.js";

const LEVELS = 14;
const ARROW = 0.17; // Length of the longest arrow at a place, in sides of the picture.
const RESTING = 0.02; // Updates shorter than this share of the strongest pull are not drawn.
const STARTED = 5; // Size of a start's ring, in pixels.

export class PathBoard {
  constructor({ request, edits }) {
    Object.assign(this, { request, edits, chosen: 0, views: [] });
    this.grid = node("div", { className: "panels" });
    this.legend = node("ul", { className: "legend", attributes: { "aria-label": "Methods: press one to see its gradients" } });
    this.note = node("p", { className: "note" });
    this.element = node("div", {}, [this.grid, this.legend, this.note]);
  }

  take(data) {
    this.data = data;
    if (!this.player) this.addPlayer(data.cursor_group);
    this.points = values(data.points);
    this.gradients = values(data.gradients);
    this.weights = values(data.weights);
    [this.methods, this.starts, this.frames] = shape(data.points);
    this.front = values(data.front);
    this.chosen = Math.min(this.chosen, data.methods.length - 1);
    this.showViews();
    this.showLegend();
    setText(this.note, data.note);
    const grown = this.data.growing && getCursor(data.cursor_group).step > 0;
    this.player.setSteps(data.steps, false);
    if (grown) this.player.goTo(this.frames - 1);
  }

  addPlayer(group) {
    this.player = new Player(group, () => this.savePicture());
    this.element.insertBefore(this.player.element, this.legend);
    this.element.onkeydown = (event) => this.player.key(event);
    this.unfollow = followCursor(group, () => this.request());
  }

  showViews() {
    const { titles, alt, grids } = this.data;
    const [, rows, columns] = shape(grids);
    const all = values(grids);
    while (this.views.length < titles.length) this.views.push(this.newView(this.views.length));
    this.views.forEach((view, i) => {
      const cells = all.slice(i * rows * columns, (i + 1) * rows * columns);
      if (!view.cells || cells.some((value, cell) => value !== view.cells[cell])) view.layerKey = null;
      Object.assign(view, { cells, rows, columns });
      setText(view.title, titles[i]);
      view.canvas.setAttribute("aria-label", `${titles[i]}. ${alt}`);
      view.stage.classList.toggle("pick", this.data.pickable);
    });
  }

  newView(index) {
    const title = node("figcaption", { className: "title" });
    const canvas = node("canvas", { attributes: { role: "img" } });
    const stage = node("div", { className: "stage" }, [canvas]);
    this.grid.append(node("figure", { className: "panel" }, [title, stage]));
    const view = { index, title, canvas, stage, layer: document.createElement("canvas"), tile: document.createElement("canvas") };
    stage.onclick = (event) => this.picked(view, event);
    return view;
  }

  picked(view, event) {
    if (!this.data.pickable) return;
    const box = view.stage.getBoundingClientRect();
    const [[left, right], [low, high]] = this.data.box;
    const x = left + ((event.clientX - box.left) / box.width) * (right - left);
    const y = high - ((event.clientY - box.top) / box.height) * (high - low);
    this.edits.report({ start: [x, y].map((value) => Math.round(value * 10) / 10) });
  }

  showLegend() {
    const entries = this.data.methods.map((method, m) => {
      const button = node("button", { type: "button", attributes: { "aria-pressed": String(m === this.chosen) } }, [swatch(method), method.title]);
      button.title = `Show the gradients along ${method.title}’s paths`;
      button.onclick = () => {
        this.chosen = m;
        this.showLegend();
        this.request();
      };
      return node("li", {}, [button]);
    });
    this.legend.replaceChildren(...entries);
  }

  draw(root) {
    this.theme = readTheme(root);
    const place = Math.min(placeOf(this.data.steps, getCursor(this.data.cursor_group).step), this.frames - 1);
    for (const view of this.views) {
      view.side = view.stage.clientWidth;
      if (view.side) this.drawView(view, place);
    }
  }

  drawView(view, place) {
    const { theme } = this;
    this.layered(view);
    const pen = prepared(view.canvas, view.side, view.side);
    pen.drawImage(view.layer, 0, 0, view.side, view.side);
    this.drawFront(pen, view);
    for (let m = 0; m < this.methods; m += 1) {
      for (let s = 0; s < this.starts; s += 1) this.drawPath(pen, view, m, s, place);
    }
    for (let s = 0; s < this.starts; s += 1) this.drawStart(pen, view, s);
    for (let s = 0; s < this.starts; s += 1) this.drawPulls(pen, view, s, place);
    for (let m = 0; m < this.methods; m += 1) {
      const method = this.data.methods[m];
      for (let s = 0; s < this.starts; s += 1) drawTip(pen, method.marker, this.pixel(view, this.at(m, s, place)), 4.5, method.color, theme);
    }
  }

  /** Shading and contours, drawn once for each size and theme. */
  layered(view) {
    const key = `${view.side} ${window.devicePixelRatio} ${this.theme.background} ${this.theme.text}`;
    if (view.layerKey === key) return;
    view.layerKey = key;
    const pen = prepared(view.layer, view.side, view.side);
    const sorted = Float32Array.from(view.cells).sort();
    const [low, high] = [sorted[Math.floor(0.01 * sorted.length)], sorted[Math.ceil(0.99 * sorted.length) - 1]];
    drawShading(pen, view, low, high, this.theme);
    drawContours(pen, view, low, high, this.theme);
  }

  pixel(view, [x, y]) {
    const [[left, right], [low, high]] = this.data.box;
    return [((x - left) / (right - left)) * view.side, (1 - (y - low) / (high - low)) * view.side];
  }

  /** Where a run stands at a place between two kept frames. */
  at(m, s, place) {
    const [low, share] = [Math.floor(place), place - Math.floor(place)];
    const from = 2 * ((m * this.starts + s) * this.frames + low);
    const to = share > 0 ? from + 2 : from;
    return [0, 1].map((axis) => (1 - share) * this.points[from + axis] + share * this.points[to + axis]);
  }

  drawFront(pen, view) {
    pen.beginPath();
    for (let i = 0; i < this.front.length; i += 2) pen.lineTo(...this.pixel(view, [this.front[i], this.front[i + 1]]));
    Object.assign(pen, { strokeStyle: this.theme.text, lineWidth: 6, globalAlpha: 0.35, lineCap: "round" });
    pen.stroke();
    Object.assign(pen, { globalAlpha: 1, lineCap: "butt" });
  }

  drawPath(pen, view, m, s, place) {
    const method = this.data.methods[m];
    const trace = (end, alpha, width) => {
      pen.beginPath();
      for (let frame = 0; frame <= Math.floor(end); frame += 1) pen.lineTo(...this.pixel(view, this.at(m, s, frame)));
      pen.lineTo(...this.pixel(view, this.at(m, s, end)));
      Object.assign(pen, { strokeStyle: method.color, lineWidth: width, globalAlpha: alpha, lineJoin: "round" });
      pen.setLineDash(dashOf(method.dash));
      pen.stroke();
      pen.setLineDash([]);
      pen.globalAlpha = 1;
    };
    trace(this.frames - 1, 0.25, 1.2);
    trace(place, 1, m === this.chosen ? 3.2 : 2.2);
  }

  drawStart(pen, view, s) {
    const [x, y] = this.pixel(view, this.at(0, s, 0));
    pen.beginPath();
    pen.arc(x, y, STARTED, 0, 2 * Math.PI);
    Object.assign(pen, { fillStyle: this.theme.text, strokeStyle: this.theme.background, lineWidth: 1.5 });
    pen.fill();
    pen.stroke();
  }

  /** Downhill directions of the tasks and of the chosen method's update, at the nearest kept frame. */
  drawPulls(pen, view, s, place) {
    const at = (this.chosen * this.starts + s) * this.frames + Math.round(place);
    const pulls = [0, 1].map((k) => [0, 1].map((axis) => -this.gradients[4 * at + 2 * k + axis]));
    const update = [0, 1].map((axis) => pulls[0][axis] * this.weights[2 * at] + pulls[1][axis] * this.weights[2 * at + 1]);
    if (![...pulls.flat(), ...update].every(Number.isFinite)) return;
    // Pulls share one scale; updates differ in length by design, so theirs shows the direction alone.
    const strongest = Math.max(...pulls.map((pull) => Math.hypot(...pull)));
    // At rest what is left of the update is rounding, without a direction worth showing.
    const own = Math.hypot(...update) > RESTING * strongest ? (0.8 * ARROW * view.side) / Math.hypot(...update) : 0;
    const unit = (ARROW * view.side) / Math.max(strongest, 1e-12);
    const [x, y] = this.pixel(view, this.at(this.chosen, s, Math.round(place)));
    drawArrow(pen, [x, y], [x + update[0] * own, y - update[1] * own], { color: this.theme.text, width: 4 });
    pulls.forEach((pull, k) => {
      if (view.index === 2 || view.index === k) drawArrow(pen, [x, y], [x + pull[0] * unit, y - pull[1] * unit], { ...taskLook(k), width: 2.5 });
    });
  }

  /** The three pictures side by side as a file, with a legend of the methods. */
  savePicture() {
    const gap = 12;
    const { theme, views: [{ side, canvas }] } = this;
    const ratio = canvas.width / side;
    const line = 2 * theme.size;
    const width = 3 * side + 4 * gap;
    const font = `600 ${theme.size}px ${theme.font}`;
    const copy = node("canvas");
    const pen = copy.getContext("2d");
    pen.font = font;
    const entries = legendEntries(pen, this.data.methods, width - 2 * gap, theme.size);
    const below = side + line + 2 * gap;
    Object.assign(copy, { width: ratio * width, height: ratio * (below + line * (entries.at(-1).row + 1)) });
    pen.scale(ratio, ratio);
    Object.assign(pen, { fillStyle: theme.background, font });
    pen.fillRect(0, 0, copy.width, copy.height);
    this.views.forEach((view, i) => {
      const left = gap + i * (side + gap);
      pen.fillStyle = theme.text;
      pen.fillText(view.title.textContent, left, gap + theme.size);
      pen.drawImage(view.canvas, left, gap + line, side, side);
    });
    for (const { method, x, row } of entries) drawEntry(pen, method, [gap + x, below + (row + 0.4) * line], theme.size, theme);
    save("landscape.png", copy.toDataURL("image/png"), "image/png");
  }

  destroy() {
    this.unfollow?.();
    this.player?.destroy();
  }
}

function drawShading(pen, view, low, high, theme) {
  const { rows, columns, cells, tile, side } = view;
  Object.assign(tile, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  const tint = theme.dark ? [150, 165, 190] : [70, 85, 110];
  for (let cell = 0; cell < cells.length; cell += 1) {
    const at = ((rows - 1 - Math.floor(cell / columns)) * columns + (cell % columns)) * 4;
    const share = Math.min(Math.max((cells[cell] - low) / (high - low || 1), 0), 1);
    image.data.set(tint, at);
    image.data[at + 3] = 130 * share;
  }
  tile.getContext("2d").putImageData(image, 0, 0);
  // Grid values belong to corners, picture cells to middles: half a cell hangs over on each side.
  const cell = side / (columns - 1);
  pen.drawImage(tile, -cell / 2, -cell / 2, side + cell, side + cell);
}

function drawContours(pen, view, low, high, theme) {
  const { rows, columns, cells, side } = view;
  const [wide, tall] = [side / (columns - 1), side / (rows - 1)];
  pen.beginPath();
  for (let i = 1; i <= LEVELS; i += 1) {
    for (const [x0, y0, x1, y1] of contourSegments(cells, columns, rows, low + ((high - low) * i) / (LEVELS + 1))) {
      pen.moveTo(x0 * wide, side - y0 * tall);
      pen.lineTo(x1 * wide, side - y1 * tall);
    }
  }
  Object.assign(pen, { strokeStyle: theme.text, globalAlpha: 0.25, lineWidth: 1 });
  pen.stroke();
  pen.globalAlpha = 1;
}
