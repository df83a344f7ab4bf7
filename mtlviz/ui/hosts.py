"""Under which names the app answers: those it was started for, so that no page can pose as it.

A page of a stranger can let its own name mean this machine (DNS rebinding); the browser then takes
our answers for that page's own. Its name still stands in the request's Host, and the page it came
from in its Origin.

Reference:
    Jackson et al., Protecting browsers from DNS rebinding attacks, CCS 2007, section 5.2.
"""

import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mtlviz.ui.launch import HOSTS

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED = (
    "This app does not answer under this name, or to pages of other servers. Start it with "
    "--host NAME to let it answer under a name."
)


@dataclass(frozen=True)
class Hosts:
    """The names and addresses that requests may be addressed to.

    Attributes:
        names: Host names and addresses, in lower case; `*.school.example` for all below a name.
        added: Those that the owner named, such as that of a proxy.
        any_address: Whether every address (no name) will do: the server listens on all of this
            machine's, and a page cannot be given an address for its name.
        origins: Further origins, such as `https://school.example`, whose pages may ask.
    """

    names: frozenset[str] = _LOOPBACK
    added: frozenset[str] = frozenset()
    any_address: bool = False
    origins: frozenset[str] = frozenset()

    def answers_to(self, host: str) -> bool:
        """Whether a request with this Host is for this app, whatever its port."""
        name = _name(f"//{host}")
        return name is not None and (
            name in self.names
            or (self.any_address and _is_address(name))
            or any(name.endswith(each[1:]) for each in self.names if each.startswith("*."))
            or "*" in self.names
        )

    def trusts(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may ask: our own, or one of a name that was added.

        Another server on this machine has the same name but another port.
        """
        if origin in self.origins or origin.lower().partition("://")[2] == host.lower():
            return True
        return _name(origin) in self.added


def started_for(
    address: str | None,
    further: Iterable[str] = (),
    origins: Iterable[str] = (),
) -> Hosts:
    """The names of a server.

    Args:
        address: Where it listens: a name or an address, or nothing for all addresses.
        further: More names.
        origins: Further origins whose pages may ask.
    """
    added = frozenset(_plain(name) for name in further if name.strip())
    everywhere = not address or _plain(address) in ("0.0.0.0", "::", "")
    if everywhere:
        own = socket.gethostname().lower()
        names = _LOOPBACK | {own, f"{own}.local"}
    elif _is_loopback(address):
        names = _LOOPBACK | {_plain(address)}
    else:
        names = frozenset({_plain(address)})
    return Hosts(names | added, added, everywhere, frozenset(origins))


class HostGuard:
    """Refuses every request, page or WebSocket, that is for another name or from another's page.

    Args:
        app: What answers the others.
        hosts: Asked for once, at the first request, when the server's settings are known.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts | None = None) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with status 403."""
        if scope["type"] not in ("http", "websocket") or self._allowed(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(_REFUSED, status_code=403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _allowed(self, headers: Headers) -> bool:
        if self._hosts is None:
            self._hosts = configured()
        given, origins = headers.getlist("host"), headers.getlist("origin")
        return (
            len(given) == 1
            and self._hosts.answers_to(given[0])
            and all(self._hosts.trusts(origin, given[0]) for origin in origins)
        )


def configured() -> Hosts:
    """The names that the settings of Streamlit's server and MTLVIZ_HOSTS give this app."""
    from streamlit import config

    further = [*os.environ.get(HOSTS, "").split(","), *config.get_option("server.allowedHosts")]
    if config.is_manually_set("browser.serverAddress"):
        further.append(config.get_option("browser.serverAddress"))
    origins = config.get_option("server.corsAllowedOrigins")
    return started_for(config.get_option("server.address"), further, origins)


def _name(address: str) -> str | None:
    """The host in an address of the web; None where it cannot be read or holds more than that."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # Checked on the way.
    except ValueError:
        return None
    if parts.hostname is None or parts.username is not None or parts.path.strip("/"):
        return None
    return _plain(parts.hostname)


def _plain(name: str) -> str:
    return name.strip().lower().strip("[]").rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(address: str) -> bool:
    name = _plain(address)
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)
