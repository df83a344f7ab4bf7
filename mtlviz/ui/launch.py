"""Open the app: find the launcher script, hand over to Streamlit's server, open the browser."""

import os
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from mtlviz.errors import MtlvizError

_PACKAGE = Path(__file__).resolve().parents[1]
FIRST_PORT = 8501
_PORTS_TRIED = 50
_PATIENCE = 60  # Seconds to wait for the server before giving up on the browser.
NO_BROWSER = "--no-browser"


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
    """Start the server and open the browser.

    Args:
        arguments: Streamlit's own flags, and `--no-browser` to open none.

    Raises:
        MtlvizError: If the installation is broken or no port is free.
    """
    from streamlit.web import cli

    flags = [flag for flag in arguments if flag != NO_BROWSER]
    port = _given_port(flags)
    if port is None:
        port = free_port()
        flags = [f"--server.port={port}", *flags]
    if NO_BROWSER not in arguments and _has_a_screen():
        address = f"http://localhost:{port}"
        threading.Thread(target=_open_browser, args=(address,), daemon=True).start()
    # Other settings come from .streamlit/config.toml beside the launcher. The server itself runs
    # "headless": told to open the browser, Streamlit would also advertise itself on our pages.
    sys.argv = ["streamlit", "run", str(launcher_script()), *flags]
    cli.main()


def _given_port(flags: Sequence[str]) -> int | None:
    """The port among the flags, written `--server.port=8501` or `--server.port 8501`."""
    for flag, following in zip(flags, [*flags[1:], ""], strict=True):
        name, _, value = flag.partition("=")
        if name == "--server.port" and (value or following).isdigit():
            return int(value or following)
    return None


def free_port() -> int:
    """The first free port from 8501 on.

    Raises:
        MtlvizError: If fifty in a row are taken.
    """
    for port in range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise MtlvizError(
        f"No port from {FIRST_PORT} to {FIRST_PORT + _PORTS_TRIED - 1} is free; "
        "give one with --server.port."
    )


def _has_a_screen() -> bool:
    """Whether opening a browser makes sense; on a bare Linux it would start a text browser."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _open_browser(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                break
        except OSError:
            time.sleep(0.2)
    else:
        return
    webbrowser.open(address)
