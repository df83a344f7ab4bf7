"""`mtlviz class` as a process: what it says, thirty students over the wire, and a kill."""

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from mtlviz.access import HOME_FOLDER
from mtlviz.engine.presets import preset
from mtlviz.runs.store import Store
from tests.benchmarks.served.app_server import _free_port
from tests.benchmarks.served.visiting import visiting

LESSON = "negative_transfer"


class Phone:
    """A student's or the teacher's browser, as far as a class needs one."""

    def __init__(self, port, key=""):
        self.port, self.key, self.cookie = port, key, ""

    def ask(self, name, body=None):
        headers = {"Cookie": self.cookie}
        if self.key:
            headers["X-Class-Key"] = self.key
        method = "GET" if body is None else "POST"
        content = None if body is None else json.dumps(body)
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(server) as connection:
            connection.request(method, f"/mtlviz/class/{name}", content, headers)
            answer = connection.getresponse()
            found = answer.read()
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]
        return answer.status, json.loads(found or b"{}")


@contextmanager
def served(home, port, **environment):
    """A class's server, killed at the end as a laptop's battery would."""
    command = [sys.executable, "-m", "mtlviz.cli", "class", f"--port={port}"]
    log = home / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env={**os.environ, HOME_FOLDER: str(home)} | environment,
        )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if Phone(port).ask("state")[0] == 200:
                    break
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        said = log.read_text()
        code = re.search(r"and type +(\w+)", said)[1]
        yield code, re.search(r"class/teach#(\S+)", said)[1]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as POSIX does it")
def test_votes_survive_a_kill_of_the_server_and_students_keep_their_seats(tmp_path):
    port = _free_port()
    with served(tmp_path, port) as (code, key):
        students = [Phone(port) for _ in range(30)]
        teacher = Phone(port, key)
        with ThreadPoolExecutor(30) as together:
            joined = list(together.map(lambda s: s.ask("join", {"code": code})[0], students))
            teacher.ask("lead", {"lesson": LESSON, "step": 1, "phase": "first"})
            voted = list(together.map(lambda s: s.ask("vote", {"choice": 1})[0], students))
    assert joined == voted == [200] * 30
    with served(tmp_path, port) as again:
        assert again == (code, key)
        assert teacher.ask("state")[1]["rounds"][0] == [0, 30, 0, 0]
        assert students[4].ask("state")[1]["mine"] == 1


SECRET = "what-nobody-may-read"
LINKS = [
    "covariance_lab?cov_folder={0}", "covariance_lab?cov_encoder=file&cov_vectors={0}/vectors.txt",
    "covariance_lab?cov_encoder=checkpoint&cov_checkpoint={0}",
    "covariance_lab?cov_encoder=table&cov_checkpoint={0}/secret.csv",
    "capacity_lab?cap_view=study&cap_study_folder={0}", "lessons?lesson=own/../../secret",
    "studio?studio.capacity.vectors={0}/vectors.txt", "data?data_folder={0}",
    "run?run=1", "compare",
]  # fmt: skip
ADDRESSES = [
    "/mtlviz/live/1", "/mtlviz/live/runs", "/mtlviz/update/1?update=0&names=examples",
    "/component/mtlviz.chart/../../../access.py", "/component/mtlviz.chart/%2e%2e/%2e%2e/x.py",
    "/app/static/../../home/secret.csv", "/media/secret.csv", "/static/../../../../etc/passwd",
    "/mtlviz/class/../../secret.csv", "/_stcore/agent", "/_stcore/metrics",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as POSIX does it")
def test_no_student_reads_a_file_or_a_run_whatever_the_link_or_address(tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for name in ("secret.csv", "vectors.txt", "secret.yaml"):
        (hidden / name).write_text(f"text,label\n{SECRET},1\n")
    home, port = tmp_path / "home", _free_port()
    home.mkdir()
    store = Store(home)
    run = store.create_run(preset("default").changed(name=SECRET))
    store.close()
    with served(home, port, MTLVIZ_DATA=str(tmp_path)) as _:
        seen = asyncio.run(read_all(port, [link.format(hidden) for link in LINKS]))
        answers = [fetched(port, address) for address in ADDRESSES]
        uploads = [sent(port, method) for method in ("PUT", "POST", "DELETE")]
    assert run == 1
    for link, told in zip(LINKS, seen, strict=True):
        assert SECRET.encode() not in told, link
        assert str(home).encode() not in told, link
    for address, told in zip(ADDRESSES, answers, strict=True):
        assert SECRET.encode() not in told, address
        assert b"root:" not in told, address
        assert b"def visitors_access" not in told, address
    assert uploads == [403] * 3


async def read_all(port, links):
    """Everything that the server sends to whoever opens each of these links."""
    found = []
    for link in links:
        page, _, query = link.partition("?")
        async with visiting(port, page, query) as visitor:
            told, take = [], visitor.take
            visitor.take = lambda raw, message, told=told, take=take: (
                told.append(raw), take(raw, message)
            )  # fmt: skip
            await visitor.open()
            found.append(b"".join(told))
    return found


def fetched(port, address):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", address)
    found = connection.getresponse().read()
    connection.close()
    return found


def sent(port, method):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, "/_stcore/upload_file/another-session/file", b"x" * 100)
    status = connection.getresponse().status
    connection.close()
    return status
