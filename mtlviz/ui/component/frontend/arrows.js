// The `arrows` component: gradients to drag with every method's update, or paths over a landscape.

import { ArrowBoard } from "./arrows_board.js";
import { PathBoard } from "./arrows_paths.js";
import { node, setText } from "./dom.js";
import { Edits } from "./edits.js";
import { mount } from "./mounting.js";
import { inLesson, roomBelow, watchRoom } from "./room.js";

const boards = new WeakMap();
const VIEWS = { arrows: ArrowBoard, paths: PathBoard };

export default function render(component) {
  const { parentElement, data } = component;
  const make = () => new Frame(parentElement, data.view);
  return mount(boards, component, make, (frame) => frame.view === data.view);
}

// What both views share: one drawing before the next frame, new sizes, and errors in words.
class Frame {
  constructor(parent, view) {
    this.view = view;
    this.message = node("p", { className: "message", hidden: true, attributes: { role: "alert" } });
    this.root = node("div", { className: "arrows", attributes: { role: "group" } }, [this.message]);
    parent.append(this.root);
    this.edits = new Edits({
      send: (edit) => this.trigger("edit", edit),
      take: (data) => this.guarded(() => this.take(data)),
      held: () => this.board.isHeld?.() ?? false,
    });
    this.board = new VIEWS[view]({ request: () => this.request(), edits: this.edits });
    this.root.append(this.board.element);
    this.resizer = new ResizeObserver(() => this.request());
    this.resizer.observe(this.root);
    this.unwatch = watchRoom(() => this.request());
  }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    this.message.hidden = true;
    this.board.element.hidden = false;
    if (data !== this.seen) this.edits.come(data);
    this.seen = data;
    this.request();
  }

  take(data) {
    this.root.setAttribute("aria-label", data.alt);
    this.board.take(data);
    this.data = data;
    this.root.dataset.taken = Number(this.root.dataset.taken ?? 0) + 1;
    this.request();
  }

  request() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.gone || !this.data) return;
      const start = performance.now();
      this.fitRoom();
      this.guarded(() => this.board.draw(this.root));
      this.root.dataset.frames = Number(this.root.dataset.frames ?? 0) + 1;
      this.root.dataset.slowest = Math.max(Number(this.root.dataset.slowest ?? 0), performance.now() - start);
    });
  }

  /** The arrows stay whole in the window. */
  fitRoom() {
    const room = roomBelow(this.root, this.view === "arrows");
    // Without numbers beside them the arrows have all of the room; a lesson's controls lie below.
    const alone = this.view === "arrows" && !this.data.numbers && !this.data.slow && !inLesson();
    this.root.toggleAttribute("data-alone", alone);
    if (room) this.root.style.setProperty("--side", `min(${alone ? 100 : 52}vh, max(10rem, ${Math.round(room)}px))`);
    else this.root.style.removeProperty("--side");
  }

  guarded(action) {
    try {
      action();
    } catch (error) {
      this.board.element.hidden = true;
      this.message.hidden = false;
      setText(this.message, `This picture cannot be drawn in this browser (${error.message}). Reload the page to try again.`);
      console.error(error);
    }
  }

  destroy() {
    this.gone = true;
    cancelAnimationFrame(this.frame);
    this.resizer.disconnect();
    this.unwatch();
    this.edits.destroy();
    this.board.destroy();
    this.root.remove();
  }
}
