// Handles of a scene: dragged, or focused and moved with the arrow keys.

import { node } from "./dom.js";
import { hundredths, ownEdit, ownIndices, within } from "./editor_points.js";
import { HANDLES, pointsOf, tidied } from "./scene.js";
import { taskLook } from "./theme.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 0.1;
const LARGE_STEP = 0.5;
const IDLE = 400; // Milliseconds after the last key before a move counts as released.
const MOST_OWN_HANDLES = 40;

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

  /** Forget what is held. */
  release() {
    this.held = null;
    clearTimeout(this.timer);
  }

  /** What to show: every centre, and all handles of the chosen task. */
  wanted() {
    const { tool, active, task: chosen, film } = this.editor;
    if (tool !== "move" || !active) return [];
    return active.run.tasks.flatMap((task) => {
      const kinds = task === chosen ? Object.keys(HANDLES) : ["centre"];
      const scene = film.tasks[task].scene ? kinds.map((kind) => ({ task, kind })) : [];
      const own = task === chosen ? ownIndices(film.tasks[task]).slice(0, MOST_OWN_HANDLES) : [];
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
    for (const [name, spec] of wanted) this.placeOne(name, spec);
  }

  placeOne(name, spec) {
    const { active, film, task } = this.editor;
    if (!this.all.has(name)) this.all.set(name, this.newHandle(spec.kind));
    const handle = this.all.get(name);
    handle.spec = spec;
    if (handle.parentElement !== active.overlay) active.overlay.append(handle);
    const [x, y] = this.position(spec);
    // A handle outside the picture waits at its edge.
    const [left, top] = active.toPixel(...within(film.extent * 0.97, [x, y]));
    Object.assign(handle.style, { left: `${left}px`, top: `${top}px` });
    handle.style.setProperty("--task", taskLook(spec.task).color);
    // Clouds may share a centre: the chosen task is the one to grab.
    handle.style.zIndex = spec.task === task ? 2 : 1;
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
    if (handle.spec.task !== this.editor.task) this.editor.chooseTask(handle.spec.task);
  }

  drag(handle, event) {
    if (this.held !== handle) return;
    const { active } = this.editor;
    const box = active.overlay.getBoundingClientRect();
    this.moved = true;
    this.move(handle.spec, ...active.toPlane(event.clientX - box.left, event.clientY - box.top));
  }

  drop(handle) {
    if (this.held !== handle) return;
    this.held = null;
    if (this.moved) this.report(handle.spec);
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
    } else rearrange(tasks[task], tidied(HANDLES[kind].moved(tasks[task].scene, px, py)));
    this.editor.changed(task);
    this.editor.place();
  }

  /** What was let go goes to Python. */
  report({ task, kind, at }) {
    const { film } = this.editor;
    const { scene, x, y } = film.tasks[task];
    if (kind === "own") this.editor.send({ ...ownEdit("move_point", film, task, at), x: hundredths(x[at]), y: hundredths(y[at]) });
    else this.editor.send({ kind: "scene", task, scene });
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

/** Move a task's drawn points to another scene; own points stay. */
function rearrange(task, scene) {
  task.scene = scene;
  if (!task.z) return;
  const { x, y, label } = pointsOf(scene, task.z, task.flip);
  for (let i = 0; i < task.x.length; i += 1) {
    if (task.own[i]) continue;
    [task.x[i], task.y[i], task.label[i]] = [x[i], y[i], label[i]];
  }
}
