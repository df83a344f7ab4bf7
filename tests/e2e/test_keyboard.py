"""The keyboard reaches what a page is for; all pages are in sight; targets are large enough."""

import re

import pytest

from mtlviz.runs.examples import open_example
from mtlviz.runs.store import Store
from mtlviz.toy.continual.stories import STORIES as CONTINUAL_STORIES
from mtlviz.toy.presets import PRESETS as TOY_STORIES
from mtlviz.ui.pages import PAGES
from mtlviz.ui.server import MAIN_SCRIPT
from tests.ui.harness import START

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
STOPS, PATIENCE = 10, 4
# What each lab, and the way to it, is for, by its accessible name.
MAIN = {
    "start": "Task 2 helps, task 3 hurts",
    "lessons": "Begin",
    "toy_lab": "Task 2 helps, task 3 hurts",
    "conflict_lab": "Nobody's",
    "covariance_lab": "reviews and similarity",
    "covariance_lab?cov_view=alignment": "It helps task 1",
    "covariance_lab?cov_view=reweighting": "Task 2, and task 1 loses nothing",
    "capacity_lab": "Two families",
    "capacity_lab?cap_view=affinity": "Measure affinities",
    "capacity_lab?cap_view=sharing": "One encoder for all",
    "continual_lab": "Story",
    "studio": "Start",
    "run": "To the start",
    "compare": "Group by",
    "sweep": "Queue",
    "data": "Browse",
    "replication": "Wu, Zhang",
    "reference": "Combiners",
}
# Every picture that a question is about.
PICTURES = (
    "?", *(f"toy_lab?preset={name}" for name in TOY_STORIES),
    *(f"continual_lab?con_story={name}" for name in CONTINUAL_STORIES),
    "conflict_lab?", "covariance_lab?", "covariance_lab?cov_view=alignment",
    "covariance_lab?cov_view=reweighting", "capacity_lab?", "capacity_lab?cap_view=affinity",
    "capacity_lab?cap_view=sharing",
)  # fmt: skip
DRAWN = """() => {
    const main = document.querySelector(".stMain");
    const roots = [...main.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean);
    const shown = ".film, .arrows .stage, .mv-stage";
    const found = [...roots, main].map((each) => each.querySelector(shown));
    const first = found.find((each) => each?.checkVisibility());
    return first ? { ends: first.getBoundingClientRect().bottom, scrolled: main.scrollTop } : null;
}"""
"""Where the picture of a page ends; a film with its verdicts and its player."""
# Of what a person can press, what is smaller than 24 by 24 pixels; links within a sentence may be,
# and what is smaller but stands 24 pixels from every other one (WCAG 2.2, 2.5.8).
SMALL = """() => {
    const PRESSED = "button, select, input:not([type=file]), summary, [role=button]";
    const seen = [];
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) look(node.shadowRoot);
            if (!node.matches(PRESSED)) continue;
            const target = node.matches("input") ? node.closest("label") ?? node : node;
            const box = target.getBoundingClientRect();
            const style = getComputedStyle(target);
            if (!box.width || !box.height || style.visibility === "hidden") continue;
            if (!target.checkVisibility()) continue; // In a closed fold.
            seen.push([target.ariaLabel ?? node.ariaLabel ?? target.textContent, box]);
        }
    };
    look(document.querySelector("[data-testid=stApp]"));
    const apart = (box) => seen.every(([, other]) => other === box || Math.hypot(
        box.x + box.width / 2 - other.x - other.width / 2,
        box.y + box.height / 2 - other.y - other.height / 2) >= 24);
    return seen.filter(([, box]) => Math.min(box.width, box.height) < 23.5 && !apart(box))
        .map(([name, box]) => `${name}: ${box.width} × ${box.height}`);
}"""
STAYS = """bar => {
    const { y } = bar.getBoundingClientRect();
    return document.querySelector(".stMain").scrollTop > 200 && y > 0 && y < 200;
}"""
"""Whether a bar is in sight at the top of a page that was scrolled."""
OUTSIDE = """node => {
    const { left, right } = node.getBoundingClientRect();
    return [...node.querySelectorAll(".annotation-text")]
        .filter((text) => text.getBoundingClientRect().left < left - 1
            || text.getBoundingClientRect().right > right + 1)
        .map((text) => text.textContent);
}"""
"""What a chart says beyond its own edges."""
FEW = 16
"""How many places a player shows at most where less motion is asked for."""
WATCH = """() => {
    window.seen = {};
    const look = () => {
        for (const [name, { state }] of window.mtlvizCursors) {
            if (state.step !== null) (window.seen[name] ??= new Set()).add(state.step);
        }
        requestAnimationFrame(look);
    };
    look();
}"""
"""Notes every place of every cursor that is shown."""
FOCUSED = """(() => {
    let at = document.activeElement;
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return `${at.ariaLabel ?? ""} ${at.tagName === "BODY" ? "" : at.textContent}`;
})()"""


