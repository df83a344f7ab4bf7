// A lesson taken home: step by step, every answer covered until it was guessed.

import { node } from "./dom.js";
import { paragraph, rich } from "./live_text.js";

const GONE = "\0gone"; // As in lesson_home.py: what the stage before had and this one has not.
const SILENT = { setTriggerValue() {}, setStateValue() {} };

/** Play a lesson: its words in one element, the pictures of the step in another. */
export class Lesson {
  /** `draw` has the render function of each component by name. */
  constructor(steps, draw, words, pictures) {
    Object.assign(this, { steps, draw, words, pictures, places: new Map() });
    this.answers = steps.map(() => ({ guess: null, saw: null, done: false, skipped: false }));
    words.className = "lesson";
    words.tabIndex = -1;
    words.setAttribute("role", "group");
    window.addEventListener("hashchange", () => this.open());
    this.open();
  }

  /** Take the step that the address names. */
  open() {
    const asked = Number(location.hash.slice(1));
    this.number = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, this.steps.length) : 1;
    this.show();
  }

  /** Asked, guessed, done, or told. */
  get stage() {
    const { guess, saw, done, skipped } = this.answer;
    if (skipped) return "told";
    if (this.step.question && guess === null) return "asked";
    if (this.step.missing) return "told"; // There is nothing to do and nothing to see.
    if (this.step.do && !done) return "guessed";
    return !this.step.question || saw !== null ? "told" : "done";
  }

  get step() { return this.steps[this.number - 1]; }

  get answer() { return this.answers[this.number - 1]; }

  change(what) {
    Object.assign(this.answer, what);
    this.show();
    // The button that was pressed is gone: the next press of Tab finds what came in its place.
    this.words.focus({ preventScroll: true });
  }

  show() {
    this.words.replaceChildren(this.head(), ...this.told());
    this.words.setAttribute("aria-label", `Step ${this.number} of ${this.steps.length}: ${this.step.title}`);
    this.shown();
  }

  head() {
    const go = (number) => { location.hash = `#${number}`; this.words.focus({ preventScroll: true }); };
    const way = (label, number, on) => button(label, () => go(number), on ? "on" : "", number < 1 || number > this.steps.length);
    return node("div", { className: "row" }, [
      line(`Step ${this.number} of ${this.steps.length}: **${this.step.title}**`),
      way("Back", this.number - 1, false), way("Next", this.number + 1, this.stage === "told"),
    ]);
  }

  told() {
    const { step, stage, answer } = this;
    const found = stage === "told" ? [] : [line(step.text)];
    if (stage === "asked") return [...found, line(`**${step.question}**`), this.options("guess")];
    if (answer.guess !== null && stage !== "told") found.push(line(`You expect: ${step.options[answer.guess].text}.`));
    if (stage === "guessed") {
      found.push(node("div", { className: "row" }, [
        line(`**Now** (in the app): ${step.do}`), button("Show me", () => this.change({ done: true }), "on"),
      ]));
    }
    if (stage === "done") found.push(line("Look at the picture. **What did you see?**"), this.options("saw"));
    return stage === "told" ? [...found, ...this.answered()] : found;
  }

  options(kind) {
    const buttons = this.step.options.map(({ text }, place) => button(text, () => this.change({ [kind]: place })));
    if (kind === "guess") buttons.push(button("Just show it", () => this.change({ skipped: true, done: true }), "quiet"));
    return node("div", { className: "row" }, buttons);
  }

  answered() {
    const { step, answer } = this;
    const found = [];
    if (step.question && answer.skipped) found.push(line(step.question), line(`**${step.options[step.right].text}.** ${step.options[step.right].why}`));
    else if (step.question) {
      const [guess, saw, right] = [answer.guess, answer.saw, step.right].map((place) => step.options[place]);
      const seen = saw ? `, and saw: ${saw.text}` : "";
      const what = guess === right && (!saw || saw === right) ? "" : ` What happened: **${right.text}.**`;
      found.push(line(`**${guess === right ? "Right." : "Not so."}** You expected: ${guess.text}${seen}.${what} ${guess.why}`));
    }
    found.push(line(`**${step.reveal}**`), ...[step.explanation, ...step.said].filter(Boolean).map(line));
    if (step.source) found.push(paragraph(step.source, { className: "source" }));
    const again = button("Guess anew", () => this.change({ guess: null, saw: null, done: false, skipped: false }), "quiet");
    found.push(node("div", { className: "row" }, step.question ? [again] : []));
    return found;
  }

  /** The pictures of this step at this stage; what stays keeps its node, and with it its cursor. */
  shown() {
    const { pieces, missing } = this.step;
    const wanted = new Map(Object.entries(pieces[this.stage] ?? {}).map(([name, piece]) => [`${this.number} ${name}`, piece]));
    for (const [key, { place, end }] of this.places) {
      if (wanted.has(key)) continue;
      place.remove();
      end?.();
      this.places.delete(key);
    }
    for (const [key, { component, data }] of wanted) {
      if (!this.places.has(key)) this.places.set(key, { place: node("div", { className: `piece ${component}-piece` }) });
      const kept = this.places.get(key);
      this.pictures.append(kept.place);
      kept.end = this.draw[component]({ parentElement: kept.place, data, key, ...SILENT });
    }
    this.missing?.remove();
    this.missing = missing ? line(missing) : null;
    if (this.missing) this.pictures.append(this.missing);
  }
}

/** Pieces by stage, of which each names only what is another than at the stage before it. */
export function unfold(stages) {
  const found = {};
  let before = {};
  for (const [stage, pieces] of Object.entries(stages)) {
    const merged = Object.entries(pieces).map(([name, piece]) => [name, merge(before[name], piece)]);
    before = found[stage] = Object.fromEntries(merged);
  }
  return found;
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function merge(before, changes) {
  if (!isObject(before) || !isObject(changes)) return changes;
  const merged = Object.entries(changes).map(([name, value]) => [name, merge(before[name], value)]);
  const kept = Object.entries({ ...before, ...Object.fromEntries(merged) });
  return Object.fromEntries(kept.filter(([, value]) => value !== GONE));
}

function line(text) {
  return paragraph(text);
}

function button(text, action, className = "", disabled = false) {
  return node("button", { type: "button", onclick: action, className, disabled }, rich(text));
}
