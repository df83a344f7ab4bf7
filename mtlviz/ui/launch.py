"""Open the app: find the launcher script, hand over to Streamlit's server, open the browser."""

import argparse
import os
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from mtlviz.access import ALLOWED, DATA_FOLDER, visitors_access
from mtlviz.errors import ConfigError, MtlvizError, brief

_PACKAGE = Path(__file__).resolve().parents[1]
FIRST_PORT = 8501
_PORTS_TRIED = 50
_PATIENCE = 60  # Seconds to wait for the server before giving up on the browser.
HOSTS = "MTLVIZ_HOSTS"
"""Further names under which the app is reached, separated by commas; `--host` adds to them."""
_EPILOG = """\
Every flag of Streamlit's server can be given as well (`streamlit run --help`), such as
--server.address=0.0.0.0 for a network, --server.port=9000 or --server.baseUrlPath=mtl; for a class
there is `mtlviz class`.
"""


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
        arguments: Our own flags (see `mtlviz app --help`) and Streamlit's.

    Raises:
        MtlvizError: If the installation is broken, no port is free, or a flag or folder is none.
    """
    own, flags = _parser().parse_known_args(arguments)
    for flag in flags:
        # Streamlit's own all have the form --section.name.
        if flag.startswith("-") and "." not in flag:
            raise ConfigError(f"There is no flag {brief(flag)}; see mtlviz app --help.")
    _pass_on(own)
    port = _value_of("server.port", flags)
    if port is None:
        port = str(free_port())
        flags = [f"--server.port={port}", *flags]
    from streamlit.web import cli

    if not own.no_browser and has_a_screen():
        base = (_value_of("server.baseUrlPath", flags) or "").strip("/")
        address = f"http://localhost:{port}" + (f"/{base}" if base else "")
        threading.Thread(target=_open_browser, args=(address,), daemon=True).start()
    # Other settings come from .streamlit/config.toml beside the launcher. The server itself runs
    # "headless": told to open the browser, Streamlit would also advertise itself on our pages.
    sys.argv = ["streamlit", "run", str(launcher_script()), *flags]
    cli.main()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mtlviz app",
        usage="mtlviz [app] [--allow FOLDER] [--host NAME] [--no-browser] [server flags]",
        description="Open the app in the browser.",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="FOLDER",
        help="let pages and links read data sets and checkpoints in this folder as well; they read "
        f"the folder that {DATA_FOLDER} names, and own tasks; may be repeated (or {ALLOWED})",
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer under this name as well, such as that of a proxy before the app; may be "
        f"repeated (or {HOSTS})",
    )
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    return parser


def _pass_on(own: argparse.Namespace) -> None:
    """Leave our own flags where the server reads them: in the environment.

    Raises:
        ConfigError: If one of the folders is none.
    """
    for name, given, between in ((ALLOWED, own.allow, os.pathsep), (HOSTS, own.host, ",")):
        both = [*filter(None, [os.environ.get(name)]), *given]
        if both:
            os.environ[name] = between.join(both)
    visitors_access(os.environ.get(ALLOWED, ""))


def _value_of(name: str, flags: Sequence[str]) -> str | None:
    """The value of a flag of the server, written `--server.port=8501` or `--server.port 8501`."""
    for position, flag in enumerate(flags):
        given, _, value = flag.partition("=")
        if given == f"--{name}":
            return value or "".join(flags[position + 1 : position + 2])
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


def has_a_screen() -> bool:
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