def opened(page, address, path):
    page.goto(f"{address}/{'' if path == START else path}")
    page.locator(".stMain :is(button, input, a):visible").first.wait_for()
    page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
    page.wait_for_timeout(2500)


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server with recorded runs to look at."""
    home = tmp_path_factory.mktemp("home")
    store = Store(home)
    open_example(store, "built-in")
    store.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(home))
        return serve(MAIN_SCRIPT, base="keyboard")


def tab_stops(page) -> list[str]:
    """What the tab key reaches from the top of a page."""
    page.locator(".stMain").evaluate("node => { node.tabIndex = -1; node.focus(); }")
    stops = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    return stops


def test_the_tab_key_reaches_a_pages_main_control_within_ten_stops(address, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    assert {each.path for each in PAGES if each.listed} == {path.partition("?")[0] for path in MAIN}
    missed: dict[str, list[str]] = {}
    for path in MAIN:
        opened(page, address, path)
        for _ in range(PATIENCE):  # On a busy machine what is computed comes later.
            stops = tab_stops(page)
            if any(re.search(re.escape(MAIN[path]), stop) for stop in stops):
                break
            page.wait_for_timeout(3000)
        else:
            missed[path] = stops
    assert not missed


@pytest.mark.parametrize("query", ["", "?lecture=1"])
def test_all_pages_are_in_sight_beside_an_open_side_bar(address, page, query):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    opened(page, address, f"run{query}")
    links = page.get_by_test_id("stTopNavLink")
    listed = [each for each in PAGES if each.listed]
    assert links.count() == len(listed)
    ends = [links.nth(place).bounding_box() for place in range(len(listed))]
    assert all(box["width"] > 0 and box["x"] + box["width"] <= 1280 for box in ends)
    assert min(box["height"] for box in ends) >= 24


def test_bar_and_curves_of_a_run_are_in_sight_and_the_bar_stays(address, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    opened(page, address, "run?run=1")
    bar = page.get_by_role("slider", name="Update")
    curves = page.locator(".js-plotly-plot")
    curves.nth(1).wait_for()
    assert bar.bounding_box()["y"] < curves.first.bounding_box()["y"]
    for place in (0, 1):
        box = curves.nth(place).bounding_box()
        assert box["y"] + box["height"] <= 720
    page.locator(".stMain").evaluate("node => node.scrollTo(0, 900)")
    page.wait_for_function(STAYS, arg=bar.element_handle())


@pytest.mark.parametrize("path", MAIN)
def test_what_is_pressed_is_large_enough(address, page, path):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    opened(page, address, path)
    assert page.evaluate(SMALL) == []
    if path.endswith("lab") or "?" in path:
        opened(page, address, f"{path}{'&' if '?' in path else '?'}hide=questions")
        assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("still", [True, False])
@pytest.mark.parametrize("path", ["toy_lab", "conflict_lab", "continual_lab"])
def test_with_less_motion_asked_for_whatever_plays_jumps_from_one_frame_to_the_next(
    address, page, path, still
):
    """The film, PCGrad in slow motion, the stages of learning in sequence."""
    page.set_default_timeout(60_000)
    page.emulate_media(reduced_motion="reduce" if still else "no-preference")
    opened(page, address, f"{path}?hide=questions")
    play = page.get_by_role("button", name="Play", exact=True).first
    play.wait_for()
    page.evaluate(WATCH)
    play.click()
    page.get_by_role("button", name="Pause").first.wait_for()
    page.get_by_role("button", name="Pause").first.wait_for(state="hidden", timeout=120_000)
    places = page.evaluate("Object.values(window.seen).map((each) => [...each])")
    played = max(places, key=len)
    assert len(played) > 2
    if still:
        assert len(played) <= FEW
    else:
        assert len(played) > FEW


def test_on_a_telephone_the_way_to_the_pages_is_named_and_nothing_overflows(address, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    wrong = {}
    for path in MAIN:
        opened(page, address, path)
        button = page.get_by_test_id("stExpandSidebarButton")
        named = button.evaluate("node => getComputedStyle(node, '::after').content")
        over = page.evaluate("document.querySelector('.stMain').scrollWidth - innerWidth")
        if "Pages and controls" not in named or button.bounding_box()["width"] < 100 or over > 0:
            wrong[path] = (named, over)
    assert not wrong


COVERED = """() => {
    const covered = [];
    const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot);
    const film = roots.find((root) => root?.querySelector(".film"));
    for (const panel of film.querySelectorAll(".stage, .verdict:not([hidden])")) {
        const { left, top, bottom, width } = panel.getBoundingClientRect();
        if (getComputedStyle(panel).visibility === "hidden") continue; // Told at the film's end.
        for (const y of [top + 2, (top + bottom) / 2, bottom - 2]) {
            const above = y < innerHeight ? film.elementFromPoint(left + width / 2, y) : panel;
            if (!panel.contains(above)) covered.push(`${panel.className} at ${y}`);
        }
    }
    const player = film.querySelector(".bar").getBoundingClientRect();
    return player.bottom > innerHeight ? [...covered, "player"] : covered;
}"""
"""Which pictures and verdicts in sight lie below something else; the player, if out of sight."""


@pytest.mark.parametrize("path", ["", "toy_lab", "continual_lab"])
def test_on_a_telephone_nothing_lies_over_a_picture_and_the_player_is_in_sight(address, page, path):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    opened(page, address, f"{path}?hide=questions")
    page.locator(".film .verdict").nth(1).wait_for(state="attached")
    assert page.evaluate(COVERED) == []
    page.locator(".stMain").evaluate("node => node.scrollTo(0, 150)")
    assert page.evaluate(COVERED) == []


def test_the_drawn_model_fits_a_telephone_and_a_window_made_wider(address, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, "run?run=1")
    page.get_by_text("The model: what is shared").click()
    picture = page.locator("[aria-label*='Each task alone has']")
    picture.locator(".annotation-text").first.wait_for()
    picture.scroll_into_view_if_needed()
    assert picture.evaluate(OUTSIDE) == []
    page.set_viewport_size({"width": 1280, "height": 844})
    page.wait_for_function("node => node._fullLayout.width > 600", arg=picture.element_handle())
    drawn = "node => node.layout.shapes[0].x0 === 0.02"
    page.wait_for_function(drawn, arg=picture.element_handle())
    assert picture.evaluate(OUTSIDE) == []


QUESTION = ".st-key-guess, .st-key-guess-first"
"""A page's own, and that which an example answers where nothing is stored."""


