// The data behind a Plotly figure as rows: for the CSV export and for the summary in words.

import { shape, values } from "./arrays.js";

const GRIDS = new Set(["heatmap", "contour", "surface"]);

/** Rows [trace, x, y, z] of a figure; z is null except in maps. */
export function rows(traces) {
  return traces.flatMap((trace, index) => {
    const name = trace.name ?? `trace ${index + 1}`;
    return GRIDS.has(trace.type) ? gridRows(name, trace) : lineRows(name, trace);
  });
}

function lineRows(name, trace) {
  const x = values(trace.x);
  const y = values(trace.y);
  const length = (y ?? x ?? []).length;
  return Array.from({ length }, (_, i) => [name, x ? x[i] : i, y ? y[i] : null, null]);
}

function gridRows(name, trace) {
  const [height, width] = shape(trace.z);
  const z = values(trace.z);
  const x = values(trace.x);
  const y = values(trace.y);
  return Array.from(z, (value, cell) => {
    const row = Math.floor(cell / width);
    const column = cell % width;
    return [name, x ? x[column] : column, y ? y[row] : Math.min(row, height - 1), value];
  });
}

/** The figure's data as CSV text; a blank cell was not measured. */
export function csv(figure) {
  const axis = (name) => figure.layout?.[name]?.title?.text || name[0];
  const table = rows(figure.data);
  const hasMap = table.some((row) => row[3] !== null);
  const header = ["trace", axis("xaxis"), axis("yaxis"), ...(hasMap ? ["value"] : [])];
  const width = header.length;
  return [header, ...table].map((row) => row.slice(0, width).map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One sentence per trace, for people who do not see the figure. */
export function summary(figure) {
  return figure.data.map((trace, index) => {
    const name = trace.name ?? `Trace ${index + 1}`;
    const numbers = rows([trace]).map((row) => row[3] ?? row[2]).filter((v) => Number.isFinite(v));
    if (!numbers.length) return `${name}: no numbers.`;
    const range = numbers.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    return `${name}: ${numbers.length} values from ${short(range[0])} to ${short(range[1])}, last ${short(numbers.at(-1))}.`;
  }).join(" ");
}

function short(value) {
  return String(Number(value.toPrecision(3)));
}
