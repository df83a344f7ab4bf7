// The table beside the arrows: per method its weights, what it promises each task, and its length.

import { changesOf, isLive, updateLength } from "./arrows_math.js";
import { dashOf } from "./arrows_pen.js";
import { node, setText } from "./dom.js";
import { taskLook } from "./theme.js";

const SYMBOLS = { circle: "●", square: "■", diamond: "◆", triangle: "▲", cross: "✚" };

/** The task's marker as a character. */
export const symbolOf = (task) => SYMBOLS[taskLook(task).marker];

const ROUNDING = 1e-9; // Changes below this share of the largest possible are rounding.

/** Of two lengths; a root of what rounding left of a zero is zero. */
const ratioOf = (part, whole) => (part ** 2 > ROUNDING * 1e-3 * whole ** 2 ? part / whole : 0);

/** Three significant digits, with a proper minus; what rounding left of a zero is zero. */
export function number(value) {
  if (Math.abs(value) < 1e-12) return "0";
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

export const signed = (value) => (value > 1e-12 ? `+${number(value)}` : number(value));

export class MethodTable {
  constructor() {
    this.explained = node("span", { title: "To first order: −ηGw, with weights w, the gradients' inner products G and the step size η." });
    this.caption = node("caption", {}, [this.explained]);
    this.head = node("thead");
    this.body = node("tbody");
    this.element = node("div", { className: "methods", tabIndex: 0, attributes: { role: "region", "aria-label": "Numbers of each method" } },
      [node("table", {}, [this.caption, this.head, this.body])]);
    this.rows = [];
  }

  /** New methods or another number of tasks: new rows. */
  rebuild(methods, tasks, step) {
    const shape = JSON.stringify([methods.map(({ name }) => name), tasks]);
    setText(this.explained, `Each method's weights, and how a step of ${step} changes each task's loss. ▲ helps: its loss falls. ▼ hurts: its loss rises.`);
    if (shape === this.shape) return;
    this.shape = shape;
    const each = Array.from({ length: tasks }, (_, k) => `${symbolOf(k)} ${k + 1}`);
    const cell = (text, colSpan = 1) => node("th", { textContent: text, colSpan, scope: "col" });
    this.head.replaceChildren(
      node("tr", {}, [cell("method"), cell("weights", tasks), cell("change of each task", tasks), cell("hurts"), cell("length ÷ sum's")]),
      node("tr", {}, [cell(""), ...each.map((text) => cell(text)), ...each.map((text) => cell(text)), cell(""), cell("")]),
    );
    this.rows = methods.map((method) => this.row(method, tasks));
    this.body.replaceChildren(...this.rows.map(({ element }) => element));
  }

  row(method, tasks) {
    const cells = Array.from({ length: 2 * tasks + 2 }, () => node("td"));
    const wait = node("span", { className: "wait" });
    const name = node("th", { scope: "row", title: method.help }, [swatch(method), method.title, wait]);
    setText(wait, isLive(method.name, tasks) ? "" : " on release");
    return { element: node("tr", {}, [name, ...cells]), cells, tasks };
  }

  /** Numbers of every method; `weights` null: its numbers come when the arrow is let go. */
  draw(gram, updates, step) {
    const plain = updateLength(gram, gram.map(() => 1));
    const tiny = ROUNDING * step * Math.max(...gram.map((row, k) => row[k]));
    updates.forEach(({ weights }, i) => {
      const { cells, element, tasks } = this.rows[i];
      element.classList.toggle("stale", weights === null);
      if (weights === null) return;
      const changes = changesOf(gram, weights, step).map((change) => (Math.abs(change) > tiny ? change : 0));
      const hurt = changes.flatMap((change, k) => (change > 0 ? [k + 1] : []));
      weights.forEach((weight, k) => setText(cells[k], number(weight)));
      changes.forEach((change, k) => {
        const cell = cells[tasks + k];
        setText(cell, `${change > 0 ? "▼" : change < 0 ? "▲" : "●"} ${signed(change)}`);
        cell.className = change > 0 ? "hurts" : change < 0 ? "helps" : "";
      });
      setText(cells[2 * tasks], hurt.length ? `task ${hurt.join(", ")}` : "nobody");
      cells[2 * tasks].className = hurt.length ? "hurts" : "";
      setText(cells[2 * tasks + 1], plain > 0 ? `${number(ratioOf(updateLength(gram, weights), plain))}×` : "sum is 0");
    });
  }
}

/** A short line in a method’s look. */
export function swatch({ color, dash }) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [name, value] of Object.entries({ viewBox: "0 0 36 8", "aria-hidden": "true" })) drawing.setAttribute(name, value);
  const look = { x1: 1, y1: 4, x2: 35, y2: 4, stroke: color, "stroke-width": 3, "stroke-dasharray": dashOf(dash).join(" ") };
  for (const [name, value] of Object.entries(look)) line.setAttribute(name, value);
  drawing.append(line);
  return drawing;
}
