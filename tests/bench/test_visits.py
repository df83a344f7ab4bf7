"""A visitor without a browser speaks the app's protocol and measures what it says it measures."""

import asyncio
import gzip
import json
import time

import numpy as np
import pytest
from streamlit.proto import (
    Alert_pb2,
    BackMsg_pb2,
    BidiComponent_pb2,
    ForwardMsg_pb2,
    NumberInput_pb2,
    Slider_pb2,
)

from mtlviz.errors import MtlvizError
from mtlviz.runs.store import Store
from mtlviz.ui.component.feed import Feed as AppsFeed
from tests.benchmarks.served import awaited, feeds, messages
from tests.benchmarks.served.app_speed import NewPicture
from tests.benchmarks.served.awaited import answer, script_ended
from tests.benchmarks.served.live_run import RECORDED, live_run
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.visitor import Visitor


class Line:
    """A connection that keeps what is sent and plays back what it was given."""

    def __init__(self, *answers):
        self.sent, self.answers = [], list(answers)

    async def send(self, raw):
        self.sent.append(BackMsg_pb2.BackMsg.FromString(raw).rerun_script)

    async def __aiter__(self):
        for answer_ in self.answers:
            await asyncio.sleep(0)
            yield answer_.SerializeToString()


def told(visitor, *given):
    for message in given:
        raw = message.SerializeToString()
        visitor.take(raw, messages.received(raw))


def forward(**fields):
    return ForwardMsg_pb2.ForwardMsg(**fields)


def with_element(part="", **fields):
    message = forward()
    message.delta.fragment_id = part
    for name, value in fields.items():
        getattr(message.delta.new_element, name).CopyFrom(value)
    return message


FIELD = with_element("part 7", number_input=NumberInput_pb2.NumberInput(id="u", label="Steps"))
PICTURE = with_element(bidi_component=BidiComponent_pb2.BidiComponent(json="{a new film}"))
SLIDER = with_element(slider=Slider_pb2.Slider(id="b", label="Boundary offset (units)"))


def installed(name):
    """The installed package's description of a message that is reached from the two outer ones."""
    waiting = [BackMsg_pb2.BackMsg.DESCRIPTOR, ForwardMsg_pb2.ForwardMsg.DESCRIPTOR]
    seen = set()
    while waiting:
        found = waiting.pop()
        if found.name == name:
            return found
        if found.full_name not in seen:
            seen.add(found.full_name)
            waiting += [field.message_type for field in found.fields if field.message_type]
    raise AssertionError(name)


@pytest.mark.parametrize("message", messages.FIELDS)
def test_every_field_is_the_installed_packages(message):
    described = installed(message).fields_by_name
    for name, (number, kind) in messages.FIELDS[message].items():
        field, single = described[name], kind.strip("[]")
        assert field.number == number, name
        if field.message_type:
            assert field.message_type.name == single, name
        else:
            wanted = "enum" if field.enum_type else single
            types = {getattr(field, key): key for key in dir(field) if key.startswith("TYPE_")}
            assert types[field.type] == f"TYPE_{wanted.upper()}", name
            assert not field.enum_type or single == "int32", name


def test_the_ends_of_a_script_and_the_kind_of_alert_are_the_installed_packages():
    ended = ForwardMsg_pb2.ForwardMsg.ScriptFinishedStatus
    assert ended.Value("FINISHED_SUCCESSFULLY") == messages.SUCCESS
    assert ended.Value("FINISHED_FRAGMENT_RUN_SUCCESSFULLY") == messages.PART_SUCCESS
    assert Alert_pb2.Alert.Format.Value("ERROR") == messages.ALERT_ERROR


def test_a_script_that_is_cut_short_has_not_ended():
    def ended(status):
        return script_ended(
            b"", messages.received(forward(script_finished=status).SerializeToString())
        )

    assert ended(0)
    assert ended(3)
    assert not ended(2)
    assert not script_ended(b"", messages.received(FIELD.SerializeToString()))


