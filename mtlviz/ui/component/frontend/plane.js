// The landscape: each task's exact loss over the plane of the shared vector, heads as at the cursor.

import { contourSegments } from "./contours.js";
import { node, setText } from "./dom.js";
import { lossGrid, planeOf, spanOf } from "./landscape.js";
import { blended, linearRule, modelAt } from "./model.js";
import { taskLook } from "./theme.js";

const CELLS = 48;
const LEVELS = 9;
const REFRESH = 80; // While playing, losses are computed anew at most this often, in milliseconds.
const ARROW = 0.28; // Length of the longest arrow, in sides of the picture.

export class Plane {
  constructor() {
    this.note = node("p", { className: "note" });
    this.grid = node("div", { className: "panels" });
    this.element = node("div", {}, [this.note, this.grid]);
    this.views = [];
  }

  /** Compute the losses anew at the next drawing: data, theme or size changed. */
  refresh() {
    this.computed = -Infinity;
  }

  /** Take a film and the number of the panel whose run is drawn. */
  update(film, panel, alt) {
    this.film = film;
    this.run = film.panels[panel];
    this.exact = this.run.capacity === 1 && !this.run.relu;
    const count = this.run.tasks.length;
    this.plane = this.exact ? planeOf(this.run.shared) : null;
    const titles = this.run.tasks.map((task) => `${film.tasks[task].name}: exact loss`);
    if (count > 1) titles.push("Sum of the tasks");
    this.refresh();
    this.showViews(this.exact ? titles : ["Gradients in their own span"], alt);
    setText(this.note, this.exact ? this.exactNote() : this.spanNote());
  }

  exactNote() {
    return `${this.run.title}: with one linear shared direction the shared parameters are a vector of this plane, ` +
      "and every task's loss over it is exact, with the heads as at the cursor. Coloured arrows: where each task " +
      "pulls. Thick arrow: the update taken.";
  }

  spanNote() {
    const what = this.run.relu ? "a ReLU layer" : `${this.run.capacity} shared directions`;
    return `${this.run.title}: with ${what} the shared parameters are more than one vector of the plane, so no ` +
      "exact picture of the loss over them exists. Drawn instead: each task's pull and the update, in the span of the gradients.";
  }

  showViews(titles, alt) {
    while (this.views.length > titles.length) this.views.pop().element.remove();
    while (this.views.length < titles.length) this.views.push(this.newView());
    titles.forEach((title, i) => {
      setText(this.views[i].title, title);
      this.views[i].canvas.setAttribute("aria-label", `${title}. ${alt}`);
    });
  }

  newView() {
    const title = node("figcaption", { className: "title" });
    const canvas = node("canvas", { attributes: { role: "img" } });
    const stage = node("div", { className: "stage" }, [canvas]);
    const numbers = node("div", { className: "numbers" });
    const element = node("figure", { className: "panel" }, [title, stage, numbers]);
    this.grid.append(element);
    const tile = node("canvas", { width: CELLS, height: CELLS });
    const layer = document.createElement("canvas");
    return { element, title, canvas, stage, numbers, tile, layer };
  }

  fit() {
    if (this.views.map(fit).some(Boolean)) this.refresh();
  }

  draw(place, theme, playing) {
    if (!this.views[0].side) return;
    if (!this.exact) return void this.drawSpan(place, theme);
    const model = modelAt(this.run, place);
    if (!playing || performance.now() - this.computed > REFRESH) this.drawLosses(model, theme);
    const arrows = this.arrows(place);
    const every = this.run.tasks.map((_, k) => k);
    this.views.forEach((view, k) => this.drawView(view, model, place, arrows, k < every.length ? [k] : every, theme));
  }

