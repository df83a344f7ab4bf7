// A cheap estimate of what training would give, for the time that data is being dragged: the same
// gradient descent as mtlviz/toy/loop.py, on the shown repetition and on a few drawn here. Linear
// models whose tasks are all due and summed; no other has a `recipe` in the payload.

import { pointsOf } from "./scene.js";

const REPETITIONS = 6; // Drawn here, besides the one that is shown.
const HELD_OUT = 200;
const BUDGET = 60; // Milliseconds after which no further repetition is begun.
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

/** Each panel's transfer to its first task in points, over as many repetitions as there is time for. */
export function transfers(film) {
  const until = performance.now() + BUDGET;
  const gains = film.panels.map(() => []);
  for (let repetition = 0; repetition < REPETITIONS && performance.now() < until; repetition += 1) {
    const points = new Map(film.panels.flatMap((run) => run.tasks).map((task) => [task, cloud(film, task, repetition, false)]));
    const scores = film.panels.map((run) => {
      const found = trained(run, run.tasks.map((task) => points.get(task)), film.recipe);
      return accuracy(found, run.capacity, cloud(film, run.tasks[0], repetition, true));
    });
    scores.forEach((score, i) => gains[i].push(100 * (score - scores[0])));
  }
  return gains.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
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
