// The data behind a Plotly figure as rows: for the CSV export and for the summary in words.

import { shape, values } from "./arrays.js";

const GRIDS = new Set(["heatmap", "contour", "surface"]);
const MOST_CELLS = 200; // A map with more is described by its range.

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
  const text = typeof value === "string" ? safe(unmarked(value)) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text that a spreadsheet would compute gets an apostrophe, as in mtlviz/runs/csv_text.py. */
function safe(text) {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}

/** One sentence per trace with numbers, for people who do not see the figure. */
export function summary(figure) {
  const told = figure.data
    .map((trace) => (trace.type === "heatmap" ? mapInWords(trace, figure.layout) : lineInWords(trace, figure.layout)))
    .filter((sentence) => sentence);
  return told.join(" ") || "There is nothing to show yet.";
}

function lineInWords(trace, layout) {
  // Where a vertical axis has names, or bars lie, what is measured runs along the other.
  const measured = layout?.yaxis?.ticktext || trace.orientation === "h" ? 1 : 2;
  const numbers = rows([trace]).map((row) => row[3] ?? row[measured]).filter((v) => Number.isFinite(v));
  if (!numbers.length) return "";
  // The chart's label names what is shown where a trace has no name of its own.
  const name = trace.name ? `${plain(trace.name)}: ` : "";
  if (numbers.length === 1) return `${name}${short(numbers[0])}.`;
  return `${name}${numbers.length} values from ${range(numbers)}, last ${short(numbers.at(-1))}.`;
}

/** Rows, columns and cells of a map: each cell by what stands in it, or the range where they are many. */
function mapInWords(trace, layout) {
  const [height, width = 0] = shape(trace.z);
  const z = Array.from(values(trace.z));
  const numbers = z.filter((v) => Number.isFinite(v));
  if (!numbers.length) return "";
  const size = `${trace.name ? `${plain(trace.name)}: ` : ""}${height} rows, ${width} columns`;
  if (z.length > MOST_CELLS) return `${size}, values from ${range(numbers)}.`;
  const columns = ticks(trace.x, layout?.xaxis, width, "column");
  const texts = Array.isArray(trace.text) ? trace.text.flat() : [];
  const told = ticks(trace.y, layout?.yaxis, height, "row").map((row, i) => {
    const cells = columns.map((column, j) => `${column} ${inCell(texts[i * width + j], z[i * width + j])}`);
    return `${row}: ${cells.join(", ")}.`;
  });
  return `${size}. ${told.join(" ")}`;
}

function inCell(text, value) {
  return plain(text ?? "") || (Number.isFinite(value) ? short(value) : "blank");
}

/** What rows or columns are called: by the axis's ticks, by the trace, or by number. */
function ticks(given, axis, count, kind) {
  const places = values(given);
  const marked = axis?.ticktext ? Array.from(values(axis.tickvals)) : [];
  return Array.from({ length: count }, (_, i) => {
    const tick = marked.indexOf(places ? places[i] : i);
    if (tick >= 0) return plain(axis.ticktext[tick]);
    if (!places) return `${kind} ${i + 1}`;
    return typeof places[i] === "number" ? short(places[i]) : plain(places[i]);
  });
}

/** A text without the marks that only a picture needs. */
function plain(text) {
  return unmarked(text).replace(/\s+/g, " ").trim();
}

/** A text as somebody gave it: `plain` of mtlviz/figures/text.py and the picture's own marks undone. */
function unmarked(text) {
  const words = String(text).replace(/<br>/g, " ").replace(/<\/?[a-z]+>/g, "");
  return words.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function range(numbers) {
  const [low, high] = numbers.reduce(([least, most], v) => [Math.min(least, v), Math.max(most, v)], [Infinity, -Infinity]);
  return `${short(low)} to ${short(high)}`;
}

function short(value) {
  return String(Number(value.toPrecision(3)));
}
