// News of a live run, and pictures of another update of any run, fetched by the browser itself:
// however many watch, no script runs for it.
// Feeds live on the window because each component loads its own copy of this module.

import { followCursor, getCursor } from "./cursor.js";
import { placeOf } from "./player.js";

const PAUSE = 2000; // Milliseconds from one look to the next.
const LEAST = 250; // Milliseconds between two questions of a cursor that moves on and on.
const SLOW = 400; // Milliseconds after which a component says that it waits.
const feeds = (window.mtlvizFeeds ??= new Map());

/** Follows one place for one component, and holds what it has that Python has not given yet. */
export class Follower {
  constructor(onNews, onGone = () => null, onWait = () => null) {
    Object.assign(this, { onNews, onGone, onWait, place: null, latest: null });
  }

  /** Follow the place that Python names now; none ends it. */
  follow(place) {
    const same = place?.address === this.place?.address;
    this.place = place;
    if (same) return;
    this.unfollow?.();
    this.latest = null;
    const join = place?.cursor ? joinPictures : followFeed;
    this.unfollow = place && join(place, this);
  }

  take(news) {
    if (!news) return void this.onGone();
    this.latest = news;
    if (this.news || this.place.cursor) this.onNews();
  }

  /** The latest news, unless Python has looked since, or gave the picture of this very update. */
  get news() {
    if (this.place?.cursor) return this.latest && this.latest.update !== this.place.update ? this.latest : null;
    return this.latest?.at > this.place?.at ? this.latest : null;
  }

  /** What the news have for this component, if anything. */
  get part() {
    return this.news?.parts?.[this.place.name];
  }
}

/** Ask for what belongs to the update at a cursor, together with all who follow it there. */
function joinPictures(place, follower) {
  if (!feeds.has(place.address)) feeds.set(place.address, new Pictures(place));
  const pictures = feeds.get(place.address);
  pictures.join(follower);
  return () => pictures.leave(follower);
}

class Pictures {
  constructor({ address, cursor, update }) {
    this.place = new URL(`../../../${address}`, import.meta.url);
    Object.assign(this, { address, cursor, told: update, newest: null, followers: new Set(), askedAt: -LEAST });
    this.unfollow = followCursor(cursor, () => this.moved());
  }

  join(follower) {
    this.followers.add(follower);
    // A part that was just unfolded shows what Python gave, which may be of another update.
    if (follower.place.update !== this.told) this.told = null;
    setTimeout(() => this.moved());
  }

  leave(follower) {
    this.followers.delete(follower);
    if (this.followers.size) return;
    this.unfollow();
    clearTimeout(this.timer);
    if (feeds.get(this.address) === this) feeds.delete(this.address);
  }

  get here() {
    const { steps, step } = getCursor(this.cursor);
    return steps?.length && step !== null ? Math.round(placeOf(steps, step)) : null;
  }

  /** Whether the cursor goes along with a run; unknown as long as nobody has moved it. */
  get follows() {
    return Boolean(getCursor(this.cursor).follows);
  }

  moved() {
    if (this.timer || this.busy || !this.followers.size || this.here === null) return;
    if (this.here === this.told && (this.newest ?? this.follows) === this.follows) return;
    this.timer = setTimeout(() => this.ask(), Math.max(0, this.askedAt + LEAST - performance.now()));
  }

  async ask() {
    Object.assign(this, { timer: null, busy: true, askedAt: performance.now() });
    const slow = setTimeout(() => this.all((each) => each.onWait(true)), SLOW);
    await this.answer(this.here, this.follows).catch(() => this.later());
    clearTimeout(slow);
    this.all((each) => each.onWait(false));
    this.busy = false;
    this.moved(); // It may have moved on meanwhile.
  }

  async answer(update, newest) {
    const names = [...this.followers].map((each) => each.place.name).filter(Boolean);
    const asked = { update, names: [...new Set(names)].sort().join(","), newest: Number(newest) };
    for (const [name, value] of Object.entries(asked)) this.place.searchParams.set(name, value);
    const answer = await fetch(this.place);
    const isGone = answer.status === 404; // The run was deleted: there is nothing more to ask for.
    if (answer.status !== 200 && !isGone) return this.later();
    const news = isGone ? null : await answer.json();
    Object.assign(this, { told: update, newest });
    this.all((each) => each.take(news));
  }

  /** A server that is away may come back. */
  later() {
    this.askedAt = performance.now() + PAUSE;
  }

  all(tell) {
    for (const follower of [...this.followers]) tell(follower);
  }
}

/**
 * Have a follower take news whenever there is something newer at the place, and null where there
 * is no such place any more; returns what ends it.
 */
function followFeed({ address, token }, follower) {
  const listener = (news) => follower.take(news);
  if (!feeds.has(address)) begin(address, token);
  const feed = feeds.get(address);
  feed.listeners.add(listener);
  if (feed.news) listener(feed.news);
  return () => {
    feed.listeners.delete(listener);
    if (feed.listeners.size) return;
    clearTimeout(feed.timer);
    feeds.delete(address);
  };
}

function begin(address, token) {
  // Relative to this module, so that it holds below any server.baseUrlPath.
  const place = new URL(`../../../${address}`, import.meta.url);
  const feed = { address, place, token, listeners: new Set(), news: null };
  feeds.set(address, feed);
  wait(feed);
}

function wait(feed) {
  feed.timer = setTimeout(() => look(feed), PAUSE);
}

async function look(feed) {
  await ask(feed).catch(() => null); // A server that is away may come back.
  if (feeds.get(feed.address) === feed) wait(feed);
}

async function ask(feed) {
  feed.place.searchParams.set("since", feed.token);
  const answer = await fetch(feed.place);
  if (answer.status === 404) return tell(feed, null); // The run was deleted.
  if (answer.status !== 200) return; // Nothing is newer, or something is wrong that may pass.
  feed.news = await answer.json();
  feed.token = feed.news.token;
  tell(feed, feed.news);
}

function tell(feed, news) {
  for (const listener of [...feed.listeners]) listener(news);
}
