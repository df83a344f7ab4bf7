// Exact losses over the plane of the shared vector, and gradients in their own span. No drawing.

const FLUSH = 1e150; // A running product beyond this is turned into a logarithm.
const SAFE = 300; // Exponents below this multiply without overflow.

/**
 * A task's mean loss log(1 + exp(-s (a (B . x) + c))), s = 2 label - 1, on a grid of B.
 *
 * exp(-s a (Bx x + By y) - s c) separates into a factor of Bx and one of By, and the sum of
 * logarithms is the logarithm of a product; so a cell costs one multiplication and addition a point.
 *
 * @param task x, y and label of the N points.
 * @param a head weight.  @param c the logit's constant.
 * @param bx, by coordinates of the grid's columns and rows.
 * @returns losses, row by row of `by`.
 */
export function lossGrid(task, a, c, bx, by) {
  const sums = new Float64Array(bx.length * by.length);
  const products = new Float64Array(sums.length).fill(1);
  const reach = [Math.max(...bx.map(Math.abs)), Math.max(...by.map(Math.abs))];
  for (let i = 0; i < task.x.length; i += 1) {
    const sign = task.label[i] ? 1 : -1;
    const slope = [-sign * a * task.x[i], -sign * a * task.y[i]];
    const bound = Math.abs(slope[0]) * reach[0] + Math.abs(slope[1]) * reach[1] + Math.abs(c);
    if (bound < SAFE) multiply(products, sums, slope, -sign * c, bx, by);
    else addDirectly(sums, slope, -sign * c, bx, by);
  }
  return sums.map((sum, cell) => (sum + Math.log(products[cell])) / task.x.length);
}

function multiply(products, sums, slope, constant, bx, by) {
  const columns = bx.map((b) => Math.exp(slope[0] * b));
  for (let row = 0; row < by.length; row += 1) {
    const factor = Math.exp(slope[1] * by[row] + constant);
    for (let column = 0, cell = row * bx.length; column < bx.length; column += 1, cell += 1) {
      const product = products[cell] * (1 + columns[column] * factor);
      if (product > FLUSH) {
        sums[cell] += Math.log(product);
        products[cell] = 1;
      } else products[cell] = product;
    }
  }
}

function addDirectly(sums, slope, constant, bx, by) {
  for (let row = 0; row < by.length; row += 1) {
    for (let column = 0; column < bx.length; column += 1) {
      const t = slope[0] * bx[column] + slope[1] * by[row] + constant;
      sums[row * bx.length + column] += Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
    }
  }
}

/** The square of B that holds a whole run (F, 2), the origin and a margin: [low x, low y, width]. */
export function planeOf(path) {
  const range = [0, 1].map((axis) => {
    const along = [0];
    for (let i = axis; i < path.length; i += 2) along.push(path[i]);
    return [Math.min(...along), Math.max(...along)];
  });
  const width = 1.5 * Math.max(range[0][1] - range[0][0], range[1][1] - range[1][0], 0.5);
  const [x, y] = range.map(([low, high]) => (low + high) / 2 - width / 2);
  return [x, y, width];
}

/** Eigenvalues (falling) and eigenvectors of a small symmetric matrix, by Jacobi rotations. */
export function eigen(matrix) {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep += 1) {
    for (let p = 0; p < size - 1; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, v, p, q);
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i]);
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => v.map((row) => row[i])) };
}

function rotate(a, v, p, q) {
  if (Math.abs(a[p][q]) < 1e-300) return;
  const theta = 0.5 * Math.atan2(2 * a[p][q], a[p][p] - a[q][q]);
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  const turn = (rows) => rows.forEach((row) => {
    [row[p], row[q]] = [cos * row[p] + sin * row[q], cos * row[q] - sin * row[p]];
  });
  turn(a);
  for (let k = 0; k < a.length; k += 1) {
    [a[p][k], a[q][k]] = [cos * a[p][k] + sin * a[q][k], cos * a[q][k] - sin * a[p][k]];
  }
  turn(v);
}

/**
 * Gradients (m rows) and further vectors drawn in the plane that keeps most of the gradients.
 *
 * @returns gradients and others as [x, y], and `kept`: share of the gradients' squared norm kept.
 */
export function spanOf(gradients, others) {
  const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  const { values, vectors } = eigen(gradients.map((g) => gradients.map((h) => dot(g, h))));
  const total = values.reduce((sum, value) => sum + Math.max(value, 0), 0);
  const axes = [0, 1].map((i) => {
    if (!(values[i] > 1e-12 * total) || total === 0) return null;
    const scale = 1 / Math.sqrt(values[i]);
    return gradients[0].map((_, p) => scale * gradients.reduce((sum, g, k) => sum + vectors[i][k] * g[p], 0));
  });
  const drawn = (vector) => axes.map((axis) => (axis ? dot(vector, axis) : 0));
  const kept = total === 0 ? null : (Math.max(values[0], 0) + Math.max(values[1] ?? 0, 0)) / total;
  return { gradients: gradients.map(drawn), others: others.map(drawn), kept };
}
