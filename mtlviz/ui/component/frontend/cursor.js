// The shared step cursor. Films and charts of one group follow it inside the browser, without the
// server. It lives on the window because each component loads its own copy of this module.

const groups = (window.mtlvizCursors ??= new Map());

function group(name) {
  if (!groups.has(name)) {
    groups.set(name, { state: { step: null, playing: false, driver: null, steps: null }, followers: new Set() });
  }
  return groups.get(name);
}

/** The cursor of a group: `step` (recorded steps, may lie between two), `playing`, `driver`, `steps`. */
export function getCursor(name) {
  return group(name).state;
}

/** Change part of the cursor and tell every follower; an unchanged cursor is not announced. */
export function setCursor(name, change) {
  const entry = group(name);
  const same = Object.keys(change).every((key) => entry.state[key] === change[key]);
  if (same) return;
  entry.state = { ...entry.state, ...change };
  for (const follower of [...entry.followers]) follower(entry.state);
}

/** Call `follower(state)` on every change; returns the function that ends it. */
export function followCursor(name, follower) {
  const entry = group(name);
  entry.followers.add(follower);
  return () => entry.followers.delete(follower);
}

/** The recorded step nearest to a value, or the value itself when no steps are known. */
export function nearestStep(steps, value) {
  if (!steps?.length) return value;
  return steps.reduce((best, step) => (Math.abs(step - value) < Math.abs(best - value) ? step : best));
}
