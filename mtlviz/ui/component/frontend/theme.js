// Colours and looks: Streamlit's theme variables, and the fixed hue, dash and marker of each task.

const HUES = ["#0072B2", "#C27C00", "#009E73", "#C26A9B", "#3A93C9"];
const DASHES = [[], [8, 5], [2, 4], [8, 4, 2, 4], [14, 5]];
const MARKERS = ["circle", "square", "diamond", "triangle", "cross"];

export const VERDICTS = { helps: "#0072B2", hurts: "#D55E00", undecided: "#767B84" };
export const CLASS_A = [33, 102, 172]; // Blue: the task says yes.
export const CLASS_B = [179, 88, 6]; // Orange: the task says no.

/** Hue, dash and marker of a task, the same everywhere; later tasks repeat hues with other dashes. */
export function taskLook(index) {
  const shifted = (index + Math.floor(index / HUES.length)) % HUES.length;
  return { color: HUES[index % HUES.length], dash: DASHES[shifted], marker: MARKERS[shifted] };
}

/** The page's colours and type right now, read at an element inside the component. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => {
    const value = style.getPropertyValue(`--st-${name}`).trim();
    return value && value !== "unset" ? value : fallback;
  };
  const background = read("background-color", "#FFFFFF");
  return {
    background,
    panel: read("secondary-background-color", "#F4F6F8"),
    text: read("text-color", "#1B1F24"),
    border: read("border-color", "rgba(128,128,128,0.4)"),
    primary: read("primary-color", "#0072B2"),
    font: read("font", "sans-serif"),
    dark: isDark(background),
    // The root's type grows in a lecture room; so does the type inside figures.
    size: 0.8 * parseFloat(getComputedStyle(document.documentElement).fontSize || "16"),
  };
}

function isDark(color) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = color;
  const parts = probe.fillStyle.startsWith("#")
    ? [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16))
    : probe.fillStyle.match(/[\d.]+/g).slice(0, 3).map(Number);
  return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] < 128;
}
