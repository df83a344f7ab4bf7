// Loads plotly.js once per page, from the file that the installed plotly package ships.

const MISSING =
  "The chart library could not be loaded, so this chart cannot be drawn. " +
  "Start the app with `mtlviz` or `streamlit run app.py`, which serve it, and reload the page.";

/** A promise of plotly.js, shared by all charts of the page; a failed load may be tried again. */
export function loadPlotly(version) {
  window.mtlvizPlotly ??= inject(version).catch((error) => {
    window.mtlvizPlotly = undefined;
    throw error;
  });
  return window.mtlvizPlotly;
}

function inject(version) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  // Relative to this module, so that it holds below any server.baseUrlPath.
  const address = new URL(`../../../mtlviz/plotly.min.js?v=${version}`, import.meta.url);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address.href;
    script.onerror = () => reject(new Error(MISSING));
    // A server without the route may answer with its page, which loads but defines nothing.
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error(MISSING)));
    document.head.append(script);
  });
}
