// The `update_field` component: the update at the cursor as a field, and updates to choose from.

import { followCursor, getCursor, setCursor } from "./cursor.js";
import { grouped, node, setText } from "./dom.js";
import { Follower } from "./feed.js";
import { mount } from "./mounting.js";
import { placeOf } from "./player.js";

const fields = new WeakMap();
let count = 0;

export default function render(component) {
  const { parentElement, data } = component;
  return mount(fields, component, () => new UpdateField(parentElement, data.cursor_group));
}

class UpdateField {
  constructor(parent, group) {
    this.group = group;
    count += 1;
    this.name = node("span");
    this.help = node("p", { className: "help", id: `mv-update-help-${count}` });
    this.input = node("input", { type: "number", min: 0, step: 1, attributes: { "aria-describedby": this.help.id } });
    this.input.onchange = () => this.typed();
    this.choices = node("div", { className: "choices" });
    this.set = node("fieldset", {}, [node("legend", { textContent: "Strongest conflicts" }), this.choices]);
    this.root = node("div", { className: "update-field" }, [node("label", {}, [this.name, this.input]), this.set, this.help]);
    parent.append(this.root);
    this.feed = new Follower(() => this.refresh());
    this.unfollow = followCursor(group, () => this.follow());
  }

  update({ data }) {
    this.given = data;
    setText(this.name, data.label);
    this.feed.follow(data.feed);
    this.refresh();
  }

  refresh() {
    const choices = this.feed.part?.choices ?? this.given.choices;
    const known = JSON.stringify(choices);
    this.set.hidden = !choices.length;
    if (known !== this.known) {
      this.known = known;
      this.choices.replaceChildren(...choices.map(([update, label]) => this.choice(update, label)));
    }
    this.follow();
  }

  choice(update, label) {
    const button = node("button", { type: "button", textContent: label, onclick: () => this.go(update) });
    button.dataset.update = update;
    return button;
  }

  get here() {
    const { steps, step } = getCursor(this.group);
    return steps?.length && step !== null ? Math.round(placeOf(steps, step)) : null;
  }

  follow() {
    const { here } = this;
    if (here === null || !this.given) return;
    this.input.max = getCursor(this.group).steps.length - 1;
    setText(this.help, `From 0 to ${grouped(this.input.max)}. ${this.given.help}`);
    // Whoever is typing a number is not interrupted.
    if (this.root.getRootNode().activeElement !== this.input || this.at !== here) this.input.value = here;
    this.at = here;
    for (const button of this.choices.children) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.update) === here));
    }
  }

  typed() {
    const wanted = Math.round(Number(this.input.value));
    if (this.input.value === "" || !Number.isFinite(wanted)) this.input.value = this.here ?? "";
    else this.go(wanted);
  }

  go(update) {
    const { steps } = getCursor(this.group);
    if (!steps?.length) return;
    const inside = Math.min(Math.max(update, 0), steps.length - 1);
    setCursor(this.group, { step: steps[inside], playing: false });
    this.input.value = inside;
  }

  destroy() {
    this.feed.follow(null);
    this.unfollow();
    this.root.remove();
  }
}
