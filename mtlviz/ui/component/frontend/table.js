// The data behind a Plotly figure as rows: for the CSV export and for the summary in words.

import { shape, values } from "./arrays.js";

const GRIDS = new Set(["heatmap", "contour", "surface"]);
const MOST_CELLS = 200; // A map with more is described by its range.
const MOST_NAMED = 12; // Of more points or lines with names the first are told.

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
  const axis = (name) => figure.layout?.[`${name}axis`]?.title?.text || name;
  const table = rows(figure.data);
  const columns = [["trace", table.map((row) => row[0])]];
  const panels = figure.data.flatMap((trace) => rows([trace]).map(() => trace.meta?.panel ?? null));
  if (panels.some((each) => each !== null)) columns.unshift(["panel", panels]);
  columns.push([axis("x"), table.map((row) => row[1])], [axis("y"), table.map((row) => row[2])]);
  if (table.some((row) => row[3] !== null)) columns.push(["value", table.map((row) => row[3])]);
  for (const name of ["x", "y"]) {
    const ends = figure.data.flatMap((trace) => bars(trace, name));
    if (!ends.some(([low]) => low !== null)) continue;
    columns.push(
      [`${axis(name)}, low end of its bar`, ends.map(([low]) => low)], [`${axis(name)}, high end of its bar`, ends.map(([, high]) => high)],
    );
  }
  const lines = [columns.map(([title]) => title), ...table.map((_, i) => columns.map(([, column]) => column[i]))];
  return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Both ends of the bar at every point of a trace, across or upwards; null where there is none. */
function bars(trace, name) {
  const bar = trace[`error_${name}`];
  const array = values(bar?.array);
  const below = values(bar?.arrayminus) ?? array;
  const place = name === "x" ? 1 : 2;
  const known = (half) => half !== null && half !== undefined && Number.isFinite(half);
  return rows([trace]).map((row, i) =>
    array && known(array[i]) && known(below[i]) && row[place] !== null ? [row[place] - below[i], row[place] + array[i]] : [null, null]);
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
  // Without an axis upwards heights are places in the picture, and say nothing.
  if (layout?.yaxis?.visible === false && trace.visible !== false) return textsInWords(trace);
  // Where a vertical axis has names, or bars lie, what is measured runs along the other.
  const measured = layout?.yaxis?.ticktext || trace.orientation === "h" ? 1 : 2;
  const numbers = rows([trace]).map((row) => row[3] ?? row[measured]).filter((v) => Number.isFinite(v));
  if (!numbers.length) return "";
  // The chart's label names what is shown where a trace has no name of its own.
  const name = trace.name ? `${plain(trace.name)}: ` : "";
  if (numbers.length === 1) return `${name}${short(numbers[0])}.`;
  const rowNames = measured === 1 && layout?.yaxis?.ticktext ? ticks(trace.y, layout.yaxis, numbers.length, "row") : [];
  if (rowNames.length <= MOST_NAMED && new Set(rowNames).size === numbers.length) {
    return `${name}${rowNames.map((row, i) => `${row} ${short(numbers[i])}`).join(", ")}.`;
  }
  return `${name}${numbers.length} values from ${range(numbers)}, last ${short(numbers.at(-1))}.`;
}

function textsInWords(trace) {
  if (!Array.isArray(trace.text)) return "";
  const told = [...new Set(trace.text.filter(Boolean).map(plain))];
  const more = told.length - MOST_NAMED;
  const text = told.slice(0, MOST_NAMED).join("; ") + (more > 0 ? `; and ${more} more` : "");
  return text && `${trace.name ? `${plain(trace.name)}: ` : ""}${text}.`;
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
