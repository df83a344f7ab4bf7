// News of a live run, fetched by the browser itself: however many watch, no script runs for it.
// They live on the window because each component loads its own copy of this module.

const PAUSE = 2000; // Milliseconds from one look to the next.
const feeds = (window.mtlvizFeeds ??= new Map());

/** Follows one place for one component, and holds what it has that Python has not given yet. */
export class Follower {
  constructor(onNews, onGone = () => null) {
    Object.assign(this, { onNews, onGone, place: null, latest: null });
  }

  /** Follow the place that Python names now; none ends it. */
  follow(place) {
    const same = place?.address === this.place?.address;
    this.place = place;
    if (same) return;
    this.unfollow?.();
    this.latest = null;
    this.unfollow = place && followFeed(place, (news) => this.take(news));
  }

  take(news) {
    if (!news) return void this.onGone();
    this.latest = news;
    if (this.news) this.onNews();
  }

  /** The latest news, unless Python has looked since. */
  get news() {
    return this.latest?.at > this.place?.at ? this.latest : null;
  }
}

/**
 * Call `listener(news)` whenever there is something newer at the place, and `listener(null)` where
 * there is no such place any more; returns what ends it.
 */
function followFeed({ address, token }, listener) {
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
