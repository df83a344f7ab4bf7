// Editing the data on a panel: the tools, the task they work on, and who hears the pointer.
// Everything moves at once in the browser; only what is released goes to Python.

import { node, setText } from "./dom.js";
import { Handles } from "./editor_handles.js";
import { Painter } from "./editor_painting.js";

const TOOLS = { move: "Move", paintA: "Paint class A ●", paintB: "Paint class B ○", erase: "Erase own points" };
const PAINTING = "Click or draw to add points of the chosen task — or focus a picture, move with the arrow keys, press Enter.";
const HINTS = {
  move: "Drag ● centre, ■ size and direction, ◆ true boundary — or focus one and use the arrow keys.",
  paintA: PAINTING,
  paintB: PAINTING,
  erase: "Click a ringed point to erase it.",
};

// What a visitor chose, by component: a film that has to be built anew opens with it.
const memory = new Map();

export class Editor {
  /**
   * @param changed called with a task's number after a live change. @param report called on release.
   * @param key the component's name, under which tool and task are remembered.
   */
  constructor({ changed, report, key }) {
    Object.assign(this, { changed, report, key, ...(memory.get(key) ?? { tool: "move", task: 0 }) });
    this.buttons = Object.entries(TOOLS).map(([tool, text]) =>
      node("button", { type: "button", textContent: text, value: tool, onclick: () => this.choose(tool) }));
    this.select = node("select", { attributes: { "aria-label": "Task to edit" } });
    this.select.onchange = () => this.chooseTask(Number(this.select.value));
    this.badge = node("span", { className: "badge", textContent: "training…", hidden: true, attributes: { role: "status" } });
    this.element = node("div", { className: "tools", attributes: { role: "toolbar", "aria-label": "Edit the data" } },
      [...this.buttons, this.select, this.badge]);
    this.hint = node("p", { className: "note hint" });
    this.handles = new Handles(this);
    this.painter = new Painter(this);
    this.choose(this.tool);
  }

  /** Take new data; what was held is dropped, for the data it moved is gone. */
  update(film, panels) {
    this.film = film;
    this.panels = panels;
    this.handles.release();
    this.painter.resume();
    this.task = Math.min(this.task, film.tasks.length - 1);
    this.select.replaceChildren(...film.tasks.map((task, k) =>
      node("option", { value: k, textContent: task.name, selected: k === this.task })));
    for (const panel of panels) this.listen(panel);
    const widest = panels.reduce((best, panel) => (panel.run.tasks.length > best.run.tasks.length ? panel : best));
    this.activate(panels.includes(this.active) ? this.active : widest);
  }

  listen(panel) {
    panel.overlay.onpointerenter = () => { if (!this.handles.held) this.activate(panel); };
    panel.overlay.onpointerdown = (event) => { if (event.target === panel.overlay) this.painter.pressed(panel, event); };
    panel.overlay.onpointermove = (event) => this.painter.brush(event);
    panel.overlay.onpointerup = () => this.painter.lift();
    panel.overlay.onpointercancel = panel.overlay.onpointerup;
    panel.canvas.onfocus = () => this.activate(panel);
    panel.canvas.onkeydown = (event) => this.painter.key(panel, event);
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

  /** Put handles where their scenes are, on the panel in use. */
  place() {
    if (!this.active?.side) return;
    this.handles.place();
    this.painter.crosshair.hidden = true;
  }

  send(edit) {
    this.badge.hidden = false;
    this.report(edit);
  }

  destroy() {
    this.handles.destroy();
  }
}