  /** Shading and contours of every view, with the heads of `model`, kept until they are refreshed. */
  drawLosses(model, theme) {
    this.computed = performance.now();
    const [left, bottom, width] = this.plane;
    const along = (start) => Float64Array.from({ length: CELLS }, (_, i) => start + (width * i) / (CELLS - 1));
    const [bx, by] = [along(left), along(bottom)];
    const grids = this.run.tasks.map((task, k) =>
      lossGrid(this.film.tasks[task], model.head[k], linearRule(model, k)[2], bx, by));
    if (grids.length > 1) grids.push(grids[0].map((_, cell) => grids.reduce((total, grid) => total + grid[cell], 0)));
    grids.forEach((grid, i) => drawLayer(this.views[i], grid, theme));
  }

  /** Each task's pull and the way the step goes (minus gradient and combination), at the nearest kept step. */
  arrows(place) {
    const [frame, count, size] = [Math.round(place), this.run.tasks.length, 2 * this.run.capacity];
    const gradients = blended(this.run.gradient, count * size, frame);
    const pulls = this.run.tasks.map((_, k) => [...gradients.slice(k * size, (k + 1) * size)].map((value) => -value));
    return { pulls, update: [...blended(this.run.update, size, frame)].map((value) => -value) };
  }

  drawView(view, model, place, arrows, shown, theme) {
    const pen = prepared(view.canvas, view.side);
    pen.drawImage(view.layer, 0, 0, view.side, view.side);
    this.drawPath(pen, view, place, theme);
    const here = this.pixel(view, model.shared[0], model.shared[1]);
    const longest = Math.max(...arrows.pulls.map((pull) => Math.hypot(...pull)), Math.hypot(...arrows.update), 1e-12);
    const unit = (ARROW * view.side) / longest;
    drawArrow(pen, here, arrows.update.map((value) => value * unit), theme.text, 4.5);
    for (const k of shown) drawArrow(pen, here, arrows.pulls[k].map((value) => value * unit), taskLook(this.run.tasks[k]).color, 2.5);
    drawDot(pen, here, theme);
    setText(view.numbers, `shared vector (${model.shared[0].toFixed(2)}, ${model.shared[1].toFixed(2)}); loss from ${view.low.toPrecision(3)} to ${view.high.toPrecision(3)}`);
  }

  pixel(view, x, y) {
    const [left, bottom, width] = this.plane;
    return [((x - left) / width) * view.side, (1 - (y - bottom) / width) * view.side];
  }

  drawPath(pen, view, place, theme) {
    const path = this.run.shared;
    const last = path.length / 2 - 1;
    const trace = (end, alpha, width) => {
      pen.beginPath();
      for (let frame = 0; frame <= Math.floor(end); frame += 1) {
        pen.lineTo(...this.pixel(view, path[2 * frame], path[2 * frame + 1]));
      }
      const now = blended(path, 2, end);
      pen.lineTo(...this.pixel(view, now[0], now[1]));
      Object.assign(pen, { strokeStyle: theme.text, globalAlpha: alpha, lineWidth: width });
      pen.stroke();
      pen.globalAlpha = 1;
    };
    trace(last, 0.3, 1);
    trace(place, 1, 2);
  }

  drawSpan(place, theme) {
    const { pulls, update } = this.arrows(place);
    const span = spanOf(pulls, [update]);
    const [view] = this.views;
    const pen = prepared(view.canvas, view.side);
    const middle = [view.side / 2, view.side / 2];
    const drawn = [...span.gradients, ...span.others];
    const unit = (1.5 * ARROW * view.side) / Math.max(...drawn.map((vector) => Math.hypot(...vector)), 1e-12);
    drawArrow(pen, middle, span.others[0].map((value) => value * unit), theme.text, 4.5);
    span.gradients.forEach((vector, k) =>
      drawArrow(pen, middle, vector.map((value) => value * unit), taskLook(this.run.tasks[k]).color, 2.5));
    drawDot(pen, middle, theme);
    setText(view.numbers, span.kept === null
      ? "All gradients are zero at this step."
      : `This plane keeps ${(100 * span.kept).toFixed(1)} % of the gradients' squared length.`);
  }
}

