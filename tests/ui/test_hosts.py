"""The app answers under the names it was started for, and to its own pages, on every route."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtlviz.ui.hosts import started_for

OWN_NAMES = ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost."]
STRANGE_NAMES = [
    "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.0.7",
    "localhost@evil", "evil@localhost", "localhost/x", "localhost:port", "", "[::1",
    "localhost evil", "*",
]  # fmt: skip
ROUTES = ["/", "/studio", "/_stcore/health", "/_stcore/host-config", "/mtlviz/plotly.min.js",
          "/mtlviz/live/1", "/mtlviz/live/runs", "/class/mtlviz/live/runs"]  # fmt: skip


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.5", "::1"])
def test_a_loopback_server_answers_to_loopback_names_only(address):
    hosts = started_for(address)
    assert all(hosts.answers_to(name) and hosts.answers_to(f"{name}:85") for name in OWN_NAMES)
    assert not any(hosts.answers_to(name) for name in STRANGE_NAMES)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::"])
def test_a_server_for_a_network_answers_to_addresses_and_its_own_name(address):
    hosts = started_for(address)
    own = [*OWN_NAMES, "192.168.0.7", "[fe80::1]", socket.gethostname()]
    assert all(hosts.answers_to(name) for name in own)
    assert not any(hosts.answers_to(name) for name in ("evil.example", "10.evil.example", ""))


def test_names_can_be_added():
    hosts = started_for("192.168.0.7", [" MTL.school.example ", "*.other.example", ""])
    for name in ("192.168.0.7", "mtl.school.example", "a.other.example"):
        assert hosts.answers_to(name)
    for name in ("localhost", "school.example", "other.example", "a.other.example.evil"):
        assert not hosts.answers_to(name)
    assert started_for("localhost", ["*"]).answers_to("anything.example")


def test_pages_of_other_servers_may_not_ask():
    hosts = started_for("localhost", ["mtl.school.example"], ["https://trusted.example"])
    for origin in (
        "http://localhost:8501",
        "https://mtl.school.example",
        "https://trusted.example",
    ):
        assert hosts.trusts(origin, "localhost:8501")
    for origin in ("http://localhost:9999", "http://evil.example", "null", "", "http://[::1",
                   "http://127.0.0.1:8501", "http://localhost:8501.evil.example"):  # fmt: skip
        assert not hosts.trusts(origin, "localhost:8501")


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of an app that was started as anybody starts it, below a base path."""
    home = tmp_path_factory.mktemp("home")
    (home / "secret.csv").write_text("root:secret,x\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mtlviz.cli", "--no-browser", f"--server.port={port}"]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "MTLVIZ_HOME": str(home / "store"), "PYTHONPATH": str(root)}
    with (home / "log.txt").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=home)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if asked(port, "/_stcore/health", Host="localhost")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail((home / "log.txt").read_text())
        yield port
    finally:
        server.terminate()
        server.wait(10)


def asked(port, path, **headers):
    """Status and text of an answer; every header is sent as it is given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read() if answer.status != 101 else b""
    connection.close()
    return answer.status, text


@pytest.mark.slow
@pytest.mark.parametrize("path", ROUTES)
def test_every_route_of_a_started_app_refuses_a_rebound_name(port, path):
    for name in (f"localhost:{port}", f"127.0.0.1:{port}"):
        assert asked(port, path, Host=name)[0] != 403
    for name in ("evil.example", f"localhost.evil.example:{port}", "192.168.0.7"):
        status, text = asked(port, path, Host=name)
        assert status == 403
        assert b"--host NAME" in text
        assert b"evil" not in text
    assert asked(port, path, Host=f"localhost:{port}", Origin="http://evil.example")[0] == 403


def handshake(port, **headers):
    return asked(
        port, "/_stcore/stream", Connection="Upgrade", Upgrade="websocket",
        Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", **headers,
    )[0]  # fmt: skip


def test_the_websocket_opens_for_the_apps_own_pages_only(port):
    own = f"localhost:{port}"
    assert handshake(port, Host=own, Origin=f"http://{own}") == 101
    assert handshake(port, Host=own) == 101
    for host, origin in (
        ("evil.example", "http://evil.example"),
        (f"evil.example:{port}", f"http://evil.example:{port}"),
        (own, "http://evil.example"),
        (own, "http://localhost:9999"),
        (own, "null"),
    ):
        assert handshake(port, Host=host, Origin=origin) == 403


def test_a_request_with_two_names_is_refused(port):
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request)
        status = connection.recv(64).split()[1]
    assert status in (b"400", b"403")
