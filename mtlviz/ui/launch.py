"""Open the app: find the launcher script and hand over to Streamlit's server."""

import sys
from collections.abc import Sequence
from pathlib import Path

from mtlviz.errors import MtlvizError

_PACKAGE = Path(__file__).resolve().parents[1]


def launcher_script() -> Path:
    """The launcher: inside the package in an installed wheel, beside it in a checkout.

    Raises:
        MtlvizError: If neither is there, so the installation is broken.
    """
    candidates = (_PACKAGE / "app.py", _PACKAGE.parent / "app.py")
    for script in candidates:
        if script.is_file():
            return script
    raise MtlvizError(
        f"The launcher app.py was not found in {_PACKAGE} or its parent folder; "
        "install mtlviz again."
    )


def open_app(arguments: Sequence[str] = ()) -> None:
    """Start the server and open the browser; further arguments are Streamlit's own flags."""
    from streamlit.web import cli

    # Settings come from .streamlit/config.toml beside the launcher. A person at a terminal
    # wants the browser opened, and no question about an e-mail address first.
    flags = ["--server.headless=false", "--server.showEmailPrompt=false"]
    sys.argv = ["streamlit", "run", str(launcher_script()), *flags, *arguments]
    cli.main()