function fit(view) {
  const side = view.stage.clientWidth;
  const pixels = Math.round(side * (window.devicePixelRatio || 1));
  if (side === view.side && pixels === view.canvas.width) return false;
  view.side = side;
  for (const canvas of [view.canvas, view.layer]) Object.assign(canvas, { width: pixels, height: pixels });
  return true;
}

/** A cleared pen whose unit is a CSS pixel. */
function prepared(canvas, side) {
  const pen = canvas.getContext("2d");
  const scale = canvas.width / side;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, side, side);
  return pen;
}

function drawLayer(view, grid, theme) {
  const pen = prepared(view.layer, view.side);
  [view.low, view.high] = drawShading(pen, view, grid, theme);
  drawContours(pen, view, grid, view.low, view.high, theme);
}

// Low loss is clear, high loss tinted; logarithmic above the minimum, so that valleys show.
function drawShading(pen, view, grid, theme) {
  const low = Math.min(...grid);
  const high = Math.max(...grid);
  const image = new ImageData(CELLS, CELLS);
  const tint = theme.dark ? [150, 165, 190] : [70, 85, 110];
  for (let cell = 0; cell < grid.length; cell += 1) {
    const at = ((CELLS - 1 - Math.floor(cell / CELLS)) * CELLS + (cell % CELLS)) * 4;
    image.data.set(tint, at);
    image.data[at + 3] = 150 * height(grid[cell], low, high);
  }
  view.tile.getContext("2d").putImageData(image, 0, 0);
  // Grid values belong to corners, picture cells to middles: half a cell hangs over on each side.
  const cell = view.side / (CELLS - 1);
  pen.drawImage(view.tile, -cell / 2, -cell / 2, view.side + cell, view.side + cell);
  return [low, high];
}

function height(loss, low, high) {
  const range = high - low || 1;
  return Math.log1p((20 * (loss - low)) / range) / Math.log1p(20);
}

function drawContours(pen, view, grid, low, high, theme) {
  const cell = view.side / (CELLS - 1);
  pen.beginPath();
  for (let i = 1; i <= LEVELS; i += 1) {
    const level = low + ((high - low) * Math.expm1((i / (LEVELS + 1)) * Math.log1p(20))) / 20;
    for (const [x0, y0, x1, y1] of contourSegments(grid, CELLS, CELLS, level)) {
      pen.moveTo(x0 * cell, view.side - y0 * cell);
      pen.lineTo(x1 * cell, view.side - y1 * cell);
    }
  }
  Object.assign(pen, { strokeStyle: theme.text, globalAlpha: 0.28, lineWidth: 1 });
  pen.stroke();
  pen.globalAlpha = 1;
}

/** An arrow from a pixel along (dx, dy) of the plane, whose y points up. */
function drawArrow(pen, [x, y], [dx, dy], color, width) {
  const length = Math.hypot(dx, dy);
  if (length < 1) return;
  const [ex, ey] = [x + dx, y - dy];
  const [ux, uy] = [dx / length, -dy / length];
  const head = Math.min(4 + 2 * width, length);
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(ex - ux * head * 0.8, ey - uy * head * 0.8);
  Object.assign(pen, { strokeStyle: color, fillStyle: color, lineWidth: width });
  pen.stroke();
  pen.beginPath();
  pen.moveTo(ex, ey);
  pen.lineTo(ex - ux * head - uy * head * 0.5, ey - uy * head + ux * head * 0.5);
  pen.lineTo(ex - ux * head + uy * head * 0.5, ey - uy * head - ux * head * 0.5);
  pen.closePath();
  pen.fill();
}

function drawDot(pen, [x, y], theme) {
  pen.beginPath();
  pen.arc(x, y, 4, 0, 2 * Math.PI);
  Object.assign(pen, { fillStyle: theme.background, strokeStyle: theme.text, lineWidth: 2 });
  pen.fill();
  pen.stroke();
}
