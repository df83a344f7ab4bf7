// Handles of a scene: dragged, or focused and moved with the arrow keys.

import { node } from "./dom.js";
import { hundredths, ownEdit, ownIndices, within } from "./editor_points.js";
import { HANDLES, rearrange, tidied } from "./scene.js";
import { taskLook } from "./theme.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 0.1;
const LARGE_STEP = 0.5;
const IDLE = 400; // Milliseconds after the last key before a move counts as released.
const MOST_OWN_HANDLES = 40;
const APART = 24; // Pixels between two handles, so that none lies under another.

/** How far an arrow key moves, or null for another key. */
export function keyStep(event) {
  const arrow = ARROWS[event.key];
  return arrow ? arrow.map((value) => value * (event.shiftKey ? LARGE_STEP : STEP)) : null;
}

export class Handles {
  /** @param editor knows the data, the chosen task and tool, and whom to tell. */
  constructor(editor) {
    Object.assign(this, { editor, all: new Map(), held: null, timer: 0 });
  }

  /** What to show: the handles of the chosen task, and of no other. */
  wanted() {
    const { tool, active, task: chosen, film } = this.editor;
    if (tool !== "move" || !active) return [];
    return active.run.tasks.filter((task) => task === chosen).flatMap((task) => {
      const scene = film.tasks[task].scene ? Object.keys(HANDLES).map((kind) => ({ task, kind })) : [];
      const own = ownIndices(film.tasks[task]).slice(0, MOST_OWN_HANDLES);
      return [...scene, ...own.map((at, point) => ({ task, kind: "own", at, point }))];
    });
  }

  /** Put handles where their scenes are; a handle in use stays the same node and keeps the focus. */
  place() {
    const wanted = new Map(this.wanted().map((spec) => [`${spec.kind} ${spec.task} ${spec.point ?? ""}`, spec]));
    for (const [name, handle] of this.all) {
      if (wanted.has(name)) continue;
      handle.remove();
      this.all.delete(name);
    }
    this.taken = [];
    for (const [name, spec] of wanted) this.placeOne(name, spec);
  }

  /** A place for a handle where no other lies; the one being held stays under the pointer. */
  free(handle, [left, top], own) {
    const crowded = (x, y) => !own && this.taken.some(([a, b]) => Math.hypot(a - x, b - y) < APART);
    let place = [left, top];
    for (let turn = 0; handle !== this.held && crowded(...place) && turn < 8; turn += 1) {
      place = [left + APART * Math.cos(turn * 0.8), top - APART * Math.sin(turn * 0.8)];
    }
    if (!own) this.taken.push(place);
    return place;
  }

  placeOne(name, spec) {
    const { active, film } = this.editor;
    if (!this.all.has(name)) this.all.set(name, this.newHandle(spec.kind));
    const handle = this.all.get(name);
    handle.spec = spec;
    if (handle.parentElement !== active.overlay) active.overlay.append(handle);
    const [x, y] = this.position(spec);
    // A handle outside the picture waits at its edge.
    const inside = active.toPixel(...within(film.extent * 0.94, [x, y]));
    const [left, top] = this.free(handle, inside, spec.kind === "own");
    handle.away = [left - inside[0], top - inside[1]];
    Object.assign(handle.style, { left: `${left}px`, top: `${top}px` });
    handle.style.setProperty("--task", taskLook(spec.task).color);
    const title = spec.kind === "own" ? `own point ${spec.point + 1}` : HANDLES[spec.kind].title;
    const label = `${film.tasks[spec.task].name} ${title}, x ${x.toFixed(1)}, y ${y.toFixed(1)}`;
    handle.title = label;
    handle.setAttribute("aria-label", label);
  }

  newHandle(kind) {
    const handle = node("button", { type: "button", className: "handle", attributes: { "data-kind": kind } });
    handle.onpointerdown = (event) => this.grab(handle, event);
    handle.onpointermove = (event) => this.drag(handle, event);
    handle.onpointerup = () => this.drop(handle);
    handle.onpointercancel = handle.onpointerup;
    handle.onkeydown = (event) => this.key(handle, event);
    handle.onblur = () => { if (this.timer) this.report(handle.spec); };
    return handle;
  }

  position({ task, kind, at }) {
    const { scene, x, y } = this.editor.film.tasks[task];
    return kind === "own" ? [x[at], y[at]] : HANDLES[kind].at(scene);
  }

  grab(handle, event) {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
    this.held = handle;
    this.moved = false;
    // A handle that had to give way is still moved from where it belongs.
    this.offset = handle.away;
  }

  drag(handle, event) {
    if (this.held !== handle) return;
    const { active } = this.editor;
    const box = active.overlay.getBoundingClientRect();
    this.moved = true;
    const [dx, dy] = this.offset;
    this.move(handle.spec, ...active.toPlane(event.clientX - box.left - dx, event.clientY - box.top - dy));
  }

  /** Take up a whole cloud by one of its points: it moves with the pointer. */
  grabCloud(panel, event, task) {
    const box = panel.overlay.getBoundingClientRect();
    const { scene } = this.editor.film.tasks[task];
    panel.overlay.setPointerCapture(event.pointerId);
    const at = panel.toPlane(event.clientX - box.left, event.clientY - box.top);
    this.cloud = { task, box, away: [scene.x - at[0], scene.y - at[1]], moved: false };
    this.held = panel.overlay;
  }

  dragCloud(panel, event) {
    if (!this.cloud) return;
    const { task, box, away } = this.cloud;
    const at = panel.toPlane(event.clientX - box.left, event.clientY - box.top);
    this.cloud.moved = true;
    this.move({ task, kind: "centre" }, at[0] + away[0], at[1] + away[1]);
  }

  dropCloud() {
    if (!this.cloud) return;
    const { task, moved } = this.cloud;
    this.held = this.cloud = null;
    if (moved) this.report({ task, kind: "centre" });
    else this.editor.selected(task);
  }

  drop(handle) {
    if (this.held !== handle) return;
    this.held = null;
    if (this.moved) this.report(handle.spec);
    else this.editor.edits.free();
  }

  key(handle, event) {
    const step = keyStep(event);
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = this.position(handle.spec);
    this.move(handle.spec, x + step[0], y + step[1]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(handle.spec), IDLE);
  }

  move({ task, kind, at }, x, y) {
    const { extent, tasks } = this.editor.film;
    const [px, py] = within(extent, [x, y]);
    if (kind === "own") {
      tasks[task].x[at] = px;
      tasks[task].y[at] = py;
    } else {
      const { scene } = tasks[task];
      rearrange(tasks[task], tidied(HANDLES[kind].moved(scene, px, py), scene));
    }
    this.editor.changed(task);
    this.editor.place();
  }

  /** What was let go goes to Python. */
  report({ task, kind, at }) {
    clearTimeout(this.timer);
    this.timer = 0;
    const { film } = this.editor;
    const { scene, places, x, y } = film.tasks[task];
    if (kind !== "own") return void this.editor.send({ kind: "scene", task, scene });
    const edit = ownEdit("move_point", film, task, at);
    places[at] = [x[at], y[at]].map(hundredths); // Where the next edit has seen it.
    this.editor.send({ ...edit, x: places[at][0], y: places[at][1] });
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
