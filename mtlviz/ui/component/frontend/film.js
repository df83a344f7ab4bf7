// The `film` component: panels of a run in lockstep with a film bar, or the landscape that follows it.

import { followCursor, getCursor } from "./cursor.js";
import { node, save, setText } from "./dom.js";
import { Edits } from "./edits.js";
import { Editor } from "./editor.js";
import { Estimator } from "./estimate.js";
import { unpackFilm } from "./model.js";
import { mount } from "./mounting.js";
import { Panel } from "./panel.js";
import { Plane } from "./plane.js";
import { Player, placeOf } from "./player.js";
import { exportPanels } from "./picture.js";
import { roomBelow, watchRoom } from "./room.js";
import { rearrange, sceneAt } from "./scene.js";
import { readTheme } from "./theme.js";

const films = new WeakMap();
const started = new Map(); // What each film has played by itself for; built anew, it does not again.
const SPEAK_AFTER = 400; // Milliseconds of rest before the numbers are spoken.
const BUDGET = 8; // Milliseconds of a frame after which an estimate begins no further repetition.
const [EXPECTED, MOST] = [5, 10]; // Lines of type that what stands beneath will take; and may take.
const SIGNS = { "▲": "helps", "▼": "hurts" };
// What the points of a scene follow; with it, and a step's size and number, the browser can train.
const DRAWN = { angle: 1, offset: 1, x: 1, y: 1, spread: 1, elongation: 1, rotation: 1, noise: 1, direction: 1 };

export default function render(component) {
  const { parentElement, data, key } = component;
  const make = () => new Film(parentElement, data, key);
  return mount(films, component, make, (film) => film.viewName === data.view);
}

class Film {
  constructor(parent, data, key) {
    this.key = key;
    this.viewName = data.view;
    this.group = data.cursor_group;
    this.content = node("div", { className: "content" });
    this.message = node("p", { className: "message", hidden: true, attributes: { role: "alert" } });
    this.spoken = node("p", { className: "spoken", attributes: { "aria-live": "polite" } });
    this.root = node("div", { className: "film", attributes: { role: "group" } }, [this.message, this.content, this.spoken]);
    parent.append(this.root);
    this.edits = new Edits({
      send: (edit) => this.trigger("edit", edit), take: (data) => this.guarded(() => this.take(data)),
      held: () => this.editor?.isHeld() ?? false, told: (how, edit) => this.told(how, edit),
    });
    this.guarded(() => this.build());
    this.unfollow = followCursor(this.group, () => this.request());
    this.resizer = new ResizeObserver(() => {
      this.fitted = false;
      this.request();
    });
    this.resizer.observe(this.root);
    // What is scrolled out of sight is not drawn until it comes back.
    this.watcher = new IntersectionObserver((seen) => {
      this.inSight = seen.at(-1).isIntersecting;
      this.request();
    });
    this.watcher.observe(this.root);
    this.unwatch = watchRoom(() => { this.fitted = false; this.request(); }, true);
  }

  build() {
    if (this.viewName === "landscape") {
      this.plane = new Plane();
      this.content.append(this.plane.element);
      return;
    }
    this.panels = [];
    this.grid = node("div", { className: "panels" });
    this.player = new Player(this.group, () => this.guarded(() => this.savePicture()));
    this.editor = new Editor({
      changed: (task) => this.changed(task), edits: this.edits,
      selected: (task) => this.selected(task), key: this.key,
    });
    this.content.append(this.editor.element, this.grid, this.player.element);
    this.content.onkeydown = (event) => this.player.key(event);
  }

  /** Take new data or a new theme; nodes, cursor and focus stay. */
  update(component) {
    const { data, setTriggerValue } = component;
    this.trigger = setTriggerValue;
    this.theme = null;
    this.guarded(() => {
      this.message.hidden = true;
      this.content.hidden = false;
      if (data !== this.seen) this.edits.come(data);
      this.seen = data;
      for (const panel of this.panels ?? []) panel.stale = true;
      this.plane?.refresh();
      this.fitted = false;
      this.request();
    });
  }

