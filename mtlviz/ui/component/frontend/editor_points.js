// A task's own points, as the browser edits them and as Python knows them. No drawing.

const POINT_ARRAYS = ["x", "y", "label", "own", "flip"];

export const hundredths = (value) => Math.round(value * 100) / 100;

/** A place kept inside the picture. */
export const within = (extent, place) => place.map((value) => Math.min(Math.max(value, -extent), extent));

/** Positions of a task's own points among all its points. */
export const ownIndices = (task) => [...task.own].flatMap((own, i) => (own ? [i] : []));

/** An edit of an own point: its number in the payload and the place it had there. */
export function ownEdit(kind, film, task, at) {
  return { kind, task, point: at, was: film.tasks[task].places[at] };
}

/** Append a new own point. */
export function append(task, x, y, label) {
  const added = { x, y, label, own: 1, flip: 1 };
  task.places.push([x, y]);
  for (const name of POINT_ARRAYS.filter((each) => task[each])) {
    const longer = new task[name].constructor(task[name].length + 1);
    longer.set(task[name]);
    longer[task[name].length] = added[name];
    task[name] = longer;
  }
}

/** Take a point away. */
export function remove(task, at) {
  for (const name of POINT_ARRAYS) task[name] = task[name]?.filter((_, i) => i !== at) ?? null;
  task.places = task.places.filter((_, i) => i !== at);
}
