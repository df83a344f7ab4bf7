"""One short script per page: fetch, call, show."""
