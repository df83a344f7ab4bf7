// Points as marks: shape and hue tell the task, filled or hollow tells the class.

const TURN = 2 * Math.PI;

const OUTLINES = {
  circle: (pen, x, y, s) => pen.arc(x, y, s, 0, TURN),
  square: (pen, x, y, s) => pen.rect(x - 0.9 * s, y - 0.9 * s, 1.8 * s, 1.8 * s),
  diamond: (pen, x, y, s) => polygon(pen, [[x, y - 1.3 * s], [x + 1.1 * s, y], [x, y + 1.3 * s], [x - 1.1 * s, y]]),
  triangle: (pen, x, y, s) => polygon(pen, [[x, y - 1.25 * s], [x + 1.15 * s, y + 0.85 * s], [x - 1.15 * s, y + 0.85 * s]]),
  cross: (pen, x, y, s) => {
    const [a, b] = [0.4 * s, 1.2 * s];
    polygon(pen, [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]
      .map(([dx, dy]) => [x + dx, y + dy]));
  },
};

function polygon(pen, corners) {
  corners.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

/** One mark at pixel (x, y) of size s: filled for class 1, hollow for class 0. */
export function drawMark(pen, look, x, y, s, filled, theme) {
  pen.beginPath();
  OUTLINES[look.marker](pen, x, y, s);
  // A thin rim in the colour of the type keeps every hue apart from the shading.
  pen.strokeStyle = theme.dark ? "rgba(255,255,255,0.8)" : "rgba(20,24,30,0.7)";
  pen.lineWidth = filled ? 1.2 : 2.6;
  pen.stroke();
  pen.fillStyle = filled ? look.color : theme.background;
  pen.fill();
  if (filled) return;
  pen.strokeStyle = look.color;
  pen.lineWidth = 1.5;
  pen.stroke();
}

/** All points of a task, own points larger and ringed so that they are found again. */
export function drawPoints(pen, task, look, place, size, theme) {
  for (let i = 0; i < task.x.length; i += 1) {
    const [x, y] = place(task.x[i], task.y[i]);
    drawMark(pen, look, x, y, task.own[i] ? 1.5 * size : size, task.label[i] === 1, theme);
    if (!task.own[i]) continue;
    pen.beginPath();
    pen.arc(x, y, 2.6 * size, 0, TURN);
    pen.strokeStyle = theme.text;
    pen.lineWidth = 1;
    pen.stroke();
  }
}
