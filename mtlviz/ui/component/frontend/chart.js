// The `chart` component: one Plotly node per mount, moved in place by every update.

import { Cells } from "./cells.js";
import { node, save, setText } from "./dom.js";
import { CursorLine } from "./cursorline.js";
import { Follower } from "./feed.js";
import { loadPlotly } from "./library.js";
import { rich } from "./live_text.js";
import { mount } from "./mounting.js";
import { roomBelow, watchRoom } from "./room.js";
import { csv, summary } from "./table.js";
import { readTheme } from "./theme.js";

const charts = new WeakMap();
const HOVER_PAUSE = 150; // Milliseconds a pointer rests before Python hears of it.
const LEAST_HEIGHT = 200; // Pixels below which a chart cannot be read.
const NARROW = 560; // Pixels below which a chart's figure for a telephone is drawn, where it has one.
const UNSEEN_PAUSE = 300; // Milliseconds without news after which a chart out of sight is redrawn.
let count = 0;

export default function render(component) {
  return mount(charts, component, () => new Chart(component.parentElement));
}

class Chart {
  constructor(parent) {
    count += 1;
    this.summary = node("p", { className: "mv-hidden", id: `mv-summary-${count}` });
    this.figure = node("div", {
      className: "mv-figure", tabIndex: 0,
      attributes: { role: "img", "aria-describedby": this.summary.id },
    });
    this.message = node("p", { className: "mv-message", hidden: true, attributes: { role: "status" } });
    this.caption = node("figcaption", { className: "mv-caption" });
    this.stage = node("div", { className: "mv-stage" }, [this.figure]);
    this.root = node("figure", { className: "mv-chart" }, [
      this.toolbar(), this.message, this.stage, this.summary, this.caption,
    ]);
    parent.append(this.root);
    this.drawing = Promise.resolve();
    this.cells = new Cells(this);
    this.feed = new Follower(() => this.refresh(), () => null, (on) => this.root.setAttribute("aria-busy", on));
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.stage);
    this.seen = null; // Not known before the watcher has looked.
    this.watcher = new IntersectionObserver((entries) => this.scrolled(entries.at(-1)));
    this.watcher.observe(this.root);
  }

  /** The figure for a telephone, where there is one and the page is as narrow; else nothing. */
  get narrow() {
    return this.given.narrow && this.root.clientWidth < NARROW ? this.given.narrow : null;
  }

  /** As high as it was made, or where it has to fit as the room in the window allows. */
  get height() {
    const room = roomBelow(this.stage, this.given.fit);
    const made = this.narrow?.layout.height ?? this.given.height;
    return room ? Math.min(made, Math.max(room, LEAST_HEIGHT)) : made;
  }

  fitRoom() {
    if (!this.given || this.stage.style.height === `${this.height}px`) return;
    this.refit();
  }

  refit() {
    this.stage.style.height = `${this.height}px`;
    this.refresh();
  }

  toolbar() {
    const button = (label, title, action) =>
      node("button", { type: "button", textContent: label, title, onclick: action, attributes: { "aria-label": title } });
    this.pictureButtons = [
      button("PNG", "Save as PNG picture", () => this.picture("png")),
      button("SVG", "Save as SVG picture", () => this.picture("svg")),
    ];
    this.resetButton = button("Reset", "Reset the zoom", () => this.reset());
    this.tableButton = button("CSV", "Save the data as CSV", () =>
      save(`${this.data.filename}.csv`, csv(this.data.figure), "text/csv"));
    this.title = node("strong", { className: "mv-title" });
    return node("div", { className: "mv-toolbar", attributes: { role: "toolbar", "aria-label": "Chart" } },
      [this.title, ...this.buttons]);
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.given = data;
    setText(this.title, data.title ?? "");
    this.unwatch ??= watchRoom(() => this.fitRoom(), data.fit);
    this.feed.follow(data.feed);
    this.report = { hover: (point) => setStateValue("hover", point), click: (point) => setTriggerValue("click", point) };
    this.refit();
  }

  /** Draw what Python gave, or what the feed has that is newer. */
  refresh() {
    const figure = this.feed.news?.figures?.[this.given.feed.name];
    const part = this.feed.part ?? (figure && { figure });
    this.data = part ? { ...this.given, missing: undefined, ...part } : this.given;
    this.figure.setAttribute("aria-label", this.data.alt);
    setText(this.caption, this.data.how_to_read);
    setText(this.summary, summary(this.data.figure));
    clearTimeout(this.waiting);
    if (this.seen === null) return;
    // What is on screen goes first, when a page opens, an arrow is dragged or a run ticks.
    if (this.seen) this.redraw();
    else this.waiting = setTimeout(() => this.redraw(), UNSEEN_PAUSE);
  }

  redraw() {
    clearTimeout(this.waiting);
    this.waiting = null;
    const latest = this.data;
    this.drawing = this.drawing
      .then(() => (latest === this.data ? this.draw() : null))
      .catch((error) => this.fail(error));
    return this.drawing;
  }

  scrolled(entry) {
    const known = this.seen !== null;
    this.seen = entry.isIntersecting;
    if (!known) this.refresh();
    else if (this.seen && this.waiting) this.redraw();
  }

  async draw() {
    if (this.data.missing !== undefined) return this.miss(this.data.missing);
    const plotly = await loadPlotly(this.data.library_version);
    if (this.gone) return;
    this.plotly = plotly;
    this.drawn = this.narrow ?? this.data.figure;
    const { data, layout } = structuredClone(this.drawn);
    const bars = data.filter((trace) => trace.type === "bar").flatMap((trace) => [trace.error_x, trace.error_y]);
    for (const bar of bars) if (bar) bar.color ??= readTheme(this.root).text; // Plotly's own is for light pages.
    await plotly.react(this.figure, data, this.styled(layout), { displayModeBar: false, responsive: false });
    if (this.gone) return;
    this.message.hidden = true;
    this.stage.hidden = false;
    for (const button of this.buttons) button.disabled = false;
    if (!this.listening) this.listen();
    this.followCursor();
  }

  styled(layout) {
    const theme = readTheme(this.root);
    const axis = { gridcolor: theme.border, linecolor: theme.border, zerolinecolor: theme.border, automargin: true };
    const hoverlabel = { bgcolor: theme.panel, bordercolor: theme.border, font: { color: theme.text } };
    const template = {
      layout: {
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hoverlabel,
        margin: { l: 58, r: 16, t: 16, b: 46 },
        font: { color: theme.text, family: theme.font, size: theme.size }, xaxis: axis, yaxis: axis,
      },
    };
    const width = this.stage.clientWidth || undefined;
    return { uirevision: "kept", ...layout, template, height: this.stage.clientHeight || this.data.height, width, autosize: false };
  }

  listen() {
    this.listening = true;
    this.figure.on("plotly_click", (event) => this.clicked(point(event)));
    this.figure.on("plotly_hover", (event) => this.hovered(point(event)));
    this.figure.on("plotly_unhover", () => this.hovered(null));
    this.figure.on("plotly_afterplot", () => this.cursor?.place());
    this.figure.on("plotly_relayout", () => this.cursor?.place());
  }

  clicked(target) {
    if (!this.cells.takes(target)) return void this.cells.preview(target);
    this.cells.preview(null); // It is the film's own now.
    if (Number.isFinite(target.x)) this.cursor?.set(target.x);
    if (this.data.events.includes("click")) this.report.click(target);
  }

  hovered(target) {
    this.cells.preview(target);
    clearTimeout(this.hoverTimer);
    if (!this.data.events.includes("hover")) return;
    this.hoverTimer = setTimeout(() => this.report.hover(target), HOVER_PAUSE);
  }

  followCursor() {
    if (this.cursor?.group !== this.data.cursor_group) {
      this.cursor?.destroy();
      this.cursor = this.data.cursor_group ? new CursorLine(this.stage, this.figure, this.data.cursor_group) : null;
    }
    this.cursor?.place();
  }

  resize() {
    const width = this.stage.clientWidth;
    if (!this.plotly || !this.listening || !width || width === this.figure._fullLayout?.width) return;
    if (this.given.narrow && this.drawn !== (this.narrow ?? this.data.figure)) return this.refit();
    this.drawing = this.drawing.then(() => this.plotly.relayout(this.figure, { width })).catch((error) => this.fail(error));
  }

  async picture(format) {
    if (this.waiting) await this.redraw();
    const { data, layout } = this.figure;
    const paper = { ...layout, paper_bgcolor: readTheme(this.root).background };
    const size = { width: this.stage.clientWidth, height: this.height, scale: format === "png" ? 2 : 1 };
    save(`${this.data.filename}.${format}`, await this.plotly.toImage({ data, layout: paper }, { format, ...size }));
  }

  reset() {
    const change = {};
    for (const [name, axis] of Object.entries(this.figure._fullLayout ?? {})) {
      if (!/^[xy]axis\d*$/.test(name)) continue;
      const range = this.drawn.layout?.[name]?.range;
      Object.assign(change, range ? { [`${name}.range`]: [...range] } : { [`${name}.autorange`]: true });
      if (!range && axis.autorange === "reversed") change[`${name}.autorange`] = "reversed";
    }
    return this.plotly?.relayout(this.figure, change);
  }

  /** There is no figure now: say why, in as much room, so that nothing below moves. */
  miss(sentence) {
    this.message.replaceChildren(...rich(sentence));
    Object.assign(this.message, { hidden: false });
    this.message.style.minHeight = `${this.data.height}px`;
    this.message.toggleAttribute("data-empty", !sentence);
    this.stage.hidden = true;
    for (const button of this.buttons) button.disabled = true;
  }

  fail(error) {
    this.message.style.minHeight = "";
    this.message.removeAttribute("data-empty");
    this.message.hidden = false;
    this.stage.hidden = true;
    setText(this.message, `${error.message} In words: ${this.data.alt}`);
    for (const button of [...this.pictureButtons, this.resetButton]) button.disabled = true;
  }

  get buttons() {
    return [...this.pictureButtons, this.tableButton, this.resetButton];
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.hoverTimer);
    clearTimeout(this.waiting);
    this.feed.follow(null);
    this.resizer.disconnect();
    this.watcher.disconnect();
    this.unwatch?.();
    this.cursor?.destroy();
    this.cells.destroy();
    if (this.listening) this.plotly.purge(this.figure);
    this.root.remove();
  }
}

function point(event) {
  const first = event.points[0];
  const plain = (value) => (value === undefined ? null : value);
  return {
    trace: first.curveNumber, name: plain(first.data.name), point: plain(first.pointNumber),
    x: plain(first.x), y: plain(first.y), z: plain(first.z), customdata: plain(first.customdata),
  };
}
