"""`mtlviz class`: serve the labs and lessons to a class on the local network, and lead it."""

import json
import os
import socket
import sys
from collections.abc import Sequence

from mtlviz.access import home_place
from mtlviz.classroom.room import FILE, Room
from mtlviz.cli.parser import Parser
from mtlviz.runs.visitor_limits import LIMITS
from mtlviz.ui.core.class_mode import CLASS

# An address that is documented to be nobody's: nothing is sent there (RFC 5737).
_NOBODY = ("192.0.2.1", 9)
_STUDENTS = {"waiting_runs": 0, "studies": 0, "maps": 1, "uploads": 1}
_SAID = """\
Students open   {join}
and type        {code}
{qr}
You lead from   {teach}
  (keep this link: whoever has it leads the class)

Everybody on this network can open the labs and lessons now. Nobody there can see, start or
stop runs, send files, or read files other than data sets in {folders}.
Some networks keep phones apart from laptops; then count hands on your page.
Stop with Ctrl+C. Votes stay; --new begins with a new code and without them.

"""


def run(arguments: Sequence[str]) -> int:
    """Serve a class; see `mtlviz class --help`."""
    flags, rest = _parser().parse_known_args(list(arguments))
    from mtlviz.ui.launch import free_port, open_app

    home = home_place()
    if flags.new:
        for file in home.glob(f"{FILE}*"):
            file.unlink()
    room, port = Room(home), flags.port or free_port()
    base = f"http://{flags.address or own_address()}:{port}"
    os.environ[CLASS] = f"{base}/class"
    given = json.loads(os.environ.get(LIMITS) or "{}")
    os.environ[LIMITS] = json.dumps({**_STUDENTS, **given})
    sys.stdout.write(
        _SAID.format(
            join=f"{base}/class", code=room.code, qr=_terminal(f"{base}/class"),
            teach=f"{base}/class/teach#{room.key}", folders=_folders(),
        )
    )  # fmt: skip
    sys.stdout.flush()
    room.close()
    open_app(["--no-browser", "--server.address=0.0.0.0", f"--server.port={port}", *rest])
    return 0


def own_address() -> str:
    """This machine's address on the network it would use; its loopback address without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOBODY)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _terminal(address: str) -> str:
    """The address as a picture of characters, where somebody looks at it."""
    if not sys.stdout.isatty():
        return ""
    import io

    import segno

    drawn = io.StringIO()
    segno.make(address).terminal(drawn, compact=True)
    return drawn.getvalue()


def _folders() -> str:
    from mtlviz.access import ALLOWED, visitors_access

    return ", ".join(visitors_access(os.environ.get(ALLOWED, "")).folders)


def _parser() -> Parser:
    parser = Parser(
        prog="mtlviz class",
        description="Serve the labs and lessons to a class on this network; without this command "
        "the app answers on this machine only. Flags of `mtlviz app` may follow.",
    )
    parser.add_argument("--port", type=int, help="port (default: the first free one from 8501)")
    parser.add_argument(
        "--address", help="address or name that students type (default: this machine's own)"
    )
    parser.add_argument("--new", action="store_true", help="new code, new link, no votes")
    return parser
