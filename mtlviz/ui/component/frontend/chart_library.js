// The `chart_library` component: fetches plotly.js while a page without charts is being read.

import { loadPlotly } from "./library.js";

export default function render({ data }) {
  const soon = window.requestIdleCallback ?? ((action) => setTimeout(action, 200));
  soon(() => loadPlotly(data.version).catch(() => {})); // The chart that misses it will say so.
}
