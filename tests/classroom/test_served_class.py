"""`mtlviz class` as a process: what it says, thirty students over the wire, and a kill."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from mtlviz.access import HOME_FOLDER
from tests.benchmarks.served.app_server import _free_port

LESSON = "negative_transfer"


class Phone:
    """A student's or the teacher's browser, as far as a class needs one."""

    def __init__(self, port, key=""):
        self.port, self.key, self.cookie = port, key, ""

    def ask(self, name, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": self.cookie}
        if self.key:
            headers["X-Class-Key"] = self.key
        method = "GET" if body is None else "POST"
        content = None if body is None else json.dumps(body)
        connection.request(method, f"/mtlviz/class/{name}", content, headers)
        answer = connection.getresponse()
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]
        found = answer.read()
        connection.close()
        return answer.status, json.loads(found or b"{}")


@contextmanager
def served(home, port):
    """A class's server, killed at the end as a laptop's battery would."""
    command = [sys.executable, "-m", "mtlviz.cli", "class", f"--port={port}"]
    log = home / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, HOME_FOLDER: str(home)}
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
