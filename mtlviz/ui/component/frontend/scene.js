// A task's scene: where its points lie and which class they have, as mtlviz/toy draws them, and the
// handles that change it. Angles are degrees; at 0 the boundary is horizontal, upper side class 1.

const RANGES = {
  angle: [-180, 180], offset: [-4, 4], x: [-4, 4], y: [-4, 4],
  spread: [0.1, 2], elongation: [1, 20], rotation: [-180, 180],
};
const REACH = 2; // Handles of the cloud sit at this many standard deviations.
const ARM = 3.2; // The boundary's turning handle is this far along the boundary.

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (y, x) => (Math.atan2(y, x) * 180) / Math.PI;
const clamp = (value, [low, high]) => Math.min(Math.max(value, low), high);
const DIGITS = { angle: 0, rotation: 0, elongation: 1 }; // Of what a hand can set; all else has two.
const round = (value, digits = 2) => Number(value.toFixed(digits));

/** Unit vectors along the boundary and towards its class 1. */
export function boundaryAxes(scene) {
  const along = [Math.cos(radians(scene.angle)), Math.sin(radians(scene.angle))];
  return { along, normal: [-along[1], along[0]] };
}

/** Unit vectors and standard deviations along and across the cloud. */
export function cloudAxes(scene) {
  const along = [Math.cos(radians(scene.rotation)), Math.sin(radians(scene.rotation))];
  const stretch = Math.sqrt(scene.elongation);
  return { along, across: [-along[1], along[0]], long: scene.spread * stretch, short: scene.spread / stretch };
}

/** The cloud's points and labels (x, y, label) from standard normal draws z and uniform draws flip. */
export function pointsOf(scene, z, flip) {
  const { along, across, long, short } = cloudAxes(scene);
  const { normal } = boundaryAxes(scene);
  const count = flip.length;
  const points = { x: new Float32Array(count), y: new Float32Array(count), label: new Uint8Array(count) };
  for (let i = 0; i < count; i += 1) {
    const u = long * z[2 * i];
    const v = short * z[2 * i + 1];
    points.x[i] = scene.x + u * along[0] + v * across[0];
    points.y[i] = scene.y + u * along[1] + v * across[1];
    const above = points.x[i] * normal[0] + points.y[i] * normal[1] > scene.offset;
    points.label[i] = above !== flip[i] < scene.noise ? 1 : 0;
  }
  return points;
}

/** Move a task's drawn points to another scene; own points stay. */
export function rearrange(task, scene) {
  task.scene = scene;
  if (!task.z) return;
  const { x, y, label } = pointsOf(scene, task.z, task.flip);
  for (let i = 0; i < task.x.length; i += 1) {
    if (task.own[i]) continue;
    [task.x[i], task.y[i], task.label[i]] = [x[i], y[i], label[i]];
  }
}

/** A task's scene at a map's axes, such as `t3.angle` and `t3.direction`; the same where none is its own. */
export function sceneAt(scene, task, axes) {
  const own = Object.entries(axes).filter(([axis]) => axis.startsWith(`t${task + 1}.`));
  return own.reduce((found, [axis, value]) => ({ ...found, ...change(found, axis.split(".")[1], value) }), scene);
}

/** What an axis changes; where a cloud lies around the origin changes its place, as in toy/axes.py. */
function change(scene, name, value) {
  if (name !== "direction") return { [name]: value };
  const radius = Math.hypot(scene.x, scene.y) || 2;
  return { x: radius * Math.cos(radians(value)), y: radius * Math.sin(radians(value)) };
}

/** The handles of a scene: what each is called, where it lies, and the scene after moving it. */
export const HANDLES = {
  centre: {
    title: "cloud centre",
    at: (scene) => [scene.x, scene.y],
    moved: (scene, x, y) => ({ ...scene, x, y }),
  },
  axis: {
    title: "cloud direction and length",
    at: (scene) => {
      const { along, long } = cloudAxes(scene);
      return [scene.x + REACH * long * along[0], scene.y + REACH * long * along[1]];
    },
    // The short side stays, so that pulling the long side stretches the cloud.
    moved: (scene, x, y) => {
      const [dx, dy] = [x - scene.x, y - scene.y];
      const { short } = cloudAxes(scene);
      const elongation = round(clamp(Math.hypot(dx, dy) / REACH / short, RANGES.elongation), DIGITS.elongation);
      return { ...scene, rotation: degrees(dy, dx), elongation, spread: short * Math.sqrt(elongation) };
    },
  },
  spread: {
    title: "cloud size",
    at: (scene) => {
      const { across, short } = cloudAxes(scene);
      return [scene.x + REACH * short * across[0], scene.y + REACH * short * across[1]];
    },
    moved: (scene, x, y) => ({
      ...scene, spread: (Math.hypot(x - scene.x, y - scene.y) / REACH) * Math.sqrt(scene.elongation),
    }),
  },
  boundary: {
    title: "true boundary",
    at: (scene) => {
      // At the line's other end from `turn`: a cloud's centre often lies on the line's foot.
      const { along, normal } = boundaryAxes(scene);
      return [0, 1].map((i) => scene.offset * normal[i] - ARM * along[i]);
    },
    moved: (scene, x, y) => {
      const { normal } = boundaryAxes(scene);
      return { ...scene, offset: x * normal[0] + y * normal[1] };
    },
  },
  turn: {
    title: "true boundary's direction",
    at: (scene) => {
      const { along, normal } = boundaryAxes(scene);
      return [0, 1].map((i) => scene.offset * normal[i] + ARM * along[i]);
    },
    // The foot point turns with the boundary; the handle keeps its distance to the origin.
    moved: (scene, x, y) => ({ ...scene, angle: degrees(y, x) - degrees(scene.offset, ARM) }),
  },
};

/** The scene after a move: what has changed lies inside its range and is rounded, all else is as it was. */
export function tidied(scene, before) {
  const tidy = { ...scene };
  for (const [name, range] of Object.entries(RANGES)) {
    if (scene[name] === before[name]) continue;
    const turned = name === "angle" || name === "rotation" ? ((((scene[name] + 180) % 360) + 360) % 360) - 180 : scene[name];
    tidy[name] = round(clamp(turned, range), DIGITS[name]);
  }
  return tidy;
}
