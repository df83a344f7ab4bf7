// The cells of a map: what lies under the pointer is previewed by the film of the same group; arrow
// keys point at a cell as the pointer does, and Enter takes it as a click does. A finger points with
// its first press on a cell and takes it with the next.

import { setCursor } from "./cursor.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };

export class Cells {
  /** @param chart knows the figure, what Python asked for, and whom a click is reported to. */
  constructor(chart) {
    this.chart = chart;
    chart.figure.onkeydown = (event) => this.key(event);
    chart.figure.addEventListener("pointerdown", (event) => { this.touch = event.pointerType === "touch"; }, true);
    chart.figure.onblur = () => {
      this.chart.plotly?.Fx.unhover(chart.figure);
      this.preview(null);
    };
  }

  /** The number of the map among the traces, where a click on it means something; else -1. */
  get map() {
    const { events, figure } = this.chart.data;
    return events?.includes("click") ? figure.data.findIndex(({ type }) => type === "heatmap") : -1;
  }

  /** What the film shows meanwhile: the settings of this cell; null or another mark for its own. */
  preview(target) {
    const asked = this.chart.data.preview;
    if (!asked) return;
    const { axes: [across, up], group, arm } = asked;
    const text = target?.customdata;
    const axes = text && { [across]: target.x, [up]: target.y };
    setCursor(group, { preview: text ? { axes, arm, text, touch: this.touch } : null });
  }

  /** Whether a press takes a cell; the first of a finger on it only previews it. */
  takes(target) {
    const cell = this.touch && this.chart.data.preview && target.customdata ? `${target.x} ${target.y}` : null;
    const taken = cell === null || cell === this.tapped;
    this.tapped = taken ? null : cell;
    return taken;
  }

  key(event) {
    const trace = this.map;
    if (trace < 0 || !this.chart.plotly) return;
    this.touch = false; // A key takes at once, whatever pressed before.
    const { data, layout } = this.chart.data.figure;
    const { x, y } = data[trace];
    if (event.key === "Enter" && this.at) this.chart.clicked(this.cell(trace));
    const move = ARROWS[event.key];
    if (!move) return;
    event.preventDefault();
    const [row, column] = this.at ?? this.start(x, y);
    const up = layout.yaxis?.autorange === "reversed" ? -1 : 1;
    this.at = [inside(row + up * move[0], y.length), inside(column + move[1], x.length)];
    this.point(trace);
  }

  /** What a pointer over the cell would tell. */
  cell(trace) {
    const { x, y, z, customdata } = this.chart.data.figure.data[trace];
    const [row, column] = this.at;
    return { trace, point: this.at, x: x[column], y: y[row], z: z[row][column], customdata: customdata?.[row][column] };
  }

  /** Plotly shows the cell's box, but tells only of a pointer; on an axis of names it counts them. */
  point(trace) {
    const cell = this.cell(trace);
    const [yval, xval] = [cell.y, cell.x].map((value, axis) => (typeof value === "number" ? value : this.at[axis]));
    this.chart.plotly.Fx.hover(this.chart.figure, { xval, yval }, "xy");
    this.preview(cell);
  }

  /** The cell of the marked setting, if one is; else the one in the middle. */
  start(x, y) {
    const mark = this.chart.data.figure.data.find(({ marker }) => marker?.symbol === "star");
    const [row, column] = [Math.floor(y.length / 2), Math.floor(x.length / 2)];
    return mark ? [nearest(y, mark.y[0]), nearest(x, mark.x[0])] : [row, column];
  }

  destroy() {
    this.preview(null);
  }
}

const inside = (place, length) => Math.min(Math.max(place, 0), length - 1);

function nearest(values, wanted) {
  return values.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? i : best), 0);
}
