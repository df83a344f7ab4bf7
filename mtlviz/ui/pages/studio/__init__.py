"""Studio: choose what to train, start it, watch it; the run goes on without the page."""
