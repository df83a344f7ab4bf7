// The step cursor on a chart: a line laid over the drawing, so that moving it never redraws Plotly.

import { followCursor, getCursor, nearestStep, setCursor } from "./cursor.js";
import { grouped, node } from "./dom.js";

const STRIP = 26; // Height in pixels of the strip over the x axis that can be dragged.

export class CursorLine {
  constructor(stage, figure, group) {
    Object.assign(this, { stage, figure, group, lines: [] });
    this.strip = node("div", {
      className: "mv-strip", tabIndex: 0,
      attributes: { role: "slider", "aria-label": "Step cursor", "aria-orientation": "horizontal" },
    });
    stage.append(this.strip);
    this.strip.onpointerdown = (event) => this.grab(event);
    this.strip.onpointermove = (event) => this.dragging && this.set(this.stepAt(event));
    this.strip.onpointerup = () => { this.dragging = false; };
    this.strip.onpointercancel = this.strip.onpointerup;
    this.strip.onkeydown = (event) => this.key(event);
    this.unfollow = followCursor(group, () => this.place());
  }

  grab(event) {
    this.dragging = true;
    this.strip.setPointerCapture(event.pointerId);
    this.set(this.stepAt(event));
  }

  subplots() {
    return Object.values(this.figure._fullLayout?._plots ?? {}).filter((plot) => plot.xaxis && plot.yaxis);
  }

  stepAt(event) {
    const axis = this.subplots().at(-1).xaxis;
    return axis.p2d(event.clientX - this.stage.getBoundingClientRect().left - axis._offset);
  }

  /** Move the group's cursor to the recorded step nearest to a value, and pause what plays. */
  set(value) {
    const step = nearestStep(getCursor(this.group).steps, Math.max(0, value));
    setCursor(this.group, { step, playing: false });
  }

  key(event) {
    const { steps, step } = getCursor(this.group);
    const move = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!move || !steps?.length) return;
    event.preventDefault();
    const index = steps.indexOf(nearestStep(steps, step ?? steps[0])) + move;
    this.set(steps[Math.min(Math.max(index, 0), steps.length - 1)]);
  }

  place() {
    const { step, steps } = getCursor(this.group);
    const plots = this.subplots();
    while (this.lines.length < plots.length) this.lines.push(this.stage.appendChild(node("div", { className: "mv-line" })));
    this.lines.forEach((line, index) => placeLine(line, plots[index], step));
    this.placeStrip(plots.at(-1));
    if (steps?.length) {
      this.strip.setAttribute("aria-valuemin", steps[0]);
      this.strip.setAttribute("aria-valuemax", steps.at(-1));
    }
    this.strip.setAttribute("aria-valuenow", Math.round(step ?? 0));
    this.strip.setAttribute("aria-valuetext", step === null ? "not set" : `step ${grouped(step)}`);
  }

  placeStrip(plot) {
    this.strip.hidden = !plot;
    if (!plot) return;
    const { xaxis, yaxis } = plot;
    const top = yaxis._offset + yaxis._length;
    Object.assign(this.strip.style, {
      left: `${xaxis._offset}px`, width: `${xaxis._length}px`, top: `${top}px`, height: `${STRIP}px`,
    });
  }

  destroy() {
    this.unfollow();
    for (const element of [this.strip, ...this.lines]) element.remove();
  }
}

function placeLine(line, plot, step) {
  const left = plot && step !== null ? plot.xaxis.d2p(step) : NaN;
  line.hidden = !(left >= 0 && left <= plot?.xaxis._length);
  if (line.hidden) return;
  line.style.transform = `translateX(${plot.xaxis._offset + left}px)`;
  line.style.top = `${plot.yaxis._offset}px`;
  line.style.height = `${plot.yaxis._length}px`;
}
