// The `stepper` component: a film bar over a run's updates. It moves the group's cursor, and tells
// Python which update is chosen.

import { values } from "./arrays.js";
import { followCursor, getCursor, setCursor } from "./cursor.js";
import { grouped, node, setText } from "./dom.js";
import { Follower } from "./feed.js";
import { mount } from "./mounting.js";
import { Player, placeOf, stepOf } from "./player.js";

const steppers = new WeakMap();
const REST = 120; // Milliseconds that a moving cursor rests before Python hears of it.
const PLAYING = 400; // Milliseconds between two reports while it plays.
const PATIENCE = 3000; // Milliseconds in which an older answer of Python is not taken for a wish.
const FOLLOWING = 4000; // Milliseconds between two reports of the newest update of a live run.

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
    this.feed = new Follower(() => this.refresh());
    this.unfollow = followCursor(group, (state) => this.moved(state.playing));
  }

  get here() {
    return Math.round(this.player.place);
  }

  update({ data, setTriggerValue }) {
    this.send = (step) => setTriggerValue("step", step);
    this.given = data;
    this.feed.follow(data.feed);
    this.refresh();
  }

  /** Take the updates that Python gave, or those of the feed, which may be more. */
  refresh() {
    const before = this.data ? this.player.place : null;
    const data = { ...this.given, ...this.feed.news?.bar };
    this.data = data;
    const steps = placed(data.count, values(data.updates), values(data.positions));
    Object.assign(this.player, { steps, unit: data.unit });
    this.player.slider.max = data.count - 1;
    const follows = before !== null && this.mayFollow;
    const place = follows ? data.count - 1 : this.wanted(before);
    this.placing = true;
    setCursor(this.group, { steps, step: stepOf(steps, place) });
    this.placing = false;
    this.player.follow();
    if (follows) this.reportNewest(place);
  }

  /** Whether Python shows the newest update of a live run, and the visitor has not moved away. */
  get mayFollow() {
    return this.data.follows && !this.timer && !this.waiting && !getCursor(this.group).playing;
  }

  /** Whether Python has yet to answer the visitor's last move. */
  get waiting() {
    return this.asked && performance.now() - this.asked.at < PATIENCE;
  }

  /** Python draws the newest update again, now and then, while somebody looks. */
  reportNewest(update) {
    const now = performance.now();
    this.told = Math.max(this.told, this.data.chosen);
    if (update <= this.told || document.hidden || now - (this.followed ?? 0) < FOLLOWING) return;
    this.followed = now;
    this.told = update;
    this.send({ update, playing: false, following: true, last: true });
  }

  /** The update to stand at: Python's, unless the visitor has moved on since Python last heard. */
  wanted(before) {
    const { chosen } = this.data;
    const answered = this.asked?.update === chosen;
    if (answered) this.asked = null;
    if (before !== null && (this.timer || this.waiting || getCursor(this.group).playing || chosen === this.told)) return before;
    this.told = chosen;
    return chosen;
  }

  moved(playing) {
    // Only a visitor's move is news to Python.
    if (this.placing || !this.data || (this.timer && playing)) return;
    clearTimeout(this.timer);
    // A single step is answered at once; of a drag Python hears where it began and where it ends.
    const now = performance.now();
    const resting = now - (this.movedAt ?? 0) > 2 * REST;
    this.movedAt = now;
    this.timer = setTimeout(() => this.report(), playing ? PLAYING : resting ? 0 : REST);
  }

  report() {
    this.timer = null;
    const update = this.here;
    const { playing } = getCursor(this.group);
    if (update === this.told && playing === this.toldPlaying) return;
    Object.assign(this, { told: update, toldPlaying: playing, asked: { update, at: performance.now() } });
    this.send({ update, playing, following: false, last: update >= this.data.count - 1 });
  }

  destroy() {
    clearTimeout(this.timer);
    this.feed.follow(null);
    this.unfollow();
    this.player.destroy();
    this.root.remove();
  }
}
