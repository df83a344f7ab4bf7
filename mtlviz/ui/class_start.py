"""What a class's server does before its first student comes, who would wait for it otherwise."""

from importlib import import_module

from mtlviz.lessons.catalogue import ORDER, built_in
from mtlviz.ui.core.class_mode import offered
from mtlviz.ui.core.lesson_progress import texts
from mtlviz.ui.pages import PAGES
from mtlviz.ui.pages.toy.header import train_ahead
from mtlviz.ui.pages.toy.settings import TOY

# Read with the first control or icon by Streamlit, with the first interval or method by ours.
_LATE = ("PIL.Image", "pandas", "pyarrow", "scipy.optimize", "scipy.stats")


def warm_up() -> None:
    """Read every page that students may open, with its libraries, and train the first film."""
    for library in _LATE:
        import_module(library)
    for page in offered(PAGES):
        page.parts(), page.panels()
    first = built_in()[ORDER[0]].steps[0]
    train_ahead(TOY.read(texts(first.settings))[0])
