// The `stepper` component: a film bar over a run's updates. It moves the group's cursor, and keeps
// the address telling which update is looked at; no script runs for it.

import { values } from "./arrays.js";
import { followCursor, getCursor, setCursor } from "./cursor.js";
import { grouped, node, setText } from "./dom.js";
import { Follower } from "./feed.js";
import { mount } from "./mounting.js";
import { Player, stepOf } from "./player.js";

const steppers = new WeakMap();
const REST = 150; // Milliseconds that a moving cursor rests before the address tells of it.
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
    this.feed = new Follower(() => this.refresh());
    // It needs nothing from there; but where all else is hidden the server still has to hear.
    this.pictures = new Follower(() => null);
    this.unfollow = followCursor(group, () => this.moved());
  }

  get here() {
    return Math.round(this.player.place);
  }

  update({ data }) {
    this.given = data;
    this.feed.follow(data.feed);
    this.pictures.follow(data.pictures);
    this.refresh();
    // What Python wrote into the address may be older than what the visitor did meanwhile.
    if (this.movedAt) this.rest(4 * REST);
  }

  /** Take the updates that Python gave, or those of the feed, which may be more. */
  refresh() {
    const before = this.data ? this.player.place : null;
    this.data = { ...this.given, ...this.feed.news?.bar };
    const { count, updates, positions, unit } = this.data;
    const steps = placed(count, values(updates), values(positions));
    Object.assign(this.player, { steps, unit });
    this.player.slider.max = count - 1;
    const place = this.wanted(before);
    this.placing = true;
    setCursor(this.group, { steps, step: stepOf(steps, place), follows: this.follows });
    this.placing = false;
    this.player.follow();
  }

  /** The update to stand at: Python's, unless the visitor has moved on; or whichever is newest. */
  wanted(before) {
    const isNew = this.heard !== this.given;
    this.heard = this.given;
    const busy = getCursor(this.group).playing || performance.now() - (this.movedAt ?? -PATIENCE) < PATIENCE;
    if (before === null || (isNew && !busy)) {
      this.follows = this.given.follows;
      if (!this.follows) return this.given.chosen;
    }
    return this.follows && !getCursor(this.group).playing ? this.data.count - 1 : before;
  }

  /** The visitor has moved; at the end of a run that goes on that means to go along with it. */
  moved() {
    if (this.placing || !this.data) return;
    const { playing } = getCursor(this.group);
    this.movedAt = performance.now();
    this.follows = this.data.goes_on && !playing && this.here >= this.data.count - 1;
    this.placing = true;
    setCursor(this.group, { follows: this.follows });
    this.placing = false;
    this.rest(REST);
  }

  rest(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.address(), pause);
  }

  /** Have the address tell where the cursor rests, as Python would write it. */
  address() {
    if (getCursor(this.group).playing || !this.root.isConnected) return;
    const address = new URL(location.href);
    if (this.follows) address.searchParams.delete(this.data.parameter);
    else address.searchParams.set(this.data.parameter, this.here);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  destroy() {
    clearTimeout(this.timer);
    this.feed.follow(null);
    this.pictures.follow(null);
    this.unfollow();
    this.player.destroy();
    this.root.remove();
  }
}
