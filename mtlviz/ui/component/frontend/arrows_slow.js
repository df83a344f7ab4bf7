// PCGrad in slow motion: pick a task, pick another, test the sign, project, next; then add up.

import { combined, inner } from "./arrows_math.js";
import { drawArrow } from "./arrows_pen.js";
import { number, signed } from "./arrows_table.js";
import { Player } from "./player.js";
import { taskLook } from "./theme.js";

const HURTS = "#D55E00";

/** The stages of one update, each with its sentence and the coefficients before and after. */
export function stagesOf(gram, trace) {
  const rows = gram.map((_, i) => gram.map((_, k) => Number(i === k)));
  const copy = () => rows.map((row) => [...row]);
  const stages = [{ kind: "start", rows: copy(), text: "Every task’s gradient as it came. Step forward, or press play." }];
  for (const { task, other, inner: product, removed } of trace) {
    const [i, j] = [task + 1, other + 1];
    const met = `Task ${i} meets task ${j}${i === j ? " (itself)" : ""}: g${sub(i)} · g${sub(j)} = ${signed(product)}`;
    const verdict = removed < 0 ? "below zero, so they conflict." : "not below zero, so nothing is taken away.";
    stages.push({ kind: "test", task, other, conflict: removed < 0, rows: copy(), before: copy(), text: `${met}, ${verdict}` });
    if (!(removed < 0)) continue;
    const before = copy();
    rows[task][other] -= removed;
    const shares = `${number(product)} ÷ ${number(gram[other][other])} = ${number(removed)}`;
    stages.push({
      kind: "project", task, other, conflict: true, rows: copy(), before,
      text: `Project: take ${shares} times g${sub(j)} away from task ${i}’s gradient. What is left is at right angles to g${sub(j)}.`,
    });
  }
  const weights = gram.map((_, k) => rows.reduce((sum, row) => sum + row[k], 0));
  stages.push({ kind: "sum", rows: copy(), weights, text: `Add up what is left. Weights of the original gradients: ${weights.map(number).join(", ")}.` });
  return stages;
}

const sub = (digit) => String.fromCharCode(0x2080 + digit);

export class SlowMotion {
  constructor(group, onExport, request) {
    this.player = new Player(group, onExport);
    this.player.speed.value = "0.25";
    this.player.slider.setAttribute("aria-label", "PCGrad in slow motion");
    this.element = this.player.element;
    this.element.setAttribute("aria-label", "PCGrad in slow motion");
    this.request = request;
  }

  take(gram, trace) {
    this.stages = stagesOf(gram, trace);
    this.player.setSteps(this.stages.map((_, i) => i), true);
  }

  /** The stage on show and how much of its move is done; null at the start. */
  now() {
    const place = this.player.place;
    if (place === 0) return null;
    const next = this.stages[Math.ceil(place)];
    const moving = next.kind === "project" && place < Math.ceil(place);
    return { stage: moving ? next : this.stages[Math.round(place)], share: moving ? place - Math.floor(place) : 1 };
  }

  text() {
    return (this.now()?.stage ?? this.stages[0]).text;
  }

  draw(pen, arrows, toPixel, side, theme) {
    const { stage, share } = this.now();
    const middle = toPixel([0, 0]);
    const place = (rows, k) => combined(arrows, rows[k]);
    if (stage.other !== undefined) drawBorder(pen, arrows[stage.other], middle, side, stage.conflict, theme);
    arrows.forEach((arrow, k) => drawArrow(pen, middle, toPixel(arrow), { ...taskLook(k), width: 2, alpha: k === stage.other ? 1 : 0.3 }));
    if (stage.kind === "sum") return void drawSum(pen, arrows, stage, toPixel, theme);
    arrows.forEach((_, k) => {
      const done = stage.task === undefined || k < stage.task;
      if (done) drawArrow(pen, middle, toPixel(place(stage.rows, k)), { ...taskLook(k), width: 3, alpha: 0.8 });
    });
    if (stage.task === undefined) return;
    const [before, after] = [place(stage.before, stage.task), place(stage.rows, stage.task)];
    const tip = [0, 1].map((axis) => before[axis] + share * (after[axis] - before[axis]));
    drawArrow(pen, middle, toPixel(tip), { ...taskLook(stage.task), width: 5 });
    if (stage.kind === "project") drawArrow(pen, toPixel(before), toPixel(tip), { color: HURTS, dash: "dot", width: 2.5 });
  }

  destroy() {
    this.player.destroy();
  }
}

/** Where another task's gradient would be opposed: the half plane behind it. */
function drawBorder(pen, arrow, [x, y], side, conflict, theme) {
  const long = Math.sqrt(inner(arrow, arrow));
  if (long === 0) return;
  const [ux, uy] = [arrow[0] / long, -arrow[1] / long];
  const far = 2 * side;
  pen.beginPath();
  for (const [across, along] of [[1, 0], [-1, 0], [-1, -1], [1, -1]]) {
    pen.lineTo(x + far * (across * -uy + along * ux), y + far * (across * ux + along * uy));
  }
  pen.closePath();
  Object.assign(pen, { fillStyle: conflict ? HURTS : theme.text, globalAlpha: conflict ? 0.14 : 0.05 });
  pen.fill();
  pen.globalAlpha = 1;
}

/** The projected gradients, head to tail, and the update they add up to. */
function drawSum(pen, arrows, { rows, weights }, toPixel, theme) {
  let from = [0, 0];
  rows.forEach((row, k) => {
    const part = combined(arrows, row);
    const to = [from[0] + part[0], from[1] + part[1]];
    drawArrow(pen, toPixel(from), toPixel(to), { ...taskLook(k), width: 3 });
    from = to;
  });
  drawArrow(pen, toPixel([0, 0]), toPixel(combined(arrows, weights)), { color: theme.text, width: 5 });
}
