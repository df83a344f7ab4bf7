// While a lesson is taken, a picture is as large as the window has room below the lesson's words.

const LESSON = ".st-key-lesson, .lesson";
const LEAST = 0.2; // Share of the window; what begins lower is scrolled to, and keeps its size.
const NARROW = 900; // Pixels of width below which a page is scrolled anyway.
const MARGIN = 6;

/** Pixels from an element's top to the window's foot, with nothing scrolled; null without a lesson. */
export function roomBelow(element) {
  if (innerWidth < NARROW || !document.querySelector(LESSON)) return null;
  const scrolled = document.querySelector(".stMain")?.scrollTop ?? scrollY;
  const room = innerHeight - element.getBoundingClientRect().top - scrolled - MARGIN;
  return room > LEAST * innerHeight ? room : null;
}

/** In a lesson call `action` whenever something takes more or less room; returns what ends that. */
export function watchRoom(action) {
  if (!document.querySelector(LESSON)) return () => null;
  const watcher = new ResizeObserver(action);
  watcher.observe(document.querySelector(".stMainBlockContainer") ?? document.body);
  return () => watcher.disconnect();
}
