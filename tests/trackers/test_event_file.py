"""The file of events, against bytes worked out by hand and against TensorBoard's own reader."""

import struct

import pytest

from mtlviz.trackers.event_file import EventFile, checksum, masked


def written(path):
    file = EventFile(path, 1.0)
    file.scalars({"loss/mood": 0.5, "loss/topic": -2.0}, 300, 2.5)
    file.text("settings", "| a | b |", 1.0)
    file.close()
    return path


def events(data):
    """The events of a file, each frame's two checksums checked."""
    while data:
        length, first = struct.unpack_from("<QI", data)
        event, (second,) = data[12 : 12 + length], struct.unpack_from("<I", data, 12 + length)
        assert first == masked(checksum(data[:8]))
        assert second == masked(checksum(event))
        yield event
        data = data[16 + length :]


def test_checksums_are_those_of_the_published_examples():
    # RFC 3720, B.4: 32 bytes of zeros, of ones, and the numbers 0 to 31; and the usual check value.
    assert checksum(b"123456789") == 0xE3069283
    assert checksum(bytes(32)) == 0x8A9136AA
    assert checksum(b"\xff" * 32) == 0x62A8AB43
    assert checksum(bytes(range(32))) == 0x46DD794E


def test_events_are_the_bytes_of_the_protocol(tmp_path):
    version, scalars, text = events(written(tmp_path / "events").read_bytes())
    assert version == b"\x09" + struct.pack("<d", 1.0) + b"\x1a\x0dbrain.Event:2"
    mood = b"\x0a\x09loss/mood\x15" + struct.pack("<f", 0.5)
    topic = b"\x0a\x0aloss/topic\x15" + struct.pack("<f", -2.0)
    summary = b"\x0a\x10" + mood + b"\x0a\x11" + topic
    # Step 300 is two groups of seven bits: 44 with more to come, then 2.
    assert scalars == b"\x09" + struct.pack("<d", 2.5) + b"\x10\xac\x02\x2a\x25" + summary
    assert b"\x4a\x08\x0a\x06\x0a\x04text" in text
    assert text.endswith(b"\x42\x0d\x08\x07\x12\x00\x42\x09| a | b |"[2:])


def test_a_picture_is_the_bytes_of_the_protocol(tmp_path):
    file = EventFile(tmp_path / "events", 1.0)
    file.image("p", b"png", (300, 2), 7, 2.5)
    file.close()
    _, image = events((tmp_path / "events").read_bytes())
    # Height, width (44 with more to come, then 2), three colours, the file.
    picture = b"\x08\x02\x10\xac\x02\x18\x03\x22\x03png"
    value = b"\x0a\x01p\x22\x0c" + picture
    assert image == b"\x09" + struct.pack("<d", 2.5) + b"\x10\x07\x2a\x13\x0a\x11" + value


def test_tensorboard_reads_it_back(tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not here"
    )
    written(tmp_path / "events.out.tfevents.1.mtlviz.1")
    found = reader.EventAccumulator(str(tmp_path))
    found.Reload()
    assert found.Tags()["scalars"] == ["loss/mood", "loss/topic"]
    (scalar,) = found.Scalars("loss/topic")
    assert (scalar.wall_time, scalar.step, scalar.value) == (2.5, 300, -2.0)
    (settings,) = found.Tensors("settings/text_summary" if "settings" not in found.Tags()["tensors"]
                                else "settings")  # fmt: skip
    assert settings.tensor_proto.string_val == [b"| a | b |"]


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    written(tmp_path / "events")
    with pytest.raises(FileExistsError):
        EventFile(tmp_path / "events", 1.0)
