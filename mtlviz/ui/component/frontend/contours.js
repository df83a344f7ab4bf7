// Lines where something has a value: exact for a linear rule, marching squares on a grid.

/** The piece of wx x + wy y + c = 0 inside the square of half width `extent`, or none. */
export function clippedLine([wx, wy, c], extent) {
  const norm = Math.hypot(wx, wy);
  if (norm < 1e-9) return [];
  const foot = [(-c * wx) / norm ** 2, (-c * wy) / norm ** 2];
  const along = [-wy / norm, wx / norm];
  let [start, end] = [-Infinity, Infinity];
  for (const i of [0, 1]) {
    if (Math.abs(along[i]) < 1e-12) {
      if (Math.abs(foot[i]) > extent) return [];
      continue;
    }
    const sides = [(-extent - foot[i]) / along[i], (extent - foot[i]) / along[i]].sort((a, b) => a - b);
    start = Math.max(start, sides[0]);
    end = Math.min(end, sides[1]);
  }
  if (start >= end) return [];
  return [[start, end].flatMap((t) => [foot[0] + t * along[0], foot[1] + t * along[1]])];
}

// For each of the 16 corner patterns, the pairs of edges to join (0 bottom, 1 right, 2 top, 3 left).
const JOINS = [
  [], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[0, 2]], [[0, 1], [2, 3]], [[1, 2]], [[3, 1]], [[0, 1]], [[3, 0]], [],
];

/** Segments [x0, y0, x1, y1] in grid units where a (rows x columns) grid crosses `level`. */
export function contourSegments(grid, columns, rows, level) {
  const segments = [];
  for (let row = 0; row < rows - 1; row += 1) {
    for (let column = 0; column < columns - 1; column += 1) {
      const at = row * columns + column;
      // Most cells are not crossed, so nothing is allocated before that is known.
      const pattern = (grid[at] > level ? 1 : 0) + (grid[at + 1] > level ? 2 : 0)
        + (grid[at + columns + 1] > level ? 4 : 0) + (grid[at + columns] > level ? 8 : 0);
      if (pattern === 0 || pattern === 15) continue;
      const corners = [grid[at], grid[at + 1], grid[at + columns + 1], grid[at + columns]];
      for (const [from, to] of JOINS[pattern]) {
        segments.push([...crossing(corners, from, column, row, level), ...crossing(corners, to, column, row, level)]);
      }
    }
  }
  return segments;
}

/** The segments joined into lines, each a list of [x, y], so that dashes run along them. */
export function chained(segments) {
  const name = (x, y) => `${x.toFixed(6)} ${y.toFixed(6)}`;
  const left = new Set(segments);
  const ends = new Map();
  for (const segment of segments) {
    for (const end of [name(segment[0], segment[1]), name(segment[2], segment[3])]) {
      ends.set(end, [...(ends.get(end) ?? []), segment]);
    }
  }
  const next = ([x, y]) => ends.get(name(x, y))?.find((segment) => left.has(segment));
  const grow = (line) => {
    for (let segment = next(line.at(-1)); segment; segment = next(line.at(-1))) {
      left.delete(segment);
      const forward = name(segment[0], segment[1]) === name(...line.at(-1));
      line.push(forward ? segment.slice(2) : segment.slice(0, 2));
    }
    return line;
  };
  const lines = [];
  for (const segment of segments) {
    if (!left.delete(segment)) continue;
    // From the segment onwards, then from its other end the other way.
    lines.push(grow(grow([segment.slice(0, 2), segment.slice(2)]).reverse()));
  }
  return lines;
}

function crossing(corners, edge, column, row, level) {
  const [first, second] = [corners[edge], corners[(edge + 1) % 4]];
  const share = (level - first) / (second - first);
  if (edge === 0) return [column + share, row];
  if (edge === 1) return [column + 1, row + share];
  if (edge === 2) return [column + 1 - share, row + 1];
  return [column, row + 1 - share];
}
