// Painting and erasing own points, with the pointer or with a cross-hair moved by the arrow keys.

import { node } from "./dom.js";
import { keyStep } from "./editor_handles.js";
import { append, hundredths, ownEdit, ownIndices, remove, within } from "./editor_points.js";

const ERASE_REACH = 14; // Pixels.
const STROKE = 12; // Pixels between the points of a stroke.

export class Painter {
  /** @param editor knows the data, the chosen task and tool, and whom to tell. */
  constructor(editor) {
    this.editor = editor;
    this.crosshair = node("div", { className: "crosshair", hidden: true });
    this.home();
  }

  /** The cross-hair back to the middle. */
  home() {
    this.at = [0, 0];
  }

  get label() {
    return this.editor.tool === "paintA" ? 1 : 0;
  }

  pressed(panel, event) {
    const { tool, task } = this.editor;
    if (tool === "move") return;
    event.preventDefault();
    const box = panel.overlay.getBoundingClientRect();
    const at = panel.toPlane(event.clientX - box.left, event.clientY - box.top);
    if (tool === "erase") return void this.erase(panel, ...at);
    panel.overlay.setPointerCapture(event.pointerId);
    this.stroke = { panel, box, task, label: this.label, points: [] };
    this.extend(event);
  }

  /** With the pointer held, a point follows every few pixels. */
  brush(event) {
    if (!this.stroke) return;
    const [x, y] = this.stroke.last;
    if (Math.hypot(event.clientX - x, event.clientY - y) >= STROKE) this.extend(event);
  }

  extend(event) {
    const { panel, box, task, label, points } = this.stroke;
    const at = panel.toPlane(event.clientX - box.left, event.clientY - box.top);
    const [x, y] = within(this.editor.film.extent, at).map(hundredths);
    this.stroke.last = [event.clientX, event.clientY];
    points.push([x, y]);
    this.add(task, x, y, label);
  }

  /** The pointer is released: the whole stroke is one edit. */
  lift() {
    if (!this.stroke) return;
    const { task, label, points } = this.stroke;
    this.stroke = null;
    const places = points.length > 1 ? { points } : { x: points[0][0], y: points[0][1] };
    this.editor.send({ kind: "paint", task, label, ...places });
  }

  /** Show a new own point at once. */
  add(task, x, y, label) {
    append(this.editor.film.tasks[task], x, y, label);
    this.editor.changed(task);
  }

  use(panel, x, y) {
    if (this.editor.tool === "erase") this.erase(panel, x, y);
    else this.paint(hundredths(x), hundredths(y), this.label);
  }

  paint(x, y, label) {
    const { task } = this.editor;
    this.add(task, x, y, label);
    this.editor.send({ kind: "paint", task, x, y, label });
  }

  erase(panel, x, y) {
    const { film } = this.editor;
    const [px, py] = panel.toPixel(x, y);
    const found = panel.run.tasks.flatMap((task) => ownIndices(film.tasks[task]).map((at) => {
      const [qx, qy] = panel.toPixel(film.tasks[task].x[at], film.tasks[task].y[at]);
      return { task, at, distance: Math.hypot(px - qx, py - qy) };
    })).sort((a, b) => a.distance - b.distance)[0];
    if (!found || found.distance > ERASE_REACH) return;
    const edit = ownEdit("erase", film, found.task, found.at);
    remove(film.tasks[found.task], found.at);
    this.editor.changed(found.task);
    this.editor.send(edit);
  }

  /** With a painting tool, arrows move a cross-hair over the picture and Enter uses the tool. */
  key(panel, event) {
    const step = keyStep(event);
    if (this.editor.tool === "move" || !(step || event.key === "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!step) return void this.use(panel, ...this.at);
    this.at = within(this.editor.film.extent, this.at.map((value, axis) => value + step[axis]));
    const [left, top] = panel.toPixel(...this.at);
    Object.assign(this.crosshair.style, { left: `${left}px`, top: `${top}px` });
    panel.overlay.append(this.crosshair);
    this.crosshair.hidden = false;
  }
}
