// A cheap estimate of what training would give, for the time that data is being dragged: the same
// gradient descent as mtlviz/toy/loop.py, on the shown repetition and on a few drawn here. Linear
// models whose tasks are all due and summed; no other has a `recipe` in the payload.

import { pointsOf } from "./scene.js";

const REPETITIONS = 6; // Drawn here, besides the one that is shown.
const HELD_OUT = 200;
const random = mulberry(7);
const drawn = Array.from({ length: REPETITIONS }, () => new Map()); // Draws of each repetition, by task.

/** Parameters of a panel's run after training on these points: `{shared, head, bias}` as recorded. */
export function trained(run, tasks, { rate, steps }) {
  const r = run.capacity;
  const m = tasks.length;
  const shared = Float64Array.from(run.shared.slice(0, 2 * r));
  const head = Float64Array.from(run.head.slice(0, m * r));
  const bias = new Float64Array(m);
  const pull = new Float64Array(2 * r);
  for (let step = 0; step < steps; step += 1) {
    pull.fill(0);
    for (let k = 0; k < m; k += 1) descend(tasks[k], k, r, { shared, head, bias, pull }, rate);
    for (let i = 0; i < 2 * r; i += 1) shared[i] -= rate * pull[i];
  }
  return { shared, head, bias };
}

/** One step of a task's head and bias; what it wants of the shared parameters is added to `pull`. */
function descend({ x, y, label }, k, r, { shared, head, bias, pull }, rate) {
  let [wx, wy] = [0, 0];
  for (let j = 0; j < r; j += 1) {
    wx += shared[j] * head[k * r + j];
    wy += shared[r + j] * head[k * r + j];
  }
  let [gx, gy, gc] = [0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    const sign = label[i] ? 1 : -1;
    const given = -sign / (1 + Math.exp(sign * (wx * x[i] + wy * y[i] + bias[k])));
    gx += given * x[i];
    gy += given * y[i];
    gc += given;
  }
  [gx, gy, gc] = [gx / x.length, gy / x.length, gc / x.length];
  for (let j = 0; j < r; j += 1) {
    const weight = head[k * r + j];
    pull[j] += gx * weight;
    pull[r + j] += gy * weight;
    head[k * r + j] -= rate * (gx * shared[j] + gy * shared[r + j]);
  }
  bias[k] -= rate * gc;
}

/** Estimates while data moves: only what a move touches is trained again, a little in each frame. */
export class Estimator {
  constructor(film) {
    this.film = film;
    this.moves = film.panels.map(() => 0); // How often a panel's data has moved.
    this.shown = film.panels.map(() => 0); // The move that its picture shows.
    this.clouds = Array.from({ length: REPETITIONS }, () => new Map());
    this.scores = Array.from({ length: REPETITIONS }, () => ({ at: film.panels.map(() => -1), share: film.panels.map(() => NaN) }));
    this.next = 0;
  }

  /** A task's data has moved. */
  moved(task) {
    this.film.panels.forEach((run, i) => { if (run.tasks.includes(task)) this.moves[i] += 1; });
    for (const known of this.clouds) for (const heldOut of [false, true]) known.delete(`${task} ${heldOut}`);
  }

  /** Parameters of every panel whose data has moved since it was last asked, by place; else null. */
  pictures() {
    return this.film.panels.map((run, i) => {
      if (this.shown[i] === this.moves[i]) return null;
      this.shown[i] = this.moves[i];
      return trained(run, run.tasks.map((task) => this.film.tasks[task]), this.film.recipe);
    });
  }

  /** Train repetitions in turn for as long as there is time, at least one; whether all are done. */
  work(until) {
    for (let turn = 0; turn < REPETITIONS; turn += 1) {
      const done = this.repeat(this.next);
      this.next = (this.next + 1) % REPETITIONS;
      if (done && performance.now() >= until) break;
    }
    return this.scores.every(({ at }) => at.every((move, i) => move === this.moves[i]));
  }

  /** Score what is behind in a repetition; whether there was anything. */
  repeat(repetition) {
    const { at, share } = this.scores[repetition];
    const behind = this.film.panels.map((_, i) => i).filter((i) => at[i] !== this.moves[i]);
    for (const i of behind) {
      const run = this.film.panels[i];
      const found = trained(run, run.tasks.map((task) => this.cloud(task, repetition, false)), this.film.recipe);
      share[i] = accuracy(found, run.capacity, this.cloud(run.tasks[0], repetition, true));
      at[i] = this.moves[i];
    }
    return behind.length > 0;
  }

  cloud(task, repetition, heldOut) {
    const known = this.clouds[repetition];
    const name = `${task} ${heldOut}`;
    if (!known.has(name)) known.set(name, cloud(this.film, task, repetition, heldOut));
    return known.get(name);
  }

  /** A panel's transfer to its first task in points, over the repetitions trained so far. */
  gain(panel) {
    const gains = this.scores.map(({ share }) => 100 * (share[panel] - share[0])).filter(Number.isFinite);
    return gains.reduce((sum, value) => sum + value, 0) / gains.length;
  }
}

/** Points of a task in a repetition of our own: the same draws each time, so that moves alone change it. */
function cloud(film, task, repetition, heldOut) {
  const { scene, z } = film.tasks[task];
  const count = heldOut ? HELD_OUT : z.length / 2;
  const name = `${task} ${heldOut} ${count}`;
  const known = drawn[repetition];
  if (!known.has(name)) {
    const normals = Float64Array.from({ length: 2 * count }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    known.set(name, { normals, uniforms: Float64Array.from({ length: count }, random) });
  }
  const { normals, uniforms } = known.get(name);
  return pointsOf(heldOut ? { ...scene, noise: 0 } : scene, normals, uniforms);
}

/** Share of points that the first head has on the right side. */
function accuracy({ shared, head, bias }, r, { x, y, label }) {
  let [wx, wy] = [0, 0];
  for (let j = 0; j < r; j += 1) {
    wx += shared[j] * head[j];
    wy += shared[r + j] * head[j];
  }
  let right = 0;
  for (let i = 0; i < x.length; i += 1) right += wx * x[i] + wy * y[i] + bias[0] > 0 === (label[i] === 1);
  return right / x.length;
}

/** A small generator of uniform numbers, the same in every browser. */
function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