  take(data) {
    this.data = data;
    this.root.setAttribute("aria-label", data.alt);
    this.film = unpackFilm(data.payload);
    this.estimator = this.film.recipe && !this.plane ? new Estimator(this.film) : null;
    this.estimating = false;
    this.previewed = this.scenes = null;
    if (this.plane) return void this.plane.update(this.film, data.panel, data.alt);
    while (this.panels.length > this.film.panels.length) this.panels.pop().element.remove();
    while (this.panels.length < this.film.panels.length) {
      this.panels.push(new Panel(this.panels.length));
      this.grid.append(this.panels.at(-1).element);
    }
    for (const panel of this.panels) panel.update(this.film, data.alt);
    this.fit();
    this.request();
    this.editor.element.hidden = !data.editable;
    if (data.editable) this.editor.update(this.film, this.panels, data.task);
    else for (const panel of this.panels) panel.overlay.replaceChildren();
    this.root.dataset.taken = Number(this.root.dataset.taken ?? 0) + 1;
    this.player.element.hidden = !data.bar;
    const autoplay = data.autoplay && started.get(this.key) !== data.autoplay;
    started.set(this.key, data.autoplay);
    this.player.setSteps(this.film.steps, autoplay || data.at_start);
    if (!data.bar) this.player.goTo(0);
    if (autoplay) this.player.playFromStart();
  }

  changed(task) {
    for (const panel of this.panels) if (panel.run.tasks.includes(task)) panel.stale = true;
    this.estimator?.moved(task);
    this.estimating = Boolean(this.estimator);
    this.request();
  }

  /** Show what a cell of a map stands for, as if data had been dragged there; null: what was trained. */
  preview(cell) {
    this.previewed = cell;
    this.root.toggleAttribute("data-preview", Boolean(cell));
    this.scenes ??= this.film.tasks.map((task) => task.scene);
    const { rate, steps } = this.data.payload.recipe ?? {};
    const { learning_rate: itsRate = rate, steps: itsSteps = steps, ...axes } = cell?.axes ?? {};
    const longer = itsRate !== this.film.recipe?.rate || itsSteps !== this.film.recipe?.steps;
    if (this.film.recipe) this.film.recipe = { rate: itsRate, steps: itsSteps };
    this.film.tasks.forEach((task, k) => {
      const scene = this.scenes[k] && cell ? sceneAt(this.scenes[k], k, axes) : this.scenes[k];
      if (scene !== task.scene) rearrange(task, scene);
      else if (!longer) return;
      this.changed(k);
    });
    // Another capacity, or other points, the browser cannot train: the map's verdict says enough.
    this.estimating &&= Boolean(cell) && Object.keys(axes).every((axis) => axis.slice(3) in DRAWN);
    for (const panel of this.panels) panel.recall();
    const found = this.panels.find((panel) => panel.run.arm === cell?.arm);
    found?.say({ sign: SIGNS[cell.text[0]] ?? "undecided", text: `map: ${cell.text}` });
    if (this.data.editable) this.editor.preview(cell);
  }

  selected(task) {
    const known = task === this.data.task && this.edits.asked === null;
    if (this.data.task === null || known) this.edits.free();
    else this.edits.report({ kind: "select", task });
  }

  /** What training would give, roughly: the boundaries of the repetition shown, and the verdicts. */
  estimate() {
    const began = performance.now();
    this.estimator.pictures().forEach((found, i) => { if (found) this.panels[i].follow(found); });
    this.estimating = !this.estimator.work(began + BUDGET);
    for (const panel of this.panels) {
      if (panel.live && panel.run.arm !== this.previewed?.arm) panel.expect(this.estimator.gain(panel.index));
    }
    this.root.dataset.estimated = Math.round(performance.now() - began);
  }

