// What a panel's model says, from its parameters at a place of the film. No drawing.
// logit_k(x) = act(x B + shift) . head_k + bias_k, with B of shape (2, r).

import { shape, values } from "./arrays.js";

const RECORDED = ["shared", "shift", "head", "bias", "loss", "accuracy", "gradient", "weights", "update"];

/** A payload with its arrays unpacked once; places of the film count kept frames from 0. */
export function unpackFilm(payload) {
  const tasks = payload.tasks.map(unpackTask);
  const panels = payload.panels.map((panel, index) => {
    const unpacked = { ...panel, verdict: panel.verdict ?? payload.verdicts?.[index] ?? null };
    for (const name of RECORDED) unpacked[name] = values(panel[name]);
    unpacked.capacity = shape(panel.shared)[2];
    unpacked.relu = payload.activation === "relu";
    return unpacked;
  });
  return { ...payload, steps: Array.from(values(payload.steps)), tasks, panels };
}

// Edits change the task's arrays; `places` keeps where the payload put each point.
function unpackTask(task) {
  const [x, y] = [Float32Array.from(values(task.x)), Float32Array.from(values(task.y))];
  return {
    ...task, x, y, label: Uint8Array.from(values(task.label)), own: Uint8Array.from(values(task.own)),
    z: values(task.z), flip: values(task.flip), places: Array.from(x, (_, i) => [x[i], y[i]]),
  };
}

/** One recorded quantity at a place between two frames, all its entries blended linearly. */
export function blended(recorded, size, place) {
  const low = Math.floor(place);
  const share = place - low;
  const start = low * size;
  const now = Float64Array.from(recorded.subarray ? recorded.subarray(start, start + size) : recorded.slice(start, start + size));
  if (share > 0) for (let i = 0; i < size; i += 1) now[i] += share * (recorded[start + size + i] - now[i]);
  return now;
}

/** The parameters of a panel's model at a place of the film. */
export function modelAt(panel, place) {
  const r = panel.capacity;
  const m = panel.tasks.length;
  return {
    r, relu: panel.relu,
    shared: blended(panel.shared, 2 * r, place), shift: blended(panel.shift, r, place),
    head: blended(panel.head, m * r, place), bias: blended(panel.bias, m, place),
  };
}

/** The linear rule of head k, [wx, wy, c] with logit = wx x + wy y + c; linear models only. */
export function linearRule(model, k) {
  const rule = [0, 0, model.bias[k]];
  for (let j = 0; j < model.r; j += 1) {
    const weight = model.head[k * model.r + j];
    rule[0] += model.shared[j] * weight;
    rule[1] += model.shared[model.r + j] * weight;
    rule[2] += model.shift[j] * weight;
  }
  return rule;
}

// Adds head k's part of a ReLU layer along one row of the grid, unit by unit.
function addHidden(model, k, y, low, step, count, grid, start) {
  for (let j = 0; j < model.r; j += 1) {
    const weight = model.head[k * model.r + j];
    const slope = model.shared[j] * step;
    let hidden = model.shared[j] * low + model.shared[model.r + j] * y + model.shift[j];
    for (let at = start; at < start + count; at += 1, hidden += slope) {
      if (hidden > 0) grid[at] += hidden * weight;
    }
  }
}

/** Logits of head k on a square grid of `count` x `count` places from low to high, rows from low y. */
export function logitGrid(model, k, count, low, high, grid) {
  const step = (high - low) / (count - 1);
  const rule = model.relu ? [0, 0, model.bias[k]] : linearRule(model, k);
  for (let row = 0; row < count; row += 1) {
    const y = low + row * step;
    const start = row * count;
    for (let column = 0; column < count; column += 1) {
      grid[start + column] = rule[0] * (low + column * step) + rule[1] * y + rule[2];
    }
    if (model.relu) addHidden(model, k, y, low, step, count, grid, start);
  }
  return grid;
}