@pytest.mark.parametrize("lecture", ["0", "1"])
@pytest.mark.parametrize("path", PICTURES)
def test_at_every_stage_of_a_guess_the_picture_ends_where_the_window_does(
    address, page, path, lecture
):
    """Asked, seen, told, and open: picture, verdicts and player, with nothing scrolled."""
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{address}/{path}&lecture={lecture}")
    box = page.locator(QUESTION)
    show = box.get_by_role("button", name="Just show it")
    show.wait_for()
    ends_in_sight(page, drawn=False)  # Of some there is nothing to see before a guess.
    box.get_by_role("button").first.click()
    page.get_by_text("What did you see?").wait_for()
    ends_in_sight(page)
    box.get_by_role("button").nth(1).click()
    page.get_by_text(re.compile(r"^(Right|Not so)\.$")).first.wait_for()
    ends_in_sight(page)
    box.get_by_role("button", name="Guess anew").click()
    show.click()
    box.get_by_role("button", name="Guess", exact=True).wait_for()
    ends_in_sight(page)


@pytest.mark.parametrize("path", [path for path in MAIN if "lab" in path])
def test_on_a_telephone_a_lab_is_as_wide_as_the_window_at_every_stage_of_a_guess(
    address, page, path
):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, path)
    fits = "document.querySelector('.stMain').scrollWidth <= 390"
    box = page.locator(QUESTION)
    box.get_by_role("button", name="Just show it").wait_for()
    page.wait_for_function(fits)
    box.get_by_role("button").first.click()
    page.get_by_text("What did you see?").wait_for()
    page.wait_for_timeout(1500)
    page.wait_for_function(fits)
    box.get_by_role("button").nth(1).click()
    page.get_by_text(re.compile(r"^(Right|Not so)\.$")).first.wait_for()
    page.wait_for_timeout(2500)
    page.wait_for_function(fits, timeout=15_000)


def test_on_a_telephone_the_texts_of_the_widths_lie_apart_and_within_the_chart(address, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, "capacity_lab?hide=questions")
    chart = page.locator(".js-plotly-plot").first
    texts = chart.locator(".annotation-text")
    texts.nth(1).wait_for()
    above, below = (texts.nth(place).bounding_box() for place in (0, 1))
    assert below["x"] + below["width"] < above["x"]
    assert chart.evaluate(OUTSIDE) == []


def ends_in_sight(page, drawn: bool = True) -> None:
    """Wait until the picture ends above the window's foot, as it does once it is fitted."""
    page.wait_for_function(
        f"drawn => {{ const found = ({DRAWN})();"
        " return found ? found.scrolled === 0 && found.ends <= 721 : !drawn; }",
        arg=drawn, timeout=15_000,
    )  # fmt: skip
