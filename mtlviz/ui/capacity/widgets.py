"""What every widget of the Capacity lab has: its key, its value, its help and its callback."""

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mtlviz.ui.core import session
from mtlviz.ui.state import capacity as chosen


def common(settings: BaseModel, name: str) -> dict[str, Any]:
    """Arguments of the widget of one setting, which shows the value it has now."""
    model = type(settings)
    key = f"capacity.{model.__name__}.{name}"
    value = getattr(settings, name)
    session.set_widget(key, list(value) if isinstance(value, tuple) else value)
    return {
        "key": key,
        "help": model.model_fields[name].description,
        "on_change": _keep,
        "args": (model, name, key),
    }


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    """Least and greatest value of a number, in its own type."""
    number = type(field.default)
    ends = [
        next(getattr(limit, name) for limit in field.metadata if hasattr(limit, name))
        for name in ("ge", "le")
    ]
    return number(ends[0]), number(ends[1])


def _keep(model: type[BaseModel], name: str, key: str) -> None:
    chosen.change(model, **{name: session.widget(key)})
