"""A student who speaks the browser's protocol tries to reach others, through every door."""

import asyncio
import http.client
import sys
import uuid
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash

from mtlviz.engine.presets import preset
from mtlviz.runs.store import Store
from mtlviz.ui.core.class_mode import offered
from mtlviz.ui.pages import PAGES
from tests.benchmarks.served.app_server import _free_port
from tests.benchmarks.served.visiting import visiting
from tests.classroom.test_served_class import LESSON, Phone, served

SECRET = "nobodysbusiness"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as POSIX does it"),
]
SHUT = [page for page in PAGES if page not in offered(PAGES)]
GARBAGE = [
    "null", "[]", "1e999", '"x"', "{}", '{"edit": null}', '{"edit": {"arrows": [[1e308, 0]]}}',
    '{"edit": {"arrows": "x"}}', '{"edit": {"task": -1}}', '{"edit": {"task": 999999}}',
    '{"select": -1}', '{"select": "../../etc/passwd"}', '{"click": {"curve": 99, "point": -1}}',
    '{"edit": {"start": [null, {}]}}', "[" * 5000, '{"edit": "' + "x" * 100_000 + '"}',
]  # fmt: skip


class Told:
    """What the server has told a visitor."""

    def __init__(self, visitor):
        self.visitor, self.raw, self.session = visitor, b"", ""
        self.widgets, self.components = {}, set()
        take = visitor.take
        visitor.take = lambda raw, message: (self.note(raw), take(raw, message))

    def note(self, raw):
        message = ForwardMsg.FromString(raw)
        if message.HasField("new_session"):
            self.session = message.new_session.initialize.session_id
            # Streamlit tells every browser where its script lies; no page shows it.
            message.new_session.main_script_path = ""
        self.raw += message.SerializeToString()
        element = message.delta.new_element
        if element.HasField("bidi_component"):
            self.components.add(element.bidi_component.id)
        for kind in ("button", "file_uploader", "download_button"):
            if element.HasField(kind):
                self.widgets[getattr(element, kind).id] = kind

    async def send(self, message, wait=0.1):
        await self.visitor.connection.send(message.SerializeToString())
        await asyncio.sleep(wait)

    async def rerun(self, page="", hash_="", fragment="", query="", **widget):
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.page_script_hash = page, hash_
        state.fragment_id, state.query_string = fragment, query
        if widget:
            state.widget_states.widgets.add(**widget)
        await self.send(message)


@asynccontextmanager
async def told(port, page="", query=""):
    async with visiting(port, page, query) as visitor:
        found = Told(visitor)
        await visitor.open()
        yield found


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """A served class in a home where the teacher has a run that waits."""
    home, port = tmp_path_factory.mktemp("home"), _free_port()
    store = Store(home)
    store.create_run(preset("default").changed(name=SECRET))
    with served(home, port) as (code, key):
        student, teacher = Phone(port), Phone(port, key)
        student.ask("join", {"code": code})
        teacher.ask("lead", {"lesson": LESSON, "step": 1, "phase": "first"})
        student.ask("vote", {"choice": 1})
        yield port, store, student, teacher
    store.close()


def attacked(lesson, attack):
    """Have a neighbour at work while somebody attacks; afterwards all is as it was for others."""
    port, store, student, teacher = lesson

    async def both():
        async with told(port, "toy_lab", "preset=clouds") as neighbour:
            before = neighbour.session
            async with told(port, "toy_lab") as attacker:
                await attack(attacker, neighbour)
                seen = attacker.raw
            slid = await neighbour.visitor.change("Steps", 60, lambda raw, message: b"film" in raw)
            assert slid
            assert not neighbour.visitor.errors
            assert neighbour.session == before
            return seen, before

    seen, session = asyncio.run(both())
    for secret in (SECRET, session, teacher.key, str(store.home), str(Path(__file__).parents[2])):
        assert secret.encode() not in seen, secret
    assert [(run.status, run.stop_requested) for run in store.runs()] == [("queued", False)]
    assert not Store(store.home / "class").runs()
    assert student.ask("state")[1]["mine"] == 1
    assert teacher.ask("state")[1]["rounds"][0] == [0, 1, 0, 0]


def test_no_page_that_is_shut_opens_by_name_number_or_part(lesson):
    async def attack(me, neighbour):
        for page in SHUT:
            await me.rerun(page=page.path)
            await me.rerun(hash_=calc_hash(page.path))
            await me.rerun(hash_=calc_hash(str(page.script)), fragment="0" * 32, query="run=1")
        assert b"Start run" not in me.raw
        assert b"Choose tasks, a way of training" not in me.raw

    attacked(lesson, attack)


