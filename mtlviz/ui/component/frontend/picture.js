// The current frame of all panels as one picture.

const GAP = 16;
const LINE = 1.5; // Line height, in units of the type size.

/** A PNG data address: panels side by side with their titles, numbers and verdicts. */
export function exportPanels(panels, caption, theme) {
  const ratio = panels[0].canvas.width / panels[0].side;
  const side = panels[0].side;
  const line = LINE * theme.size;
  const rows = Math.max(...panels.map((panel) => panel.lines.length)) + 2;
  const width = panels.length * (side + GAP) + GAP;
  const height = side + (rows + 2) * line + 2 * GAP;
  const canvas = Object.assign(document.createElement("canvas"), { width: width * ratio, height: height * ratio });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = theme.background;
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = "top";
  panels.forEach((panel, i) => drawPanel(pen, panel, GAP + i * (side + GAP), side, line, theme));
  pen.fillStyle = theme.text;
  pen.font = `${theme.size}px ${theme.font}`;
  pen.fillText(caption, GAP, height - GAP - line / 2);
  return canvas.toDataURL("image/png");
}

function drawPanel(pen, panel, left, side, line, theme) {
  pen.fillStyle = theme.text;
  pen.font = `600 ${theme.size}px ${theme.font}`;
  pen.fillText(panel.run.title, left, GAP, side);
  pen.drawImage(panel.canvas, left, GAP + line, side, side);
  pen.strokeStyle = theme.border;
  pen.strokeRect(left, GAP + line, side, side);
  pen.font = `${0.85 * theme.size}px ${theme.font}`;
  const texts = [...panel.lines.map(({ element }) => [...element.children].map((part) => part.textContent).join("  ")),
    panel.verdict.textContent];
  texts.forEach((text, i) => pen.fillText(text, left, GAP + side + (i + 1.3) * line, side));
}
