"""The shape of the package, held by tests: who may import whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("architecture")  # One process parses all files, once.
PACKAGE = Path(__file__).parents[1] / "mtlviz"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# What each part may import of mtlviz. These names are for all.
FOR_ALL = {"errors", "counts", "limits", "access", "settings", "value_text", "methods", "questions"}
MAY_IMPORT = {
    **{name: set() for name in FOR_ALL},
    "engine": {"engine"},
    "toy": {"toy", "engine"},
    "lessons": {"lessons"},
    "classroom": {"classroom", "lessons"},
    "runs": {"runs", "engine"},
    "figures": {
        "figures",
        "engine.records",
        "engine.measures",
        "engine.metrics",
        "engine.combiners",
    },
    "api": {"api", "figures", "runs", "engine"},
    "replication": {"replication", "runs", "toy", "engine"},
    "trackers": {"trackers", "runs", "engine"},
    "ui": {"ui", "replication", "figures", "runs", "toy", "engine", "lessons", "classroom"},
    "bench": {"bench", "figures", "runs", "toy", "engine"},
    "cli": {
        "cli",
        "api",
        "trackers",
        "replication",
        "bench",
        "classroom",
        "lessons",
        "ui",
        "runs",
        "toy",
        "engine",
        "__version__",
    },
}
WITHOUT_TORCH = (
    "mtlviz.engine.combiners",
    "mtlviz.engine.weightings",
    "mtlviz.engine.schedulers",
    "mtlviz.engine.choices",
    "mtlviz.engine.estimate.whole",
    "mtlviz.engine.models.encoders",
    "mtlviz.engine.models.sharing",
    "mtlviz.engine.records",
    "mtlviz.engine.measures.transfer",
    "mtlviz.toy.program",
    "mtlviz.toy.film",
    "mtlviz.figures.curves",
    "mtlviz.figures.transfer",
    "mtlviz.ui.launch",
    "mtlviz.ui.core.controls",
)


@cache
def tree(source: Path) -> ast.Module:
    """The parsed file: each is parsed once, however many tests look at it."""
    return ast.parse(source.read_text(encoding="utf-8"))


@cache
def imported_modules(source: Path) -> frozenset[str]:
    names = set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return frozenset(names)


def part_of(source: Path) -> str:
    return source.relative_to(PACKAGE).parts[0].removesuffix(".py")


def own_imports(source: Path) -> Iterator[str]:
    """What a file imports of mtlviz, without that name in front."""
    for name in imported_modules(source):
        if name.startswith("mtlviz.") and name != "mtlviz.__version__":
            yield name.removeprefix("mtlviz.")


def importing(library: str) -> set[str]:
    """The parts with a file that imports a library."""
    return {
        part_of(source)
        for source in SOURCES
        if any(name.split(".")[0] == library for name in imported_modules(source))
    }


def within(name: str, parts: set[str]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def test_imports_point_one_way():
    wrong = [
        f"{source.relative_to(PACKAGE)} imports {name}"
        for source in SOURCES
        if part_of(source) not in ("__init__", "__main__")
        for name in own_imports(source)
        if not within(name, FOR_ALL | MAY_IMPORT[part_of(source)])
    ]
    assert not wrong


def test_no_page_imports_another():
    wrong = [
        f"{source.relative_to(PACKAGE)} imports {name}"
        for source in (PACKAGE / "ui" / "pages").rglob("*/*.py")
        for name in own_imports(source)
        if name.startswith("ui.pages.") and name.split(".")[2] != source.parent.name
        and (PACKAGE / "ui" / "pages" / name.split(".")[2]).is_dir()
    ]  # fmt: skip
    assert not wrong


def test_only_the_ui_imports_streamlit():
    assert importing("streamlit") == {"ui"}


def test_only_what_draws_imports_plotly():
    assert importing("plotly") <= {"figures", "ui", "trackers"}


def test_session_state_is_touched_in_one_file_only():
    touching = [source.name for source in SOURCES if "session_state" in source.read_text("utf-8")]
    assert touching == ["session.py"]


def test_pages_open_without_torch():
    code = "import sys\n" + "\n".join(f"import {name}" for name in WITHOUT_TORCH)
    code += "\nassert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=PACKAGE.parent)


def test_engine_never_imports_the_apps_libraries():
    code = (
        "import sys, pkgutil, importlib, mtlviz.engine\n"
        "for m in pkgutil.walk_packages(mtlviz.engine.__path__, 'mtlviz.engine.'):\n"
        "    importlib.import_module(m.name)\n"
        "assert not {'streamlit', 'plotly', 'umap'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=PACKAGE.parent)


def test_what_a_page_remembers_has_no_name_of_a_control_or_picture():
    """Streamlit forgets the value of a control with the control, also where a page put it there."""
    remembered, drawn = set(), set()
    for source in (PACKAGE / "ui").rglob("*.py"):
        remembered |= {first for call in calls(source) if (first := put_under(call))}
        drawn |= set(keys_in(source))
    assert len(remembered) > 5
    assert len(drawn) > 50
    assert not remembered & drawn - {"toy.panel"}


def calls(source: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(source)) if isinstance(node, ast.Call)]


def put_under(call: ast.Call) -> str | None:
    """The name under which a call keeps something in the session."""
    keeps = isinstance(call.func, ast.Attribute) and call.func.attr in ("put", "remember")
    first = call.args[0] if keeps and call.args else None
    return first.value if isinstance(first, ast.Constant) else None


def keys_in(source: Path) -> list[str]:
    """The names of controls and pictures: given as `key`, or its default."""
    given = [
        node.value
        for node in ast.walk(tree(source))
        if isinstance(node, ast.keyword) and node.arg == "key"
    ]
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            late = arguments.args[len(arguments.args) - len(arguments.defaults) :]
            pairs = [*zip(late, arguments.defaults, strict=True)]
            pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            given += [default for argument, default in pairs if argument.arg == "key"]
    return [value.value for value in given if isinstance(value, ast.Constant)]
