"""The messages of Streamlit's protocol that a visitor without a browser sends and reads.

Only the app imports Streamlit, so the few fields are named here; a test compares them with the
installed package's. A protocol buffer's number never gets another meaning.
"""

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto
# Message, field, number, type; a type in brackets may repeat. An enumeration is an int32 here.
FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "BackMsg": {"rerun_script": (11, "ClientState")},
    "ClientState": {
        "query_string": (1, "string"),
        "widget_states": (2, "WidgetStates"),
        "page_script_hash": (3, "string"),
        "page_name": (4, "string"),
        "fragment_id": (5, "string"),
        "is_auto_rerun": (6, "bool"),
    },
    "WidgetStates": {"widgets": (1, "[WidgetState]")},
    "WidgetState": {
        "id": (1, "string"),
        "trigger_value": (2, "bool"),
        "int_value": (5, "sint64"),
        "double_array_value": (7, "DoubleArray"),
    },
    "DoubleArray": {"data": (1, "[double]")},
    "ForwardMsg": {
        "metadata": (2, "ForwardMsgMetadata"),
        "new_session": (4, "NewSession"),
        "delta": (5, "Delta"),
        "script_finished": (6, "int32"),
        "auto_rerun": (21, "AutoRerun"),
        "navigation": (23, "Navigation"),
        "page_info_changed": (12, "PageInfo"),
    },
    "PageInfo": {"query_string": (1, "string")},
    "ForwardMsgMetadata": {"run": (6, "RunIdentity")},
    "RunIdentity": {"fragment_ids": (2, "[string]")},
    "NewSession": {"page_script_hash": (9, "string")},
    "AutoRerun": {"interval": (1, "float"), "fragment_id": (2, "string")},
    "Navigation": {"app_pages": (2, "[AppPage]"), "page_script_hash": (4, "string")},
    "AppPage": {"page_name": (2, "string"), "url_pathname": (6, "string")},
    "Delta": {"new_element": (3, "Element"), "fragment_id": (8, "string")},
    "Element": {
        "exception": (8, "Exception"),
        "button": (19, "Button"),
        "slider": (21, "Slider"),
        "alert": (30, "Alert"),
        "number_input": (32, "NumberInput"),
        "bidi_component": (59, "BidiComponent"),
    },
    "Exception": {"type": (1, "string"), "message": (2, "string")},
    "Alert": {"body": (1, "string"), "format": (2, "int32")},
    "Button": {"id": (1, "string"), "label": (2, "string")},
    "Slider": {"id": (1, "string"), "label": (3, "string")},
    "NumberInput": {"id": (1, "string"), "label": (2, "string")},
    "BidiComponent": {"component_name": (2, "string"), "json": (10, "string")},
}
SUCCESS, PART_SUCCESS = 0, 3
"""How a run of the whole script, or of a part of a page, ends when nothing interrupts it."""
ALERT_ERROR = 1
"""The kind of alert that tells a visitor of an error."""
_PACKAGE = "mtlviz.bench"


def sent() -> Any:
    """An empty message to the server."""
    return _classes()[f"{_PACKAGE}.BackMsg"]()


def received(raw: bytes) -> Any:
    """A message of the server, read as far as its fields are named here."""
    return _classes()[f"{_PACKAGE}.ForwardMsg"].FromString(raw)


@cache
def _classes() -> dict[str, type]:
    file = descriptor_pb2.FileDescriptorProto(
        name="mtlviz/bench/messages.proto", package=_PACKAGE, syntax="proto2"
    )
    for message, fields in FIELDS.items():
        described = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            described.field.append(_field(name, number, kind))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClassesForFiles([file.name], pool)


def _field(name: str, number: int, kind: str) -> descriptor_pb2.FieldDescriptorProto:
    single = kind.strip("[]")
    label = _FIELD.LABEL_REPEATED if kind != single else _FIELD.LABEL_OPTIONAL
    field = _FIELD(name=name, number=number, label=label)
    if single in FIELDS:
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{single}"
    else:
        field.type = getattr(_FIELD, f"TYPE_{single.upper()}")
    return field
