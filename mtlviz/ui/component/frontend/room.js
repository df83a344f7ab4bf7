// While a lesson is taken, a picture is as large as the window has room below the lesson's words; the
// picture that a page is about always is.

const LESSON = ".st-key-lesson, .lesson";
const LEAST = 0.2; // Share of the window; what begins lower is scrolled to, and keeps its size.
const NARROW = 900; // Pixels of width below which a page is scrolled anyway.
const MARGIN = 6;

/** Whether a lesson is taken on this page, in the app or taken home. */
export const inLesson = () => document.querySelector(LESSON) !== null;

/** Pixels from an element's top to the window's foot, with nothing scrolled; null where it need not fit. */
export function roomBelow(element, fit = false) {
  if (innerWidth < NARROW || !(fit || inLesson())) return null;
  const scrolled = scroller(element)?.scrollTop ?? scrollY;
  const room = innerHeight - element.getBoundingClientRect().top - scrolled - MARGIN;
  return room > LEAST * innerHeight ? room : null;
}

/** What of the page scrolls with an element: its middle or its side bar. */
function scroller(element) {
  if (!element) return null;
  if (element.matches(".stMain, [data-testid=stSidebarContent]")) return element;
  return scroller(element.parentElement ?? element.getRootNode().host);
}

/** Where something has to fit call `action` whenever there is more or less room; returns what ends that. */
export function watchRoom(action, fit = false) {
  if (!(fit || inLesson())) return () => null;
  const watcher = new ResizeObserver(action);
  watcher.observe(document.querySelector(".stMainBlockContainer") ?? document.body);
  addEventListener("resize", action); // Another height alone leaves the page's block as it is.
  return () => {
    watcher.disconnect();
    removeEventListener("resize", action);
  };
}
