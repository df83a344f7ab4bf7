"""The toy lab as a visitor meets it, in Chromium, served by the app's own launcher."""

import re

import pytest

from mtlviz.toy.presets import PRESETS
from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ALONE_AND_PARTNERS = 4


@pytest.fixture
def lab(serve, page):
    def open_lab(query: str = "seeds=4&steps=40", path: str = "toy_lab"):
        page.goto(f"{serve(MAIN_SCRIPT)}/{path}?{query}")
        page.locator("figure.panel canvas").first.wait_for()
        page.locator(".js-plotly-plot").first.wait_for()
        return page

    return open_lab


def handle(page, name: str):
    return page.get_by_role("button", name=re.compile(name))


def stop(page):
    """The map's own button; Streamlit has another of that name while a script runs."""
    return page.get_by_test_id("stSidebarUserContent").get_by_role("button", name="Stop")


def test_dragging_a_cloud_retrains_and_lands_in_the_address(lab):
    page = lab()
    grip = handle(page, "Task 1 .*centre").first
    box = grip.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] - 20, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"t1\.x="))
    assert re.search(r"t1\.y=", page.url)
    page.get_by_text("Changed from").wait_for()


@pytest.mark.slow
def test_the_film_and_the_curves_share_one_cursor(lab):
    page = lab()
    page.get_by_role("button", name="To the start").click()
    page.locator("output.step", has_text="step 0").wait_for()
    lines = page.locator(".mv-line")
    assert lines.count() >= 3
    start = lines.first.bounding_box()["x"]
    slider = page.get_by_role("slider", name="Training step")
    slider.focus()
    slider.press("End")
    page.wait_for_timeout(300)
    assert lines.first.bounding_box()["x"] > start + 20


@pytest.mark.slow
def test_choosing_a_story_changes_the_panels_in_place(lab):
    page = lab()
    panel = page.locator("figure.panel").first.element_handle()
    page.get_by_role("combobox", name="Story").click()
    page.get_by_role("option", name="One direction for three tasks").click()
    page.get_by_text("Three very different boundaries").first.wait_for()
    assert panel.evaluate("node => node.isConnected")


@pytest.mark.slow
def test_a_map_fills_previews_and_a_click_or_a_key_loads_its_setting(lab):
    page = lab("seeds=2&steps=10&t1.points=20&t2.points=20&t3.points=20")
    page.get_by_role("button", name="Compute the map").click()
    chart = page.locator("[role=img][aria-label^='Heatmap of transfer']")
    chart.wait_for()
    chart.scroll_into_view_if_needed()
    stop(page).wait_for(state="detached", timeout=60_000)
    told = page.locator("p.verdict", has_text=re.compile(r"^map: "))
    area = page.locator(".heatmaplayer image").first.bounding_box()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    told.wait_for()
    page.get_by_text("preview of the map").wait_for()
    page.mouse.move(area["x"] - 200, area["y"])
    told.wait_for(state="detached")
    before = page.url
    chart.focus()
    page.keyboard.press("ArrowLeft")
    told.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    before = page.url
    drawing = page.locator(".js-plotly-plot", has=page.locator(".heatmaplayer image")).first
    area = drawing.locator(".nsewdrag").first.bounding_box()
    page.mouse.click(area["x"] + area["width"] / 4, area["y"] + area["height"] / 4)
    page.wait_for_function("before => location.href !== before", arg=before)


