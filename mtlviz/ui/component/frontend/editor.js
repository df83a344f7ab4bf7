// Editing the data on a panel: the tools, the task they work on, and who hears the pointer.
// Everything moves at once in the browser; only what is released goes to Python.

import { node, setText } from "./dom.js";
import { Handles } from "./editor_handles.js";
import { Painter } from "./editor_painting.js";
import { taskLook } from "./theme.js";

const TOOLS = { move: "Move", paintA: "Paint class A ●", paintB: "Paint class B ○", erase: "Erase" };
const PAINTING = "Click or draw to add points of the chosen task; keys: arrows and Enter on a picture.";
const HINTS = {
  move: "Drag a cloud, its ■ size, its ◆ boundary; keys: arrows on a handle.",
  paintA: PAINTING,
  paintB: PAINTING,
  erase: "Click a ringed point to erase it.",
};

// What a visitor chose, by component: a film that has to be built anew opens with it.
const memory = new Map();

export class Editor {
  /**
   * @param changed called with a task's number after a live change. @param edits takes what is released.
   * @param selected called when another task is chosen.
   * @param key the component's name, under which tool and task are remembered.
   */
  constructor({ changed, edits, selected, key }) {
    Object.assign(this, { changed, edits, selected, key, ...(memory.get(key) ?? { tool: "move", task: 0 }) });
    this.buttons = Object.entries(TOOLS).map(([tool, text]) =>
      node("button", { type: "button", textContent: text, value: tool, onclick: () => this.choose(tool) }));
    this.chips = node("span", { className: "chips", attributes: { role: "group", "aria-label": "Task to edit" } });
    this.badge = node("span", { className: "badge", textContent: "training…", hidden: true, attributes: { role: "status" } });
    this.hint = node("span", { className: "note hint" });
    this.element = node("div", { className: "tools", attributes: { role: "toolbar", "aria-label": "Edit the data" } },
      [this.chips, ...this.buttons, this.hint, this.badge]);
    this.handles = new Handles(this);
    this.painter = new Painter(this);
    this.choose(this.tool);
  }

  /** Take new data; it comes while nothing is held. */
  update(film, panels, task) {
    this.film = film;
    this.panels = panels;
    this.task = Math.min(task ?? this.task, film.tasks.length - 1);
    this.chips.replaceChildren(...film.tasks.map((each, k) => {
      const chip = node("button", { type: "button", className: "chip", textContent: each.name, value: k, onclick: () => this.chooseTask(k) });
      chip.style.setProperty("--task", taskLook(k).color);
      return chip;
    }));
    for (const panel of panels) this.listen(panel);
    const widest = panels.reduce((best, panel) => (panel.run.tasks.length > best.run.tasks.length ? panel : best));
    this.activate(panels.includes(this.active) ? this.active : widest);
    this.mark();
  }

  listen(panel) {
    panel.overlay.onpointerenter = () => { if (!this.handles.held) this.activate(panel); };
    panel.onselect = (task) => this.chooseTask(task);
    panel.overlay.onpointerdown = (event) => { if (event.target === panel.overlay) this.pressed(panel, event); };
    panel.overlay.onpointermove = (event) => {
      this.handles.dragCloud(panel, event);
      this.painter.brush(event);
    };
    panel.overlay.onpointerup = () => {
      this.handles.dropCloud();
      this.painter.lift();
    };
    panel.overlay.onpointercancel = panel.overlay.onpointerup;
    panel.canvas.onfocus = () => this.activate(panel);
    panel.canvas.onkeydown = (event) => this.painter.key(panel, event);
  }

  /** With the moving tool a press on a cloud takes it up; the chosen task's goes first. */
  pressed(panel, event) {
    if (this.tool !== "move") return void this.painter.pressed(panel, event);
    const task = taskAt(panel, event, this.task);
    if (task === null) return;
    // The page is told at the end: its answer would take the cloud out of the hand.
    this.turnTo(task);
    this.handles.grabCloud(panel, event, task);
  }

  choose(tool) {
    this.tool = tool;
    this.remember();
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.value === tool));
    for (const panel of this.panels ?? []) panel.overlay.dataset.tool = tool;
    setText(this.hint, HINTS[tool]);
    this.painter.home();
    this.place();
  }

  chooseTask(task) {
    this.turnTo(task);
    this.selected(task);
  }

  turnTo(task) {
    this.task = task;
    this.remember();
    this.mark();
    this.place();
  }

  /** The chosen task is marked on its chip and in every row. */
  mark() {
    for (const chip of this.chips.children) chip.setAttribute("aria-pressed", String(Number(chip.value) === this.task));
    for (const panel of this.panels) {
      for (const { element } of panel.lines) element.toggleAttribute("data-chosen", Number(element.dataset.task) === this.task);
    }
  }

  remember() {
    memory.set(this.key, { tool: this.tool, task: this.task });
  }

  activate(panel) {
    this.active = panel;
    for (const each of this.panels) each.overlay.dataset.tool = this.tool;
    this.place();
  }

  /** Put handles where their scenes are, on the panel in use. */
  place() {
    if (!this.active?.side) return;
    this.handles.place();
    this.painter.crosshair.hidden = true;
  }

  /** A map's cell is shown in place of the data, or no longer. */
  preview(cell) {
    const how = cell?.touch ? "preview of the map: press the cell again to take it" : "preview of the map";
    setText(this.badge, cell ? how : "training…");
    this.badge.hidden = !cell;
    this.hint.hidden = Boolean(cell);
    this.place();
  }

  send(edit) {
    this.badge.hidden = false;
    this.edits.report(edit);
  }

  /** Whether something was moved or painted that Python knows nothing of yet. */
  isHeld() {
    return Boolean(this.handles.held || this.handles.timer || this.painter.stroke);
  }

  destroy() {
    this.handles.destroy();
  }
}

const TIE = 4; // Pixels that make two points equally near.
const NEAR = 16; // Pixels from a point within which a press means its cloud.

/** The task whose point is pressed: the nearest, of two as near the chosen one; or null. */
function taskAt(panel, event, chosen) {
  const box = panel.overlay.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  const near = panel.run.tasks.filter((task) => panel.film.tasks[task].scene).map((task) => {
    const { x, y, own } = panel.film.tasks[task];
    let best = Infinity;
    for (let i = 0; i < x.length; i += 1) {
      if (own[i]) continue;
      const [qx, qy] = panel.toPixel(x[i], y[i]);
      best = Math.min(best, Math.hypot(px - qx, py - qy));
    }
    return { task, best };
  }).filter(({ best }) => best <= NEAR).sort((a, b) => a.best - b.best);
  const own = near.find(({ task }) => task === chosen);
  if (own && own.best <= near[0].best + TIE) return chosen;
  return near.length ? near[0].task : null;
}