def test_a_visitor_asks_for_a_page_by_name_once_and_then_as_the_server_names_it():
    line = Line(
        forward(
            navigation={
                "page_script_hash": "h",
                "app_pages": [{"page_name": "Run", "url_pathname": "run"}],
            }
        ),
        FIELD,
        forward(script_finished=0),
    )

    async def visit():
        visitor = Visitor(line, 0, "run", "run=1")
        listening = asyncio.create_task(visitor.listen())
        before = time.perf_counter()
        assert before <= await visitor.open() <= time.perf_counter()
        await listening
        await visitor._ask()
        return visitor

    visitor = asyncio.run(visit())
    first, second = line.sent
    assert (first.page_name, first.query_string, first.page_script_hash) == ("run", "run=1", "")
    assert (second.page_name, second.page_script_hash) == ("", "h")
    assert visitor.pages == {"run": "Run"}
    assert visitor.received > 0


def brings_a_film(raw, message):
    return b"a new film" in raw


def test_a_change_runs_the_part_of_the_page_that_the_control_belongs_to():
    line = Line()

    async def change():
        visitor = Visitor(line)
        told(visitor, FIELD, SLIDER)
        for label, value in (("Steps", 37.0), ("Boundary offset", 0.5)):
            coming = asyncio.create_task(visitor.change(label, value, brings_a_film))
            await asyncio.sleep(0)
            ended = forward(script_finished=3)
            told(visitor, ended)
            await asyncio.sleep(0)
            # The end of an earlier run is not the end of this one.
            assert not coming.done()
            told(visitor, PICTURE, ended)
            await coming

    asyncio.run(change())
    field, slider = line.sent
    assert (field.fragment_id, field.widget_states.widgets[0].int_value) == ("part 7", 37)
    assert slider.fragment_id == ""
    assert list(slider.widget_states.widgets[0].double_array_value.data) == [0.5]


def test_what_a_page_calls_an_error_is_kept_and_a_warning_is_not():
    visitor = Visitor(Line())
    alert = Alert_pb2.Alert
    told(
        visitor,
        with_element(alert=alert(body="No such run.", format=alert.ERROR)),
        with_element(alert=alert(body="Take care.", format=alert.WARNING)),
    )
    assert visitor.errors == ["No such run."]


def test_a_part_that_renews_itself_is_looked_at_again_and_again_until_the_visitor_leaves():
    line = Line()

    async def watch():
        visitor = Visitor(line)
        told(visitor, forward(auto_rerun={"interval": 0.01, "fragment_id": "p"}))
        await asyncio.sleep(0.2)
        visitor.leave()
        looks = visitor.looks
        await asyncio.sleep(0.05)
        return visitor.looks, looks

    after, before = asyncio.run(watch())
    assert before == after >= 2
    assert {(ask.fragment_id, ask.is_auto_rerun) for ask in line.sent} == {("p", True)}


def test_a_run_of_the_whole_script_ends_the_timers_and_one_of_a_part_does_not():
    async def watch():
        visitor = Visitor(Line())
        told(visitor, forward(auto_rerun={"interval": 60, "fragment_id": "p"}))
        part = forward(new_session={"page_script_hash": "h"})
        part.metadata.run.fragment_ids.append("q")
        told(visitor, part)
        kept = list(visitor.timers)
        told(visitor, forward(new_session={"page_script_hash": "h"}))
        return kept, list(visitor.timers)

    assert asyncio.run(watch()) == (["p"], [])