  /** How far an edit has got, beside the tools. */
  told(how, edit) {
    if (!this.editor) return;
    const { badge } = this.editor;
    badge.hidden = how === "answered" || edit?.kind === "select";
    setText(badge, how === "unanswered" ? "no answer yet" : "training…");
  }

  /** Draw before the next frame, once, however many changes there were. */
  request() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.guarded(() => this.draw());
    });
  }

  draw() {
    if (!this.film || this.gone || !this.inSight) return;
    this.theme ??= readTheme(this.root);
    const { step, playing, preview = null } = getCursor(this.group);
    if (this.panels && preview !== this.previewed && this.edits.asked === null && !this.editor.isHeld()) this.preview(preview);
    const place = placeOf(this.film.steps, step);
    if (!this.fitted) this.fit();
    if (this.plane) return void this.plane.draw(place, this.theme, playing);
    if (this.estimating) this.estimate();
    const atEnd = Math.round(place) === this.film.steps.length - 1 && !playing;
    for (const panel of this.panels) {
      panel.draw(place, this.theme);
      panel.verdict.hidden = !(panel.run.verdict || panel.live);
      // Its place is kept, or the panels would change their size at the end.
      panel.verdict.style.visibility = this.data.verdict_at_end && !atEnd ? "hidden" : "";
    }
    if (this.estimating) this.request(); // Further repetitions, so that the verdict settles.
    this.root.dataset.frames = Number(this.root.dataset.frames ?? 0) + 1;
    clearTimeout(this.speaking);
    if (!playing) this.speaking = setTimeout(() => this.speak(Math.round(place)), SPEAK_AFTER);
  }

  /** Measure the places of the pictures; not on every frame, for measuring makes the browser lay out. */
  fit() {
    this.fitted = true;
    if (this.plane) return void this.plane.fit();
    this.fitRoom();
    const resized = this.panels.map((panel) => panel.fit()).some(Boolean);
    if (resized && this.data.editable) this.editor.place();
  }

  /** The panels share the room in the window with what else belongs to the film, and stands beneath it. */
  fitRoom() {
    const room = roomBelow(this.root, true);
    const side = this.panels[0]?.stage.offsetHeight;
    if (!side || this.editor.isHeld()) return; // Nothing moves under a hand that drags.
    const rows = new Set(this.panels.map((panel) => panel.element.offsetTop)).size;
    const rest = this.root.offsetHeight - rows * side + this.beneath();
    const fits = room ? `${Math.floor((room - rest) / rows)}px` : "";
    this.root.style.setProperty("--side", fits);
  }

  /** The height of what has to be in sight below the film; what is drawn later is expected. */
  beneath() {
    if (!this.data?.beneath) return 0;
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const found = document.querySelector(`.st-key-${this.data.beneath.replaceAll(".", "-")}`);
    if (!found) return EXPECTED * size;
    const reach = found.getBoundingClientRect().bottom - this.root.getBoundingClientRect().bottom;
    return Math.min(reach, MOST * size); // A fold between them may be open.
  }

  speak(frame) {
    const numbers = this.panels.map((panel) => panel.spoken(frame)).join(" ");
    setText(this.spoken, `Step ${this.film.steps[frame]}. ${numbers}`);
  }

  savePicture() {
    const frame = Math.round(this.player.place);
    const picture = exportPanels(this.panels, `step ${this.film.steps[frame]}`, readTheme(this.root));
    save(`film-step-${this.film.steps[frame]}.png`, picture, "image/png");
  }

  guarded(action) {
    try {
      action();
    } catch (error) {
      this.content.hidden = true;
      this.message.hidden = false;
      setText(this.message, `The film cannot be drawn in this browser (${error.message}). Reload the page to try again.`);
      console.error(error);
    }
  }

  destroy() {
    this.gone = true;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.speaking);
    this.edits.destroy();
    this.unfollow?.();
    this.resizer?.disconnect();
    this.watcher?.disconnect();
    this.unwatch?.();
    this.player?.destroy();
    this.editor?.destroy();
    this.root.remove();
  }
}
