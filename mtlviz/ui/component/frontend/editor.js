// Editing the data on a panel: tools, handles that are dragged or moved with the arrow keys, painting.
// Everything moves at once in the browser; only what is released goes to Python.

import { node, setText } from "./dom.js";
import { HANDLES, pointsOf, tidied } from "./scene.js";
import { taskLook } from "./theme.js";

const TOOLS = { move: "Move", paintA: "Paint class A ●", paintB: "Paint class B ○", erase: "Erase own points" };
const PAINTING = "Click or draw to add points of the chosen task — or focus a picture, move with the arrow keys, press Enter.";
const HINTS = {
  move: "Drag ● centre, ■ size and direction, ◆ true boundary — or focus one and use the arrow keys.",
  paintA: PAINTING,
  paintB: PAINTING,
  erase: "Click a ringed point to erase it.",
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 0.1;
const LARGE_STEP = 0.5;
const IDLE = 400; // Milliseconds after the last key before a move counts as released.
const MOST_OWN_HANDLES = 40;
const ERASE_REACH = 14; // Pixels.
const STROKE = 12; // Pixels between the points of a stroke.

const POINT_ARRAYS = ["x", "y", "label", "own", "flip"];

// What a visitor chose, by component: a film that has to be built anew opens with it.
const memory = new Map();

const hundredths = (value) => Math.round(value * 100) / 100;

export class Editor {
  /**
   * @param changed called with a task's number after a live change. @param report called on release.
   * @param key the component's name, under which tool and task are remembered.
   */
  constructor({ changed, report, key }) {
    const chosen = memory.get(key) ?? { tool: "move", task: 0 };
    Object.assign(this, { changed, report, key, ...chosen, handles: new Map(), held: null, timer: 0 });
    this.buttons = Object.entries(TOOLS).map(([tool, text]) =>
      node("button", { type: "button", textContent: text, value: tool, onclick: () => this.choose(tool) }));
    this.select = node("select", { attributes: { "aria-label": "Task to edit" } });
    this.select.onchange = () => this.chooseTask(Number(this.select.value));
    this.badge = node("span", { className: "badge", textContent: "training…", hidden: true, attributes: { role: "status" } });
    this.element = node("div", { className: "tools", attributes: { role: "toolbar", "aria-label": "Edit the data" } },
      [...this.buttons, this.select, this.badge]);
    this.hint = node("p", { className: "note hint" });
    this.crosshair = node("div", { className: "crosshair", hidden: true });
    this.choose(this.tool);
  }

  /** Take new data; what was held is dropped, for the data it moved is gone. */
  update(film, panels) {
    this.film = film;
    this.panels = panels;
    this.held = null;
    clearTimeout(this.timer);
    // What is being painted right now belongs to the new data too.
    for (const [x, y] of this.stroke?.points ?? []) this.add(this.stroke.task, x, y, this.stroke.label);
    this.task = Math.min(this.task, film.tasks.length - 1);
    this.select.replaceChildren(...film.tasks.map((task, k) =>
      node("option", { value: k, textContent: task.name, selected: k === this.task })));
    for (const panel of panels) this.listen(panel);
    const widest = panels.reduce((best, panel) => (panel.run.tasks.length > best.run.tasks.length ? panel : best));
    this.activate(panels.includes(this.active) ? this.active : widest);
  }

  listen(panel) {
    panel.overlay.onpointerenter = () => { if (!this.held) this.activate(panel); };
    panel.overlay.onpointerdown = (event) => { if (event.target === panel.overlay) this.pressed(panel, event); };
    panel.overlay.onpointermove = (event) => this.brush(event);
    panel.overlay.onpointerup = () => this.lift();
    panel.overlay.onpointercancel = panel.overlay.onpointerup;
    panel.canvas.onfocus = () => this.activate(panel);
    panel.canvas.onkeydown = (event) => this.canvasKey(panel, event);
  }

  choose(tool) {
    this.tool = tool;
    this.remember();
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.value === tool));
    for (const panel of this.panels ?? []) panel.overlay.dataset.tool = tool;
    setText(this.hint, HINTS[tool]);
    this.at = [0, 0];
    this.place();
  }

  chooseTask(task) {
    this.task = task;
    this.select.value = task;
    this.remember();
    this.place();
  }

  remember() {
    memory.set(this.key, { tool: this.tool, task: this.task });
  }

  activate(panel) {
    this.active = panel;
    for (const each of this.panels) each.overlay.dataset.tool = this.tool;
    this.place();
  }

  // --- handles ---

  /** Names of the handles to show: every centre, and all handles of the chosen task. */
  wanted() {
    if (this.tool !== "move" || !this.active) return [];
    return this.active.run.tasks.flatMap((task) => {
      const chosen = task === this.task;
      const kinds = chosen ? Object.keys(HANDLES) : ["centre"];
      const scene = this.film.tasks[task].scene ? kinds.map((kind) => ({ task, kind })) : [];
      const own = chosen ? this.ownIndices(task).slice(0, MOST_OWN_HANDLES) : [];
      return [...scene, ...own.map((at, point) => ({ task, kind: "own", at, point }))];
    });
  }

  ownIndices(task) {
    return [...this.film.tasks[task].own].flatMap((own, i) => (own ? [i] : []));
  }

  /** Put handles where their scenes are; a handle in use stays the same node and keeps the focus. */
  place() {
    if (!this.active?.side) return;
    const wanted = new Map(this.wanted().map((spec) => [`${spec.kind} ${spec.task} ${spec.point ?? ""}`, spec]));
    for (const [name, handle] of this.handles) {
      if (wanted.has(name)) continue;
      handle.remove();
      this.handles.delete(name);
    }
    for (const [name, spec] of wanted) this.placeHandle(name, spec);
    this.crosshair.hidden = true;
  }

  placeHandle(name, spec) {
    if (!this.handles.has(name)) this.handles.set(name, this.newHandle(spec.kind));
    const handle = this.handles.get(name);
    handle.spec = spec;
    if (handle.parentElement !== this.active.overlay) this.active.overlay.append(handle);
    const [x, y] = this.position(spec);
    const inside = this.film.extent * 0.97;
    // A handle outside the picture waits at its edge.
    const clamped = [x, y].map((value) => Math.min(Math.max(value, -inside), inside));
    const [left, top] = this.active.toPixel(...clamped);
    Object.assign(handle.style, { left: `${left}px`, top: `${top}px` });
    handle.style.setProperty("--task", taskLook(spec.task).color);
    // Clouds may share a centre: the chosen task is the one to grab.
    handle.style.zIndex = spec.task === this.task ? 2 : 1;
    const title = spec.kind === "own" ? `own point ${spec.point + 1}` : HANDLES[spec.kind].title;
    const label = `${this.film.tasks[spec.task].name} ${title}, x ${x.toFixed(1)}, y ${y.toFixed(1)}`;
    handle.title = label;
    handle.setAttribute("aria-label", label);
  }

  newHandle(kind) {
    const handle = node("button", { type: "button", className: "handle", attributes: { "data-kind": kind } });
    handle.onpointerdown = (event) => this.grab(handle, event);
    handle.onpointermove = (event) => this.drag(handle, event);
    handle.onpointerup = () => this.drop(handle);
    handle.onpointercancel = handle.onpointerup;
    handle.onkeydown = (event) => this.handleKey(handle, event);
    return handle;
  }

  position({ task, kind, at }) {
    const { scene, x, y } = this.film.tasks[task];
    return kind === "own" ? [x[at], y[at]] : HANDLES[kind].at(scene);
  }

  grab(handle, event) {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
    this.held = handle;
    this.moved = false;
    if (handle.spec.task !== this.task) this.chooseTask(handle.spec.task);
  }

  drag(handle, event) {
    if (this.held !== handle) return;
    const box = this.active.overlay.getBoundingClientRect();
    this.moved = true;
    this.move(handle.spec, ...this.active.toPlane(event.clientX - box.left, event.clientY - box.top));
  }

  drop(handle) {
    if (this.held !== handle) return;
    this.held = null;
    if (this.moved) this.release(handle.spec);
  }

  handleKey(handle, event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? LARGE_STEP : STEP;
    const [x, y] = this.position(handle.spec);
    this.move(handle.spec, x + by * arrow[0], y + by * arrow[1]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(handle.spec), IDLE);
  }

  move({ task, kind, at }, x, y) {
    const { extent, tasks } = this.film;
    const [px, py] = [x, y].map((value) => Math.min(Math.max(value, -extent), extent));
    if (kind === "own") {
      tasks[task].x[at] = px;
      tasks[task].y[at] = py;
    } else this.rearrange(tasks[task], tidied(HANDLES[kind].moved(tasks[task].scene, px, py)));
    this.changed(task);
    this.place();
  }

  rearrange(task, scene) {
    task.scene = scene;
    if (!task.z) return;
    const { x, y, label } = pointsOf(scene, task.z, task.flip);
    for (let i = 0; i < task.x.length; i += 1) {
      if (task.own[i]) continue;
      [task.x[i], task.y[i], task.label[i]] = [x[i], y[i], label[i]];
    }
  }

  release({ task, kind, at }) {
    const { scene, x, y } = this.film.tasks[task];
    if (kind === "own") this.send({ ...this.own("move_point", task, at), x: hundredths(x[at]), y: hundredths(y[at]) });
    else this.send({ kind: "scene", task, scene });
  }

  /** An own point as Python knows it: its number in the payload and the place it had there. */
  own(kind, task, at) {
    return { kind, task, point: at, was: this.film.tasks[task].places[at] };
  }

  send(edit) {
    this.badge.hidden = false;
    this.report(edit);
  }

  // --- painting and erasing ---

  pressed(panel, event) {
    if (this.tool === "move") return;
    event.preventDefault();
    const box = panel.overlay.getBoundingClientRect();
    const at = panel.toPlane(event.clientX - box.left, event.clientY - box.top);
    if (this.tool === "erase") return void this.erase(panel, ...at);
    panel.overlay.setPointerCapture(event.pointerId);
    this.stroke = { panel, box, task: this.task, label: this.label, points: [] };
    this.extend(event);
  }

  get label() {
    return this.tool === "paintA" ? 1 : 0;
  }

  /** With the pointer held, a point follows every few pixels. */
  brush(event) {
    if (!this.stroke) return;
    const [x, y] = this.stroke.last;
    if (Math.hypot(event.clientX - x, event.clientY - y) >= STROKE) this.extend(event);
  }

  extend(event) {
    const { panel, box, task, label, points } = this.stroke;
    const { extent } = this.film;
    const at = panel.toPlane(event.clientX - box.left, event.clientY - box.top);
    const [x, y] = at.map((value) => hundredths(Math.min(Math.max(value, -extent), extent)));
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
    this.send({ kind: "paint", task, label, ...places });
  }

  use(panel, x, y) {
    if (this.tool === "erase") this.erase(panel, x, y);
    else this.paint(hundredths(x), hundredths(y), this.label);
  }

  paint(x, y, label) {
    this.add(this.task, x, y, label);
    this.send({ kind: "paint", task: this.task, x, y, label });
  }

  /** Show a new own point at once. */
  add(number, x, y, label) {
    const task = this.film.tasks[number];
    const added = { x, y, label, own: 1, flip: 1 };
    task.places.push([x, y]);
    for (const name of POINT_ARRAYS.filter((each) => task[each])) {
      const longer = new task[name].constructor(task[name].length + 1);
      longer.set(task[name]);
      longer[task[name].length] = added[name];
      task[name] = longer;
    }
    this.changed(number);
  }

  erase(panel, x, y) {
    const [px, py] = panel.toPixel(x, y);
    const found = panel.run.tasks.flatMap((task) => this.ownIndices(task).map((at) => {
      const [qx, qy] = panel.toPixel(this.film.tasks[task].x[at], this.film.tasks[task].y[at]);
      return { task, at, distance: Math.hypot(px - qx, py - qy) };
    })).sort((a, b) => a.distance - b.distance)[0];
    if (!found || found.distance > ERASE_REACH) return;
    const task = this.film.tasks[found.task];
    const edit = this.own("erase", found.task, found.at);
    for (const name of POINT_ARRAYS) task[name] = task[name]?.filter((_, i) => i !== found.at) ?? null;
    task.places = task.places.filter((_, i) => i !== found.at);
    this.changed(found.task);
    this.send(edit);
  }

  /** With a painting tool, arrows move a cross-hair over the picture and Enter uses the tool. */
  canvasKey(panel, event) {
    if (this.tool === "move" || !(event.key in ARROWS || event.key === "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") return void this.use(panel, ...this.at);
    const by = event.shiftKey ? LARGE_STEP : STEP;
    const { extent } = this.film;
    this.at = this.at.map((value, axis) => Math.min(Math.max(value + by * ARROWS[event.key][axis], -extent), extent));
    const [left, top] = panel.toPixel(...this.at);
    Object.assign(this.crosshair.style, { left: `${left}px`, top: `${top}px` });
    panel.overlay.append(this.crosshair);
    this.crosshair.hidden = false;
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