def test_buttons_that_are_not_there_and_those_of_others_do_nothing(lesson):
    async def attack(me, neighbour):
        keys = ("start.train", "studio.start", "runs.1.stop", "runs.1.delete", "sweep.start",
                "capacity.queue", "toy.map.stop", "class.leave")  # fmt: skip
        for key in keys:
            await me.rerun(id=f"$$ID-{'0' * 32}-{key}", trigger_value=True)
        for number in neighbour.widgets:
            await me.rerun(page="toy_lab", id=number, trigger_value=True)

    attacked(lesson, attack)


def test_what_only_a_developer_may_ask_of_the_server_is_refused(lesson):
    async def attack(me, neighbour):
        for name in ("clear_cache", "stop_script", "set_run_on_save", "load_git_info",
                     "debug_disconnect_websocket", "debug_shutdown_runtime"):  # fmt: skip
            await me.send(BackMsg(**{name: True}))
        for session in (me.session, neighbour.session, ""):
            for name in ("install_skills", "dismiss_skills_nudge", "deferred_file"):
                message = BackMsg()
                asked = message.backend_operation_request
                asked.request_id, asked.session_id = str(uuid.uuid4()), session
                getattr(asked, name).SetInParent()
                await me.send(message, 0.1)

    attacked(lesson, attack)


def test_components_that_are_told_nonsense_end_nothing_but_their_own_page(lesson):
    async def attack(me, neighbour):
        for page in (
            "toy_lab",
            "conflict_lab",
            "covariance_lab?cov_view=alignment",
            "capacity_lab",
        ):
            name, _, query = page.partition("?")
            async with told(lesson[0], name, query) as mine:
                for component in mine.components:
                    for content in GARBAGE:
                        for kind in ("json_value", "json_trigger_value"):
                            await mine.rerun(
                                page=name, query=query, id=component, **{kind: content}
                            )
                me.raw += mine.raw

    attacked(lesson, attack)


def test_no_file_is_sent_read_or_deleted_under_anybodys_session(lesson):
    port = lesson[0]

    async def attack(me, neighbour):
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.extend(["../../secret.csv", "lesson.yaml"])
        message.file_urls_request.session_id = neighbour.session
        await me.send(message)
        for session in (me.session, neighbour.session, "..%2f..", "%5f" * 9):
            for method in ("PUT", "POST", "DELETE", "GET", "PATCH"):
                for base in ("", "/x", "/x/y", "//"):
                    place = f"{base}/_stcore/upload_file/{session}/{uuid.uuid4()}"
                    assert await asyncio.to_thread(status, port, method, place) >= 400, place
        for place in ("/_stcore/%75pload_file/a/b", "/_STCORE/upload_file/a/b",
                      "/_stcore/./upload_file/a/b", "/_stcore/upload_file"):  # fmt: skip
            assert await asyncio.to_thread(status, port, "PUT", place) >= 400, place

    attacked(lesson, attack)


def test_another_ones_seat_or_session_cannot_be_taken(lesson):
    port, _, student, _ = lesson

    async def attack(me, neighbour):
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        stream = f"ws://127.0.0.1:{port}/_stcore/stream"
        # Whoever knew another's number could go on as them; nobody is told it, finds `attacked`.
        for session in (str(uuid.uuid4()), neighbour.session[:-1], "0", "x" * 4000):
            offers = ["streamlit", "none", session]
            with suppress(WebSocketException, TimeoutError, OSError):
                async with connect(stream, subprotocols=offers) as other:
                    message = BackMsg()
                    message.rerun_script.page_name = "start"
                    await other.send(message.SerializeToString())
                    me.note(await asyncio.wait_for(other.recv(), 10))
        for cookie in (
            "",
            "x",
            student.cookie[:-1],
            student.cookie[:-1] + "%",
            "mtlviz_seat=' OR 1",
        ):
            thief = Phone(port)
            thief.cookie = cookie
            for body in ({"choice": 0}, {"choice": 0, "seat": student.cookie}):
                assert (await asyncio.to_thread(thief.ask, "vote", body))[0] == 400
        assert (await asyncio.to_thread(Phone(port).ask, "join", {"code": "\ud800"}))[0] == 400

    attacked(lesson, attack)


def test_who_floods_the_server_keeps_nobody_from_voting(lesson):
    student = lesson[2]

    async def attack(me, neighbour):
        message = BackMsg()
        message.rerun_script.page_name = "toy_lab"
        for _ in range(200):
            await me.send(message, 0)
        found = await asyncio.to_thread(student.ask, "vote", {"choice": 1})
        assert found[0] == 200

    attacked(lesson, attack)


def status(port, method, place):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, place, b"x" * 10)
    found = connection.getresponse().status
    connection.close()
    return found
