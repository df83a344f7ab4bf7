// What a hand did and what came back: an answer older than the last deed never undoes it.

const PATIENCE = 20000; // Milliseconds after which an edit without an answer waits no longer.

export class Edits {
  /**
   * @param send gives an edit to Python. @param take shows new data. @param held says whether a hand holds what is not reported yet.
   * @param told is called with "asked" and the edit, "answered" or "unanswered".
   */
  constructor({ send, take, held, told = () => {} }) {
    Object.assign(this, { send, take, held, told, unsent: [], asked: null });
  }

  /** A hand let go of something. */
  report(edit) {
    this.unsent.push(edit);
    if (this.asked === null) this.sendNext();
  }

  /** One edit at a time: of two that arrive together the server keeps only the last. */
  sendNext() {
    clearTimeout(this.waiting);
    this.asked = Math.max(Date.now(), (this.last ?? 0) + 1);
    this.last = this.asked;
    const edit = this.unsent.shift();
    this.told("asked", edit);
    this.waiting = setTimeout(() => this.unanswered(), PATIENCE);
    this.send({ ...edit, number: this.asked });
  }

  /** New data: shown, unless it is older than an edit, or a hand is still at work. */
  come(data) {
    if (this.asked !== null && (data.answers ?? this.asked) !== this.asked) return;
    if (this.asked !== null && this.unsent.length) return void this.sendNext();
    this.settle("answered");
    this.later = this.held() ? data : null;
    if (!this.later) this.take(data);
  }

  /** A hand let go and changed nothing: what came meanwhile is shown. */
  free() {
    const data = this.later;
    if (!data || this.asked !== null || this.held()) return;
    this.later = null;
    this.take(data);
  }

  unanswered() {
    this.settle("unanswered");
    if (this.unsent.length) this.sendNext();
  }

  settle(how) {
    clearTimeout(this.waiting);
    this.asked = null;
    this.told(how);
  }

  destroy() {
    clearTimeout(this.waiting);
  }
}
