// The film bar: play, rewind, step, scrub, speed, loop. It moves the group's cursor and nothing else.

import { followCursor, getCursor, setCursor } from "./cursor.js";
import { grouped, node, setText } from "./dom.js";

const FULL_LENGTH = 4; // Seconds that a whole film takes at normal speed.
const KEY_FRAMES = 5; // Shown instead of motion, where less of it is asked for.
const FEW_FRAMES = 16; // Of so few none is left out, such as the stages of one update.
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const ICONS = {
  start: "M3 3h2v10H3zM13 3v10L6 8z", rewind: "M8 3v10L2 8zM14 3v10L8 8z", back: "M11 3v10L4 8z",
  play: "M4 2v12l9-6z", pause: "M4 3h3v10H4zM9 3h3v10H9z", forward: "M5 3v10l7-5z",
};
let count = 0;

/** The place of a step between kept frames, counted from 0; steps outside are clamped. */
export function placeOf(steps, step) {
  const last = steps.length - 1;
  if (step === null || !(step > steps[0])) return 0;
  if (step >= steps[last]) return last;
  const after = steps.findIndex((kept) => kept > step);
  return after - 1 + (step - steps[after - 1]) / (steps[after] - steps[after - 1]);
}

/** The step at a place between kept frames. */
export function stepOf(steps, place) {
  const low = Math.min(Math.max(Math.floor(place), 0), steps.length - 1);
  const high = Math.min(low + 1, steps.length - 1);
  return steps[low] + (place - low) * (steps[high] - steps[low]);
}

export class Player {
  constructor(group, onExport) {
    count += 1;
    Object.assign(this, { group, id: `film-${count}`, direction: 1, frame: 0, steps: [0] });
    this.element = this.bar(onExport);
    this.unfollow = followCursor(group, () => this.follow());
  }

  bar(onExport) {
    const icon = (name, title, action) => {
      const button = node("button", { type: "button", title, onclick: action, attributes: { "aria-label": title } });
      button.append(picture(name));
      return button;
    };
    this.playButton = icon("play", "Play", () => this.toggle());
    this.slider = node("input", {
      type: "range", min: 0, max: 0, step: 1, value: 0, oninput: () => this.goTo(Number(this.slider.value)),
      attributes: { "aria-label": "Training step" },
    });
    this.number = node("output", { className: "step" });
    this.speed = node("select", {
      title: "Speed. Between recorded steps the picture is blended; numbers are of recorded steps.",
      attributes: { "aria-label": "Speed" },
    }, SPEEDS.map((speed) => node("option", { value: speed, textContent: `${speed}×`, selected: speed === 1 })));
    this.loop = node("button", { type: "button", textContent: "Loop", attributes: { "aria-pressed": "false" } });
    this.loop.onclick = () => this.loop.setAttribute("aria-pressed", String(this.loop.ariaPressed !== "true"));
    const saving = "Save this frame as PNG picture";
    const save = node("button", { type: "button", textContent: "PNG", title: saving, onclick: onExport, attributes: { "aria-label": saving } });
    return node("div", { className: "bar", attributes: { role: "group", "aria-label": "Film" } }, [
      icon("start", "To the start", () => this.goTo(0)),
      icon("rewind", "Rewind", () => this.play(-1)),
      icon("back", "One step back", () => this.stepBy(-1)),
      this.playButton,
      icon("forward", "One step forward", () => this.stepBy(1)),
      this.slider, this.number, this.speed, this.loop, save,
    ]);
  }

  /** Take the steps of a film; the cursor stays where it is unless the steps differ. */
  setSteps(steps, atStart) {
    const known = getCursor(this.group);
    const same = known.steps?.length === steps.length && known.steps.every((step, i) => step === steps[i]);
    this.steps = steps;
    this.slider.max = steps.length - 1;
    const place = same ? placeOf(steps, known.step) : atStart ? 0 : steps.length - 1;
    setCursor(this.group, { steps: same ? known.steps : steps, step: stepOf(steps, place) });
    this.follow();
  }

  get place() {
    return placeOf(this.steps, getCursor(this.group).step);
  }

  get playing() {
    return getCursor(this.group).playing;
  }

  goTo(place) {
    const inside = Math.min(Math.max(Math.round(place), 0), this.steps.length - 1);
    setCursor(this.group, { step: this.steps[inside], playing: false });
  }

  stepBy(move) {
    this.goTo((move > 0 ? Math.floor(this.place) : Math.ceil(this.place)) + move);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play(1);
  }

  pause() {
    this.goTo(this.place);
  }

  playFromStart() {
    this.goTo(0);
    this.play(1);
  }

  play(direction) {
    const end = direction > 0 ? this.steps.length - 1 : 0;
    // Playing from the end starts over.
    if (this.place === end) this.goTo(this.steps.length - 1 - end);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    Object.assign(this, { direction, time: null, at: this.place });
    setCursor(this.group, { playing: true, driver: this.id });
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((time) => this.tick(time));
  }

  tick(time) {
    const { playing, driver } = getCursor(this.group);
    if (!playing || driver !== this.id) return;
    const elapsed = this.time === null ? 0 : (time - this.time) / 1000;
    this.time = time;
    const last = this.steps.length - 1;
    const place = (this.calm ? this.at : this.place) + this.direction * elapsed * Number(this.speed.value) * (last / FULL_LENGTH);
    this.at = place;
    if (place >= 0 && place <= last) setCursor(this.group, { step: stepOf(this.steps, this.shownPlace(place, last)) });
    else if (this.loop.ariaPressed === "true") this.restart(place < 0 ? last : 0);
    else return void this.goTo(place);
    this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  restart(place) {
    this.at = place;
    setCursor(this.group, { step: this.steps[place] });
  }

  /** With less motion asked for, one of a few frames, each shown for a while: all, if there are but few. */
  shownPlace(place, last) {
    const parts = last < FEW_FRAMES ? last : KEY_FRAMES - 1;
    return this.calm ? (Math.round((place / last) * parts) * last) / parts : place;
  }

  follow() {
    const nearest = Math.round(this.place);
    const step = grouped(this.steps[nearest]);
    if (Number(this.slider.value) !== nearest) this.slider.value = nearest;
    this.slider.setAttribute("aria-valuetext", `step ${step}`);
    setText(this.number, `step ${step}`);
    const name = this.playing ? "Pause" : "Play";
    if (this.playButton.title === name) return;
    this.playButton.title = name;
    this.playButton.setAttribute("aria-label", name);
    this.playButton.replaceChildren(picture(name.toLowerCase()));
  }

  /** Keys of the bar and the panels: space, arrows, Home and End. */
  key(event) {
    const onControl = event.target.closest?.("button, select, input");
    const actions = { Home: () => this.goTo(0), End: () => this.goTo(this.steps.length - 1) };
    if (event.target.tagName !== "SELECT" && event.target.type !== "range") {
      Object.assign(actions, { ArrowLeft: () => this.stepBy(-1), ArrowRight: () => this.stepBy(1) });
    }
    // On a button or list the space key keeps its own meaning.
    if (!onControl || event.target.type === "range") actions[" "] = () => this.toggle();
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    if (getCursor(this.group).driver === this.id) setCursor(this.group, { playing: false, driver: null });
    this.unfollow();
  }
}

function picture(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}
