"""Start in Chromium: the question about text, its progress and its answer are in sight."""

import pytest

from mtlviz.runs.store import Store
from mtlviz.ui.server import MAIN_SCRIPT
from tests.runs.compare_runs import begin_default, finish, taken

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WAIT = 60_000  # Milliseconds; seconds on a machine with nothing else to do.
SCREEN = {"width": 1280, "height": 720}
LEAST = 160  # Pixels.


@pytest.fixture
def begun(serve, tmp_path):
    """A server whose experiment has one run to come, and that run."""
    store = Store(tmp_path)
    *done, last = begin_default(store)
    for number in done:
        finish(store, number)
    held = taken(store, last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path))
        yield serve(MAIN_SCRIPT, base=f"start-{tmp_path.name}"), held
    store.close()


def in_sight(page, text, last=False):
    """Wait for a text, and until all of it is on the screen with nothing scrolled.

    The film above it keeps panels that are read from a seat.
    """
    every = page.get_by_text(text)
    found = every.last if last else every.first
    found.wait_for(timeout=WAIT)
    page.wait_for_function(
        """([element, height, least]) => {
          const box = element.getBoundingClientRect();
          const scrolled = document.querySelector(".stMain").scrollTop;
          const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot);
          const panels = roots.flatMap((each) => [...(each?.querySelectorAll(".stage") ?? [])]);
          return scrolled === 0 && box.top >= 0 && box.bottom <= height
            && Math.min(...panels.map((each) => each.offsetHeight)) >= least;
        }""",
        arg=[found.element_handle(), SCREEN["height"], LEAST],
    )


@pytest.mark.parametrize(
    ("query", "first"),
    [pytest.param("/start?lecture=1", "film", marks=pytest.mark.slow), ("/start", "film"),
     pytest.param("/start", "text", marks=pytest.mark.slow)],
)  # fmt: skip
def test_question_guess_progress_and_sentence_are_in_sight(query, first, begun, page):
    address, held = begun
    page.set_viewport_size(SCREEN)
    page.goto(address + query)
    if first == "film":
        guess_of_the_film(page)
    in_sight(page, "Whom does training together help most?")
    in_sight(page, "24 of 25 runs")
    page.locator(".st-key-guess-text-guess-0 button").click()
    in_sight(page, "It is told when the runs are done.")
    page.wait_for_function("document.activeElement.matches('.st-key-guess-text')")
    in_sight(page, "24 of 25 runs")
    assert page.get_by_text("So far").count() == 0
    held.finish("finished")
    in_sight(page, "Training together helped")
    in_sight(page, "Not so.", last=True)
    if first == "text":
        guess_of_the_film(page)
        in_sight(page, "Training together helped")


def guess_of_the_film(page):
    for press in ("guess", "saw"):
        page.locator(f".st-key-guess-{press}-0 button").click(timeout=WAIT)
