// The `stepper` component: a film bar over a run's updates. It moves the group's cursor, and tells
// Python which update is chosen.

import { values } from "./arrays.js";
import { followCursor, getCursor, setCursor } from "./cursor.js";
import { grouped, node, setText } from "./dom.js";
import { mount } from "./mounting.js";
import { Player, placeOf, stepOf } from "./player.js";

const steppers = new WeakMap();
const REST = 120; // Milliseconds that the cursor rests before Python hears of it.
const PLAYING = 400; // Milliseconds between two reports while it plays.
const PATIENCE = 3000; // Milliseconds in which an older answer of Python is not taken for a wish.

export default function render(component) {
  const { parentElement, data } = component;
  return mount(steppers, component, () => new Stepper(parentElement, data.cursor_group));
}

/** Where each of `count` updates lies, between the known ones in proportion. */
export function placed(count, updates, positions) {
  if (!updates.length) return Array.from({ length: count }, (_, update) => update);
  let after = 0;
  return Array.from({ length: count }, (_, update) => {
    while (after < updates.length - 1 && updates[after] < update) after += 1;
    const before = Math.max(after - 1, 0);
    const gap = updates[after] - updates[before];
    const share = gap ? Math.min(Math.max((update - updates[before]) / gap, 0), 1) : 0;
    return positions[before] + share * (positions[after] - positions[before]);
  });
}

class RunPlayer extends Player {
  constructor(group) {
    super(group, () => {});
    this.element.lastElementChild.remove(); // The charts save pictures themselves.
    this.element.setAttribute("aria-label", "Updates of the run");
    this.slider.setAttribute("aria-label", "Update");
    this.unit = "";
  }

  follow() {
    super.follow();
    const update = Math.round(this.place);
    const position = this.unit ? ` · ${this.steps[update].toFixed(1)} ${this.unit}` : "";
    setText(this.number, `update ${grouped(update)}${position}`);
    this.slider.setAttribute("aria-valuetext", this.number.textContent);
  }
}

class Stepper {
  constructor(parent, group) {
    this.group = group;
    this.player = new RunPlayer(group);
    this.root = node("div", { className: "film" }, [this.player.element]);
    this.root.onkeydown = (event) => this.player.key(event);
    parent.append(this.root);
    this.told = null;
    this.toldPlaying = false;
    this.unfollow = followCursor(group, (state) => this.moved(state.playing));
  }

  get here() {
    return Math.round(this.player.place);
  }

  update({ data, setTriggerValue }) {
    this.send = (update, playing) => setTriggerValue("step", { update, playing });
    const before = this.data ? this.player.place : null;
    this.data = data;
    const steps = placed(data.count, values(data.updates), values(data.positions));
    Object.assign(this.player, { steps, unit: data.unit });
    this.player.slider.max = data.count - 1;
    const place = this.wanted(before);
    this.placing = true;
    setCursor(this.group, { steps, step: stepOf(steps, place) });
    this.placing = false;
    this.player.follow();
  }

  /** The update to stand at: Python's, unless the visitor has moved on since Python last heard. */
  wanted(before) {
    const { chosen } = this.data;
    const answered = this.asked?.update === chosen;
    if (answered) this.asked = null;
    const waiting = this.asked && performance.now() - this.asked.at < PATIENCE;
    if (before !== null && (this.timer || waiting || getCursor(this.group).playing || chosen === this.told)) return before;
    this.told = chosen;
    return chosen;
  }

  moved(playing) {
    // Only a visitor's move is news to Python.
    if (this.placing || !this.data || (this.timer && playing)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), playing ? PLAYING : REST);
  }

  report() {
    this.timer = null;
    const update = this.here;
    const { playing } = getCursor(this.group);
    if (update === this.told && playing === this.toldPlaying) return;
    Object.assign(this, { told: update, toldPlaying: playing, asked: { update, at: performance.now() } });
    this.send(update, playing);
  }

  destroy() {
    clearTimeout(this.timer);
    this.unfollow();
    this.player.destroy();
    this.root.remove();
  }
}
