"""Make `links.json` anew: links that were written once, and what each of them opens.

`python -m tests.golden.links` from the top of the checkout. Links that people have must go on
opening what they opened: those in the file stay in it, others are added, and what changes in the
file is looked at before it is kept.
"""

import json
from pathlib import Path
from typing import Any

from tests.golden.bad_links import BAD
from tests.golden.tree import changes
from tests.golden.written_links import good_links
from tests.ui.opened_settings import opened_settings

FILE = Path(__file__).with_name("links.json")


def main() -> None:
    """Write the links and what they open, less what is as it is without any link."""
    defaults = opened_settings("/", {})
    links = {name: _kept(page, query, defaults) for name, (page, query) in _links().items()}
    rows = ",\n".join(f"  {json.dumps(name)}: {_compact(link)}" for name, link in links.items())
    FILE.write_text(f'{{\n "defaults": {_compact(defaults)},\n "links": {{\n{rows}\n }}\n}}\n')


def _links() -> dict[str, tuple[str, dict[str, str]]]:
    """Page and parameters of every link: those in the file as they are, then new ones."""
    found = json.loads(FILE.read_text())["links"] if FILE.exists() else {}
    links = {name: (link["page"], link["query"]) for name, link in found.items()}
    written = {name: (page, dict(query)) for name, page, query in (*good_links(), *BAD)}
    return links | {name: link for name, link in written.items() if name not in links}


def _kept(page: str, query: dict[str, str], defaults: dict[str, Any]) -> dict[str, Any]:
    return {
        "page": page,
        "query": query,
        "opens": changes(defaults, opened_settings(page, query)),
    }


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
