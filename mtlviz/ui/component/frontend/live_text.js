// The `live_text` component: sentences and tables, renewed by a feed; Python hears of a new stage.

import { node } from "./dom.js";
import { Follower } from "./feed.js";
import { mount } from "./mounting.js";

const tellers = new WeakMap();
const PATIENCE = 4000; // Milliseconds after which Python is told again of a stage it has not drawn.
const MARKUP = /\\(.)|(\*\*)|:(\w+)\[(.+?)\]|`([^`]+)`/gs;
const ITEM = "- ";

export default function render(component) {
  return mount(tellers, component, () => new Told(component.parentElement));
}

/** Text with Markdown's escapes, bold, code and Streamlit's colours, as nodes; nothing in it is HTML. */
export function rich(text) {
  const found = [];
  let bold = null;
  let end = 0;
  const add = (piece) => piece && (bold ? bold.append(piece) : found.push(piece));
  for (const mark of text.matchAll(MARKUP)) {
    add(text.slice(end, mark.index));
    end = mark.index + mark[0].length;
    const [, letter, stars, colour, inside, code] = mark;
    if (stars && bold) bold = null;
    else if (stars) found.push(bold = node("strong"));
    else if (code) add(node("code", { textContent: code }));
    else add(letter ?? node("span", { className: colour, textContent: inside }));
  }
  add(text.slice(end));
  return found;
}

/** A paragraph, or a list where each line is an item of one. */
export function paragraph(text, of = {}) {
  const lines = text.split("\n").filter(Boolean);
  if (!lines.length || !lines.every((each) => each.startsWith(ITEM))) return node("p", of, rich(text));
  return node("ul", of, lines.map((each) => node("li", {}, rich(each.slice(ITEM.length)))));
}

/** A table with its title and caption; it scrolls within its own box. */
function tableOf({ title, header, rows, caption }) {
  const row = (cells, tag) => node("tr", {}, cells.map((cell) => node(tag, {}, rich(cell))));
  const head = header.map((cell) => node("th", { attributes: { scope: "col" } }, rich(cell)));
  const table = node("table", {}, [node("thead", {}, [node("tr", {}, head)]), node("tbody", {}, rows.map((cells) => row(cells, "td")))]);
  const label = title ? rich(title).map((each) => each.textContent).join("") : "Table";
  const box = node("div", { className: "table", tabIndex: 0, attributes: { role: "region", "aria-label": label } }, [table]);
  const above = title ? [node("h4", {}, rich(title))] : [];
  return node("section", {}, [...above, box, ...(caption ? [node("p", { className: "caption" }, rich(caption))] : [])]);
}

class Told {
  constructor(parent) {
    this.root = node("div", { className: "told" });
    this.bar = node("div", { className: "progress", attributes: { role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 } }, [node("div")]);
    parent.append(this.root);
    this.feed = new Follower(() => this.refresh(), () => this.tell("gone"), (on) => this.root.setAttribute("aria-busy", on));
  }

  update({ data, setTriggerValue }) {
    this.given = data;
    this.turn = (stage) => setTriggerValue("turned", stage);
    this.feed.follow(data.feed);
    this.refresh();
  }

  refresh() {
    const said = this.feed.part ?? this.feed.news?.told?.[this.given.feed.name] ?? this.given.said;
    const [first, ...rest] = said.lines.map((line) => node("p", {}, rich(line)));
    const notes = said.notes.map((line) => node("p", { className: "note" }, rich(line)));
    this.bar.hidden = said.progress === null;
    this.bar.firstChild.style.width = `${100 * said.progress}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * said.progress));
    const tables = (said.tables ?? []).map(tableOf);
    this.root.replaceChildren(...(first ? [first] : []), this.bar, ...rest, ...notes, ...tables);
    this.tell(said.stage);
  }

  /** The page has other parts at another stage, or none of a run that is gone: Python draws it. */
  tell(stage) {
    const now = performance.now();
    const asked = stage === this.asked && now - this.askedAt < PATIENCE;
    if (stage === this.given.said.stage || asked) return;
    Object.assign(this, { asked: stage, askedAt: now });
    this.turn(stage);
    // Python may have been busy with another run of the page, and there may be no more news.
    clearTimeout(this.again);
    this.again = setTimeout(() => this.refresh(), PATIENCE + 100);
  }

  destroy() {
    clearTimeout(this.again);
    this.feed.follow(null);
    this.root.remove();
  }
}