@pytest.mark.slow
def test_a_finger_previews_a_cell_of_the_map_and_takes_it_with_the_next_press(serve, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    small = "seeds=2&steps=10&t1.points=20&t2.points=20&t3.points=20&hide=questions"
    page.goto(f"{serve(MAIN_SCRIPT)}/toy_lab?{small}")
    page.get_by_role("button", name="Compute the map").tap()
    stop(page).wait_for(state="detached", timeout=60_000)
    cells = page.locator(".heatmaplayer image").first
    cells.scroll_into_view_if_needed()
    area, before = cells.bounding_box(), page.url
    at = area["x"] + 0.7 * area["width"], area["y"] + 0.3 * area["height"]
    page.touchscreen.tap(*at)
    page.locator("p.verdict", has_text=re.compile(r"^map: ")).wait_for()
    page.get_by_text("press the cell again to take it").wait_for()
    assert page.url == before
    page.touchscreen.tap(*at)
    page.wait_for_function("before => location.href !== before", arg=before)
    page.get_by_text("press the cell again").wait_for(state="hidden")
    # A key after a finger takes at once.
    before = page.url
    page.locator("[role=img][aria-label^='Heatmap of transfer']").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    context.close()


@pytest.mark.slow
def test_start_waits_for_a_guess_then_plays_and_then_tells(serve, page):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(serve(MAIN_SCRIPT))
    page.locator("figure.panel canvas").nth(2).wait_for()
    assert page.get_by_role("button", name="Play", exact=True).count() == 0
    page.get_by_role("button", name="Both help").click()
    page.get_by_text("What did you see?").wait_for()
    page.locator(".bar").wait_for()
    page.wait_for_function(IN_SIGHT, arg=page.locator(".bar").element_handle())
    page.locator("output.step", has_text=re.compile(r"^step 150$")).wait_for()
    assert page.locator("p.verdict:visible").count() == 0
    page.get_by_role("button", name="Task 2 helps, task 3 hurts").click()
    page.get_by_text("Not so.").wait_for()
    page.get_by_text(re.compile("hurts: −10.3 points")).first.wait_for()
    page.get_by_role("link", name=re.compile("Try it yourself")).click()
    page.locator("figure.panel").nth(ALONE_AND_PARTNERS - 1).wait_for()


@pytest.mark.slow
def test_the_film_keeps_its_node_and_tool_under_rapid_clicks_and_every_point_arrives(lab):
    page = lab("seeds=8&steps=60")
    panel = page.locator("figure.panel").first.element_handle()
    handle(page, "Task 1 cloud centre").first.press("ArrowRight")
    page.wait_for_url(re.compile(r"t1\.x="))
    paint = page.get_by_role("button", name="Paint class B")
    paint.click()
    box = page.locator(".overlay").first.bounding_box()
    for i in range(6):
        x = box["x"] + box["width"] * (0.2 + 0.1 * i)
        page.mouse.click(x, box["y"] + 0.7 * box["height"])
        page.wait_for_timeout(40)
    page.wait_for_url(re.compile(r"own=" + "_".join(["1%3A0%3A[^_&]+"] * 6)))
    assert panel.evaluate("node => node.isConnected")
    assert paint.get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_the_window(lab, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    lab()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


IN_SIGHT = "node => node.getBoundingClientRect().bottom <= innerHeight"


@pytest.mark.parametrize("lecture", ["0", "1"])
def test_a_computed_map_is_in_sight_beside_the_film_and_nothing_lies_over_the_panels(
    lab, page, lecture
):
    page.set_viewport_size({"width": 1280, "height": 720})
    lab(f"hide=questions&lecture={lecture}")
    page.get_by_role("button", name="Compute the map").click()
    drawn = page.get_by_test_id("stSidebar").locator(".mv-stage .heatmaplayer image").first
    drawn.wait_for(timeout=60_000)
    page.wait_for_function(IN_SIGHT, arg=drawn.element_handle())
    page.wait_for_function(IN_SIGHT, arg=page.locator(".bar").first.element_handle())
    sides = [each.bounding_box()["width"] for each in page.locator("figure.panel .stage").all()]
    assert min(sides) > 210  # A lecture room does not make the picture smaller.
    assert page.locator("[role=tooltip]:visible").count() == 0


@pytest.mark.parametrize(
    ("lecture", "story"),
    [("0", "clouds"), ("1", "clouds"),
     *(pytest.param("1", name, marks=pytest.mark.slow) for name in PRESETS if name != "clouds")],
)  # fmt: skip
def test_picture_verdict_map_and_player_stand_on_one_screen(lab, page, lecture, story):
    page.set_viewport_size({"width": 1280, "height": 720})
    lab(f"preset={story}&hide=questions&lecture={lecture}")
    page.locator("p.verdict:visible").first.wait_for()
    for part in (
        page.locator("figure.panel canvas").nth(3),
        page.locator("p.verdict:visible").last,
        page.get_by_role("button", name="Compute the map"),
        page.locator(".bar").first,
        page.get_by_role("slider").first,
    ):
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720


@pytest.mark.slow
def test_a_cloud_is_taken_by_a_point_of_it_and_the_estimate_agrees_with_what_is_trained(lab):
    page = lab("hide=questions")
    before = page.locator(".overlay").nth(2).bounding_box()
    x, y = before["x"] + 0.86 * before["width"], before["y"] + 0.58 * before["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=6)
    page.get_by_text("(estimate)").first.wait_for()
    assert int(page.locator(".film").first.get_attribute("data-estimated")) < 300
    picture = (
        "node => Array.from(node.getContext('2d').getImageData(0, 0, node.width, node.height).data)"
    )
    shown = page.locator("figure.panel canvas").nth(2).evaluate(picture)
    page.mouse.up()
    page.wait_for_url(re.compile(r"t3\.x="))
    assert "t1.x" not in page.url
    page.get_by_text("(estimate)").first.wait_for(state="detached")
    page.wait_for_timeout(300)
    # The estimate's boundaries are those of the shown repetition, trained in the browser.
    trained = page.locator("figure.panel canvas").nth(2).evaluate(picture)
    assert len(trained) == len(shown)
    differing = sum(abs(one - other) > 32 for one, other in zip(trained, shown, strict=True))
    assert differing < 0.01 * len(shown)
    assert (
        page.get_by_role("button", name="Task 3", exact=True).get_attribute("aria-pressed")
        == "true"
    )


LABS = {
    "toy_lab?hide=questions": ".film canvas", "conflict_lab?hide=questions": ".arrows canvas",
    "covariance_lab?hide=questions": ".js-plotly-plot", "continual_lab?hide=questions": "canvas",
    "capacity_lab?hide=questions": ".js-plotly-plot",
    "covariance_lab?cov_view=alignment&hide=questions": ".js-plotly-plot",
    "covariance_lab?cov_view=reweighting&hide=questions": ".js-plotly-plot",
}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=() if path.startswith("toy_lab") else pytest.mark.slow)
     for path in LABS],
)  # fmt: skip
def test_everything_to_press_in_pictures_is_at_least_24_pixels(serve, page, path):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{serve(MAIN_SCRIPT)}/{path}")
    page.locator(LABS[path]).first.wait_for()
    page.wait_for_timeout(1500)
    parts = page.locator(":is(.film, .arrows, .mv-chart) button:visible").all()
    assert len(parts) >= 4
    for part in parts:
        box = part.bounding_box()
        assert min(box["width"], box["height"]) >= 24, part.inner_text()


def test_the_tab_key_reaches_the_pages_main_control_within_ten_stops(lab, page):
    lab("hide=questions")
    page.evaluate("document.activeElement.blur()")
    page.locator(".stMain").evaluate("node => { node.tabIndex = -1; node.focus(); }")
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        inside = "(() => { let at = document.activeElement; while (at.shadowRoot?.activeElement) "
        inside += "at = at.shadowRoot.activeElement; return at.textContent || at.ariaLabel; })()"
        reached.append(page.evaluate(inside))
    assert any("Task 1" in (name or "") for name in reached), reached
