// Combiners with a closed form, for arrows that are being dragged. At rest the engine's numbers are
// shown instead; tests hold the two equal.

const OPPOSITE = 1e-13;
const MOST_TASKS = 5;

export const length = ([x, y]) => Math.hypot(x, y);
export const inner = (a, b) => a[0] * b[0] + a[1] * b[1];

/** The arrows' inner products, K rows. */
export function gramOf(arrows) {
  return arrows.map((a) => arrows.map((b) => inner(a, b)));
}

/** The tasks that each task visits when all follow one order, with or without itself. */
export function visitsOf(order, withSelf = false) {
  return order.map((_, task) => order.filter((other) => withSelf || other !== task));
}

/** Every visit of PCGrad: { task, other, inner, removed }. */
export function traceOf(gram, visits) {
  return visits.flatMap((others, task) => {
    const current = gram.map((_, k) => Number(k === task));
    return others.map((other) => {
      const product = current.reduce((sum, share, k) => sum + share * gram[k][other], 0);
      const removed = product < 0 ? product / gram[other][other] : 0;
      current[other] -= removed;
      return { task, other, inner: product, removed };
    });
  });
}

/** Weights of the projected gradients' sum. */
function projected(gram, visits) {
  const weights = gram.map(() => 1);
  for (const { other, removed } of traceOf(gram, visits)) weights[other] -= removed;
  return weights;
}

function permutations(items) {
  if (items.length < 2) return [items];
  return items.flatMap((first, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [first, ...rest]));
}

/** PCGrad averaged over all orders: each task's projections depend on its own order alone. */
function averaged(gram) {
  const weights = gram.map(() => 1);
  gram.forEach((_, task) => {
    const orders = permutations(gram.map((_, k) => k).filter((k) => k !== task));
    for (const order of orders) {
      const visits = gram.map((_, k) => (k === task ? order : []));
      for (const { other, removed } of traceOf(gram, visits)) weights[other] -= removed / orders.length;
    }
  });
  return weights;
}

const FOR_ANY = {
  sum: (gram) => gram.map(() => 1),
  mean: (gram) => gram.map(() => 1 / gram.length),
  pcgrad: (gram, order) => projected(gram, visitsOf(order)),
  pcgrad_libmtl: (gram, order) => projected(gram, visitsOf(order, true)),
  pcgrad_tseng: (gram, order) => projected(gram, visitsOf(order, true)).map((weight) => weight / gram.length),
  pcgrad_tensorflow: (gram) => projected(gram, visitsOf(gram.map((_, k) => k), true)),
  pcgrad_all_orders: (gram) => (gram.length <= MOST_TASKS ? averaged(gram) : null),
};

// Two gradients that are neither zero nor parallel: squared lengths, lengths, inner and cross product.
const FOR_TWO = {
  upgrad: (pair) => pair.squared.map((squared) => 0.5 - Math.min(pair.inner, 0) / squared / 2),
  dualproj: (pair) => pair.squared.map((squared) => 0.5 - Math.min((squared + pair.inner) / squared, 0) / 2),
  mgda: ({ squared: [first, second], inner: product }) => {
    const share = Math.min(Math.max((second - product) / (first - 2 * product + second), 0), 1);
    return [share, 1 - share];
  },
  imtl_g: ({ lengths: [first, second] }) => [second / (first + second), first / (first + second)],
  nash: ({ lengths, inner: product, cross }) => {
    const both = lengths[0] * lengths[1];
    const cosine = product / both;
    const opening = cosine > 0 ? 1 + cosine : (cross / both) ** 2 / Math.max(1 - cosine, 1);
    return lengths.map((own) => (opening > OPPOSITE ? 1 / (own * Math.sqrt(opening)) : 0));
  },
  cagrad,
  aligned: ({ squared: [first, second], inner: product, cross }) => {
    const [volume, trace] = [Math.abs(cross), first + second];
    const largest = (trace + Math.sqrt((first - second) ** 2 + 4 * product ** 2)) / 2;
    const scale = Math.sqrt(largest * (trace + 2 * volume));
    return [second, first].map((other) => (other + volume - product) / scale);
  },
};

/** CAGrad with c = 0.5, divided by 1 + c² as the engine does. */
function cagrad({ squared, lengths, inner: product, cross }) {
  const [c, [first, second]] = [0.5, squared];
  const radius = (c / 2) * Math.sqrt(Math.max(first + 2 * product + second, 0));
  const apart = first - 2 * product + second;
  const unequal = (first - second) / 2;
  const along = lengths.map((own) => radius / own);
  const lead = [along[0] * (first - product) + unequal, along[1] * (second - product) - unequal];
  const alone = [lead[0] <= 0, lead[0] > 0 && lead[1] <= 0];
  const rescaled = (weights) => weights.map((weight) => weight / (1 + c ** 2));
  if (alone[0] || alone[1]) return rescaled(along.map((move, k) => 0.5 + (alone[k] ? move : 0)));
  const across = Math.sqrt(Math.max(radius ** 2 - unequal ** 2 / apart, 0));
  const grown = 1 + (across * Math.sqrt(apart)) / Math.abs(cross);
  return rescaled([second, first].map((other) => ((other - product) / apart) * grown));
}

/** A method's weights on these arrows, or null where it has no closed form here. */
export function weightsOf(name, arrows, order) {
  if (FOR_ANY[name]) return FOR_ANY[name](gramOf(arrows), order);
  if (!FOR_TWO[name] || arrows.length !== 2) return null;
  const [a, b] = arrows;
  const cross = a[0] * b[1] - a[1] * b[0];
  if (cross === 0) return null;
  return FOR_TWO[name]({ squared: [inner(a, a), inner(b, b)], lengths: arrows.map(length), inner: inner(a, b), cross });
}

/** Whether a method follows the arrows while they are dragged. */
export function isLive(name, tasks) {
  return Boolean(FOR_ANY[name] || (FOR_TWO[name] && tasks === 2));
}

/** Weighted sum of the arrows. */
export function combined(arrows, weights) {
  return [0, 1].map((axis) => arrows.reduce((sum, arrow, k) => sum + weights[k] * arrow[axis], 0));
}

/** Length of the update, √(wᵀGw). */
export function updateLength(gram, weights) {
  const squared = gram.reduce((sum, row, i) => sum + weights[i] * row.reduce((s, g, j) => s + g * weights[j], 0), 0);
  return Math.sqrt(Math.max(squared, 0));
}

/** Each task's loss change that a step of this size promises: −η G w. */
export function changesOf(gram, weights, step) {
  return gram.map((row) => -step * row.reduce((sum, g, j) => sum + g * weights[j], 0));
}

/** The same direction, as long as the plain sum; a zero update stays zero. */
export function matched(gram, weights) {
  const own = updateLength(gram, weights);
  const factor = own > 0 ? updateLength(gram, gram.map(() => 1)) / own : 0;
  return weights.map((weight) => weight * factor);
}

/** Borders, in radians, of the directions in which every task gains; null where there are none. */
export function coneOf(arrows) {
  const present = arrows.filter((arrow) => length(arrow) > 0);
  if (!present.length) return [-Math.PI, Math.PI];
  const angles = present.map(([x, y]) => Math.atan2(y, x));
  const turn = 2 * Math.PI;
  const turned = angles.map((angle) => ((((angle - angles[0] + Math.PI) % turn) + turn) % turn) - Math.PI);
  const [low, high] = [Math.max(...turned) - Math.PI / 2, Math.min(...turned) + Math.PI / 2];
  return low > high ? null : [angles[0] + low, angles[0] + high];
}
