"""A file that was taken home opens from disk, without a server and without a network."""

import pytest
from playwright.sync_api import expect

from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.summary import summarise
from mtlviz.ui.component.take_home import LARGEST
from mtlviz.ui.component.take_home import page as file_of
from mtlviz.ui.core import session
from mtlviz.ui.core.toy_words import verdicts
from mtlviz.ui.pages.toy.take_home import pieces
from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

PIXELS = """(canvases) => canvases.map((canvas) => {
  const small = document.createElement("canvas");
  small.width = small.height = 24;
  small.getContext("2d").drawImage(canvas, 0, 0, 24, 24);
  return [...small.getContext("2d").getImageData(0, 0, 24, 24).data];
})"""


def made(summary):
    with session.apart():
        return file_of("Toy lab", verdicts(summary), list(pieces(summary).values()))


@pytest.mark.timeout(120)
def test_a_file_taken_home_is_alive_without_a_network(offline, tmp_path):
    summary = summarise(train(PRESETS["clouds"].config))
    file = tmp_path / "toy.html"
    file.write_text(made(summary), encoding="utf-8")
    page, problems = offline
    page.goto(file.as_uri())
    page.locator(".js-plotly-plot").nth(3).wait_for()
    page.get_by_text("hurts task 1").first.wait_for()
    page.get_by_text("hurts: −10.3 points", exact=True).wait_for()
    slider = page.get_by_role("slider", name="Training step")
    # It opens on its last step.
    numbers = page.locator(".film").first.locator(".number")
    last = numbers.all_text_contents()
    slider.press("Home")
    page.locator("output.step", has_text="step 0").wait_for()
    expect(numbers).not_to_have_text(last)
    slider.press("End")
    page.locator("output.step", has_text="step 150").wait_for()
    expect(numbers).to_have_text(last)
    assert page.locator("figure.panel").count() == 4
    assert page.locator(".mv-line:not([hidden])").count() >= 3  # The cursor of the curves.
    assert problems == []


@pytest.mark.timeout(120)
def test_its_pictures_are_those_of_the_app(offline, serve, page, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"{serve(MAIN_SCRIPT)}/toy_lab?hide=questions,data")
    page.get_by_text("hurts: −10.3 points", exact=True).wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take it home").click()
    file = tmp_path / "toy.html"
    taken.value.save_as(file)
    other, problems = offline
    other.goto(file.as_uri())
    other.get_by_text("hurts: −10.3 points", exact=True).wait_for()
    # As wide as in the app, so that lines fall between the same pixels.
    width = page.locator(".film").first.bounding_box()["width"]
    other.evaluate(f"document.body.style.cssText = 'padding: 0; width: {width}px'")
    for each in (page, other):
        each.get_by_role("slider", name="Training step").press("End")
        each.locator("output.step", has_text="step 150").wait_for()
    assert (
        other.locator(".film").first.locator(".number").all_inner_texts()
        == page.locator(".film").first.locator(".number").all_inner_texts()
    )
    drawn = [
        each.locator(".film").first.locator("canvas").evaluate_all(PIXELS) for each in (other, page)
    ]
    for mine, theirs in zip(*drawn, strict=True):
        differences = [abs(a - b) for a, b in zip(mine, theirs, strict=True)]
        assert sum(differences) / len(differences) < 1
    assert problems == []


PLOTS = """() => [...document.querySelectorAll(".js-plotly-plot")].map((plot) => JSON.stringify(
  plot.data.map(({ x, y, z, name, line, marker, text }) => [x, y, z, name, line?.color, line?.dash,
    marker?.symbol, text])))"""
LABS = {
    "conflict_lab": ("?hide=questions", 1, 0), "capacity_lab": ("?hide=questions", 0, 1),
    "covariance_lab": ("?hide=questions&cov_view=alignment", 0, 3),
}  # fmt: skip


@pytest.mark.timeout(180)
@pytest.mark.parametrize("lab", LABS)
def test_the_other_labs_files_show_what_the_app_shows(offline, serve, page, tmp_path, lab):
    link, boards, plots = LABS[lab]
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"{serve(MAIN_SCRIPT)}/{lab}{link}")
    page.get_by_role("button", name="Take it home").wait_for(timeout=60_000)
    page.wait_for_function(f"() => ({PLOTS})().length >= {plots}", timeout=60_000)
    shown = page.evaluate(PLOTS)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take it home").click()
    file = tmp_path / "lab.html"
    taken.value.save_as(file)
    assert file.stat().st_size <= LARGEST
    other, problems = offline
    other.goto(file.as_uri())
    other.wait_for_function(f"() => ({PLOTS})().length >= {len(shown)}", timeout=60_000)
    assert set(shown) <= set(other.evaluate(PLOTS))
    if boards:
        told = [each.locator(".arrows table").first.inner_text() for each in (page, other)]
        assert told[0] == told[1] != ""
        assert other.locator(".arrows canvas").count() >= boards
    assert other.locator("#said p").count() >= 1
    assert problems == []
