// Drawing arrows: tasks by hue, dash and marker; updates by dash, marker and a label at the tip.

const TURN = 2 * Math.PI;
const DASHES = {
  solid: [], dash: [9, 5], dot: [2, 4], dashdot: [9, 4, 2, 4], longdash: [16, 5], longdashdot: [16, 4, 2, 4],
};

/** A cleared pen whose unit is a CSS pixel. */
export function prepared(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

export function dashOf(dash) {
  return Array.isArray(dash) ? dash : DASHES[dash];
}

/** An arrow between two pixels. */
export function drawArrow(pen, [x, y], [ex, ey], { color, dash = [], width = 2.5, alpha = 1 }) {
  const long = Math.hypot(ex - x, ey - y);
  if (long < 1) return;
  const [ux, uy] = [(ex - x) / long, (ey - y) / long];
  const head = Math.min(5 + 2.2 * width, long);
  Object.assign(pen, { strokeStyle: color, fillStyle: color, lineWidth: width, globalAlpha: alpha });
  pen.setLineDash(dashOf(dash));
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(ex - ux * head * 0.8, ey - uy * head * 0.8);
  pen.stroke();
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(ex, ey);
  pen.lineTo(ex - ux * head - uy * head * 0.45, ey - uy * head + ux * head * 0.45);
  pen.lineTo(ex - ux * head + uy * head * 0.45, ey - uy * head - ux * head * 0.45);
  pen.closePath();
  pen.fill();
  pen.globalAlpha = 1;
}

/** A small mark around a tip, so that updates differ in shape too. */
export function drawTip(pen, marker, [x, y], size, color, theme) {
  pen.beginPath();
  if (marker === "circle") pen.arc(x, y, size, 0, TURN);
  else {
    const shape = SHAPES[marker] ?? SHAPES.square;
    shape.forEach(([dx, dy], i) => (i ? pen.lineTo(x + dx * size, y + dy * size) : pen.moveTo(x + dx * size, y + dy * size)));
    pen.closePath();
  }
  Object.assign(pen, { fillStyle: theme.background, strokeStyle: color, lineWidth: 2 });
  pen.fill();
  pen.stroke();
}

const star = (points, inside) => Array.from({ length: 2 * points }, (_, i) => {
  const [r, angle] = [i % 2 ? inside : 1.3, (i * Math.PI) / points - Math.PI / 2];
  return [r * Math.cos(angle), r * Math.sin(angle)];
});
const SHAPES = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  diamond: [[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]],
  "triangle-up": [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]],
  "triangle-down": [[0, 1.2], [1.1, -0.8], [-1.1, -0.8]],
  cross: [[-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]],
  star: star(5, 0.55),
  hexagon: star(6, 1.15),
};

const LINE = 1.4; // Of the type's size: labels nearer than that touch one another.

/** Labels beside their tips, moved apart where they would cover each other. */
export function drawLabels(pen, labels, side, theme) {
  const size = Math.max(12, 1.0 * theme.size);
  pen.font = `600 ${size}px ${theme.font}`;
  pen.textBaseline = "middle";
  const boxes = [];
  for (const { text, at, from, color } of labels) {
    const width = pen.measureText(text).width;
    const long = Math.hypot(at[0] - from[0], at[1] - from[1]) || 1;
    const [ux, uy] = [(at[0] - from[0]) / long, (at[1] - from[1]) / long];
    let x = at[0] + ux * 14 - (ux < -0.3 ? width : ux < 0.3 ? width / 2 : 0);
    let y = at[1] + uy * 18;
    x = Math.min(Math.max(x, 4), side - width - 4);
    const free = (place) => place >= size && place <= side - size
      && boxes.every((box) => x >= box.x + box.width + 4 || box.x >= x + width + 4 || Math.abs(place - box.y) >= LINE * size);
    y = Math.min(Math.max(y, size), side - size);
    // Away from the middle first, and to the other side where that is full.
    const out = uy > 0 ? 1 : -1;
    y = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8, -8].map((half) => y + (half * out * LINE * size) / 2).find(free) ?? y;
    boxes.push({ x, y, width });
    Object.assign(pen, { lineWidth: 4, strokeStyle: theme.background, fillStyle: color, lineJoin: "round" });
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }
}

/** A task's number on a disc, as a handle shows it. */
export function drawNumber(pen, text, [x, y], color, ink, theme) {
  pen.beginPath();
  pen.arc(x, y, 13, 0, TURN);
  Object.assign(pen, { fillStyle: color, strokeStyle: theme.text, lineWidth: 1 });
  pen.fill();
  pen.stroke();
  Object.assign(pen, { fillStyle: ink, font: `700 13px ${theme.font}`, textAlign: "center", textBaseline: "middle" });
  pen.fillText(text, x, y);
}

/** Where each method's entry of a legend goes: { method, x, row }, rows as wide as `width`. */
export function legendEntries(pen, methods, width, size) {
  let [x, row] = [0, 0];
  return methods.map((method) => {
    const wide = pen.measureText(method.title).width + 5 * size;
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    const entry = { method, x, row };
    x += wide;
    return entry;
  });
}

/** A method's line, mark and name. */
export function drawEntry(pen, { color, dash, marker, title }, [x, y], size, theme) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + 3 * size, y);
  Object.assign(pen, { strokeStyle: color, lineWidth: 2.5 });
  pen.setLineDash(dashOf(dash));
  pen.stroke();
  pen.setLineDash([]);
  drawTip(pen, marker, [x + 3 * size, y], 4.5, color, theme);
  Object.assign(pen, { fillStyle: theme.text, textBaseline: "middle" });
  pen.fillText(title, x + 3.8 * size, y);
}

/** A wedge from the middle to beyond the picture's edge. */
export function drawWedge(pen, [x, y], [low, high], radius, theme) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.arc(x, y, radius, -high, -low);
  pen.closePath();
  Object.assign(pen, { fillStyle: theme.primary, globalAlpha: theme.dark ? 0.22 : 0.12 });
  pen.fill();
  pen.globalAlpha = 1;
}