def test_newer_data_is_asked_for_once_for_all_components_and_from_what_is_known(monkeypatch):
    monkeypatch.setattr(feeds, "EVERY", 0.01)
    asked = []
    body = gzip.compress(json.dumps({"token": "8 b"}).encode())
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\nNo run 1.",
    ]

    async def served(reader, writer):
        for prepared in answers:
            asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
            writer.write(prepared)
        writer.close()

    async def watch():
        server = await asyncio.start_server(served, "127.0.0.1", 0)
        visitor = Visitor(Line(), server.sockets[0].getsockname()[1])
        for name in ("loss", "bar"):
            feed = AppsFeed("mtlviz/live/1?span=10", "7").described(name)
            component = BidiComponent_pb2.BidiComponent(json=json.dumps({"feed": feed}))
            told(visitor, with_element(bidi_component=component))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if visitor.errors:
                break
        server.close()
        return visitor

    visitor = asyncio.run(watch())
    assert asked == [f"/mtlviz/live/1?span=10&since={token}" for token in ("7", "8%20b", "8%20b")]
    assert (visitor.news.questions, visitor.news.received) == (3, len(body))
    assert visitor.errors == ["The app answered 404: No run 1."]


def test_no_answer_and_a_closed_connection_are_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(awaited, "PATIENCE", 0.01)

    async def late():
        await answer(Visitor(Line()).expect(script_ended))

    async def closed():
        visitor = Visitor(Line())
        coming = visitor.expect(script_ended)
        await visitor.listen()
        await answer(coming)

    for wait, word in ((late, "no answer"), (closed, "closed the connection")):
        with pytest.raises(MtlvizError, match=word):
            asyncio.run(wait())


def test_a_control_that_the_page_has_not_is_an_error_of_the_table_not_of_the_command():
    class Server:
        def processor(self):
            return 1.0

    found = Measured()
    visitor = Visitor(Line(), 0, "run")
    work = lambda: visitor.change("Update", 3, script_ended)  # noqa: E731
    asyncio.run(found.take("a change", Server(), work))
    asyncio.run(found.take("a change", Server(), work))
    assert not found.wall["a change"]
    assert found.sentences() == ("Error, 2 ×: a change: The page 'run' has no control 'Update'.",)


def test_only_a_picture_that_was_not_seen_before_is_new():
    film = NewPicture("film")

    def is_new(name, content):
        component = BidiComponent_pb2.BidiComponent(component_name=name, json=content)
        raw = with_element(bidi_component=component).SerializeToString()
        return film.fits(raw, messages.received(raw))

    assert is_new("mtlviz.film", "1")
    assert not is_new("mtlviz.film", "1")
    assert not is_new("mtlviz.chart", "2")
    assert is_new("mtlviz.film", "3")


def test_parts_of_one_update_are_asked_for_together_as_the_browser_does():
    line = {"address": "mtlviz/update/1?run_plane=pair", "cursor": "run.1", "update": 3}
    told_of = [{"feed": {**line, "name": name}} for name in ("matrix", "arrows")]
    told_of.append({"feed": None, "pictures": {**line, "name": ""}})
    visitor = Visitor(Line())
    told(visitor, *(component(json.dumps(each)) for each in told_of))
    assert visitor.cursor.address == "mtlviz/update/1?run_plane=pair"
    assert visitor.cursor.names == {"matrix", "arrows"}
    # Another plane is another place: what the page no longer shows is not asked for.
    elsewhere = {"feed": {**line, "address": "mtlviz/update/1?", "name": "matrix"}}
    told(visitor, component(json.dumps(elsewhere)))
    assert (visitor.cursor.address, visitor.cursor.names) == ("mtlviz/update/1?", {"matrix"})
    with pytest.raises(MtlvizError, match="no step cursor"):
        asyncio.run(Visitor(Line(), 0, "toy_lab").look(3))


def component(content):
    return with_element(bidi_component=BidiComponent_pb2.BidiComponent(json=content))


def test_the_live_run_can_be_opened_and_goes_on(tmp_path):
    with live_run(tmp_path) as run:
        store = Store(tmp_path)
        try:
            assert store.run(run).status == "running"
            assert store.run(run).updates >= RECORDED
            record = store.step(run, RECORDED - 1)
            np.testing.assert_allclose(record.weights, record.coefficients.sum(0), atol=1e-5)
            deadline = time.monotonic() + 10
            while store.run(run).updates == RECORDED and time.monotonic() < deadline:
                time.sleep(0.1)
            assert store.run(run).updates > RECORDED
        finally:
            store.close()
