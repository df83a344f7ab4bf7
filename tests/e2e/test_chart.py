"""The chart in Chromium: updated in place, themed, described, exported, linked to the cursor."""

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from mtlviz.engine.measures.sweeps import Importance
from mtlviz.engine.measures.transfer import transfer
from mtlviz.figures.cells import cell_map
from mtlviz.figures.compare import Dots, score_dots, transfer_matrix
from mtlviz.figures.covariance import similarity_heatmap
from mtlviz.figures.sweep_effects import setting_importances
from mtlviz.figures.sweep_lines import Axis, parallel_lines
from mtlviz.figures.task_map import task_map
from mtlviz.figures.text import plain
from mtlviz.runs.export import as_csv
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.take_home import Piece
from mtlviz.ui.component.take_home import page as page_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
GALLERY = Path(__file__).with_name("gallery.py")
RANGE = "() => document.querySelector('.mv-figure')._fullLayout.xaxis.range"


@pytest.fixture
def drawn(visit):
    visit.locator(".mv-chart .main-svg").first.wait_for()
    visit.locator(".mv-figure").scroll_into_view_if_needed()
    return visit


def reported(page) -> dict:
    return json.loads(page.locator("code").first.inner_text())


def zoom_in(page) -> list[float]:
    box = page.locator(".mv-chart .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] - 20, steps=5)
    page.mouse.up()
    page.wait_for_function(f"({RANGE})()[0] > 3")
    return page.evaluate(RANGE)


def pixel_of(page, trace: int, point: int) -> tuple[float, float]:
    return page.evaluate(
        """([trace, point]) => {
            const gd = document.querySelector('.mv-figure');
            const { xaxis, yaxis } = gd._fullLayout;
            const box = gd.getBoundingClientRect();
            const { x, y } = gd.data[trace];
            return [box.left + xaxis._offset + xaxis.d2p(x[point]),
                    box.top + yaxis._offset + yaxis.d2p(y[point])];
        }""",
        [trace, point],
    )


def test_new_data_moves_the_same_node_and_keeps_the_zoom(drawn):
    drawn.evaluate("() => { document.querySelector('.mv-figure').dataset.mine = 'yes'; }")
    zoomed = zoom_in(drawn)
    drawn.get_by_role("button", name="Lift").click()
    drawn.wait_for_function(
        "() => document.querySelector('.mv-figure').data[0].y[0] > 1.5", timeout=10_000
    )
    assert drawn.locator(".mv-figure[data-mine=yes]").count() == 1
    assert drawn.evaluate(RANGE) == pytest.approx(zoomed)
    drawn.get_by_role("button", name="Reset the zoom").click()
    drawn.wait_for_function(f"({RANGE})()[0] < 1")


def test_a_dark_page_restyles_the_same_node(drawn):
    color = "() => document.querySelector('.mv-figure')._fullLayout.font.color"
    before = drawn.evaluate(color)
    drawn.evaluate("() => { document.querySelector('.mv-figure').dataset.mine = 'yes'; }")
    drawn.emulate_media(color_scheme="dark")
    drawn.wait_for_function(f"({color})() !== {json.dumps(before)}")
    assert drawn.locator(".mv-figure[data-mine=yes]").count() == 1


def test_the_chart_is_described_in_words(drawn):
    figure = drawn.get_by_role("img", name="Loss of task 1 in four arms.")
    assert figure.get_attribute("tabindex") == "0"
    summary = drawn.locator(f"#{figure.get_attribute('aria-describedby')}").text_content()
    assert "Task 1 alone: " in summary
    assert "values from" in summary
    assert drawn.locator(".mv-caption").inner_text() == "Lower is better."
    gains = [transfer([0.5, 0.6, 0.72], [0.4, 0.5, 0.6]), transfer([0.1], [0.5])]
    matrix = transfer_matrix(
        ["pcgrad · long", "sum"], ["a", "b"], [[gains[0], None], [None, gains[1]]]
    )
    assert described(drawn, matrix) == (
        "2 rows, 2 columns. pcgrad long: a ▲ helps +10.7 ± 2.9, b blank. "
        "sum: a blank, b ○ no interval yet −40.0."
    )
    alike = similarity_heatmap(np.array([[1, 0.25], [0.25, np.nan]]), ["<x>", "y"], revision="r")
    assert described(drawn, alike).endswith("<x>: <x> 1.00, y 0.25. y: <x> 0.25, y blank.")
    dots = score_dots([Dots("sum", 0, [0.5, 0.7], ["", ""], [], 0.6, 0.1)], "accuracy", math.nan)
    assert described(drawn, dots) == (
        "sum, single seeds: 2 values from 0.5 to 0.7, last 0.7. sum, mean: 0.6."
    )


def test_pictures_of_a_sweep_are_described_by_what_they_say_and_not_by_places(drawn):
    axes = [Axis("rate", ["0.1", "1"], np.array([1.0, 0.0]))]
    lines = parallel_lines(
        axes, np.array([0.9, 0.5]), ["rate 1", "rate 0.1"], [1, 0], chosen=None, revision="r"
    )
    assert described(drawn, lines) == "rate 0.1: 0.500. rate 1: 0.900."
    found = setting_importances(["rate", "<b>"], [Importance(0.75, 0.25), Importance(0.125, 0.25)])
    assert described(drawn, found) == (
        "chance: rate 0.25, <b> 0.25. explained: rate 0.75, <b> 0.125."
    )


def test_arrow_keys_point_at_the_cell_of_a_map_whose_places_are_names(drawn):
    named = task_map(np.arange(9.0).reshape(3, 3), ["a", "b", "c"], [(2, 0, 1)], revision="r")
    hovered = drawn.evaluate(
        """async ([folder, figure]) => {
            const { Cells } = await import(`${folder}/cells.js`);
            const { loadPlotly } = await import(`${folder}/library.js`);
            const [plotly, div] = [await loadPlotly(), document.createElement("div")];
            document.body.append(div);
            const { data, layout } = structuredClone(figure);
            await plotly.newPlot(div, data, { ...layout, width: 400, height: 400 });
            const told = [];
            new Cells({ figure: div, plotly, data: { events: ["click"], figure } });
            for (const key of ["ArrowRight", "ArrowUp", "ArrowLeft"]) {
                const before = div._hoverdata;
                div.onkeydown({ key, preventDefault() {} });
                for (let frame = 0; frame < 300 && div._hoverdata === before; frame += 1)
                    await new Promise(requestAnimationFrame);
                told.push(`${div._hoverdata?.[0].y} ${div._hoverdata?.[0].x}`);
            }
            div.remove();
            return told;
        }""",
        [component_folder(drawn), named],
    )
    # In the order c, a, b, from the middle.
    assert hovered == ["a b", "c b", "c a"]


def component_folder(page) -> str:
    """The address of the chart's modules."""
    return f"{page.url.split('?')[0].rstrip('/')}/_stcore/bidi-components/mtlviz.chart"


def described(page, figure: dict) -> str:
    """What the component says of a figure to those who do not see it."""
    module = f"{component_folder(page)}/table.js"
    return page.evaluate(
        "async ([module, figure]) => (await import(module)).summary(figure)", [module, figure]
    )


def test_a_figures_table_is_safe_in_spreadsheets_and_holds_names_as_they_are(drawn):
    names = ["=cmd()", "+1", "-x", "@x", "\t=1", "＝1", '![x](http://evil/x.png)<b> & "q"', "a\rb"]
    traces = [{"name": plain(name), "x": [plain(name)], "y": [-1.5]} for name in names]
    figure = {"data": traces, "layout": {"xaxis": {"title": {"text": "=step<br>of"}}}}
    module = f"{drawn.url.split('?')[0].rstrip('/')}/_stcore/bidi-components/mtlviz.chart/table.js"
    text = drawn.evaluate(
        "async ([module, figure]) => (await import(module)).csv(figure)", [module, figure]
    )
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows == list(csv.reader(io.StringIO(as_csv(
        [["trace", "=step of", "y"], *([name, name, -1.5] for name in names)]
    ), newline="")))  # fmt: skip
    assert not any(cell.startswith(("=", "+", "@", "\t", "＝")) for row in rows for cell in row)


def test_a_figures_table_tells_its_panels_and_both_ends_of_its_bars(drawn):
    traces = [
        {
            "name": "hard",
            "x": [10],
            "y": [2.0],
            "error_y": {"array": [0.5]},
            "meta": {"panel": "a"},
        },
        {"name": "one seed", "x": [20], "y": [1.0], "error_y": {"array": [None]}},
        {"name": "plain", "x": [30], "y": [None]},
    ]
    figure = {"data": traces, "layout": {"yaxis": {"title": {"text": "points"}}}}
    text = drawn.evaluate(
        "async ([module, figure]) => (await import(module)).csv(figure)",
        [f"{component_folder(drawn)}/table.js", figure],
    )
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        [
            "panel",
            "trace",
            "x",
            "points",
            "points, low end of its bar",
            "points, high end of its bar",
        ],
        ["a", "hard", "10", "2", "1.5", "2.5"],
        ["", "one seed", "20", "1", "", ""],
        ["", "plain", "30", "", "", ""],
    ]


def downloaded(page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_pictures_and_data_can_be_saved(drawn):
    assert downloaded(drawn, "Save as PNG picture").startswith(b"\x89PNG")
    assert b"<svg" in downloaded(drawn, "Save as SVG picture")[:500]
    rows = list(csv.reader(io.StringIO(downloaded(drawn, "Save the data as CSV").decode())))
    traces = drawn.evaluate("() => document.querySelector('.mv-figure').data.map((t) => t.y)")
    assert rows[0] == ["trace", "step", "loss"]
    assert [float(row[2]) for row in rows[1:]] == [y for trace in traces for y in trace]


def resting_pixel_of(page, trace, point):
    """Where a point is once the page has stopped moving it about."""
    before = None
    while (now := pixel_of(page, trace=trace, point=point)) != before:
        before = now
        page.wait_for_timeout(300)
    return now


def test_arrow_keys_point_at_the_cells_of_a_map_of_names(offline, tmp_path):
    names = ["b", "c", "a"]
    places = [[float(3 * row + column) for column in range(3)] for row in range(3)]
    texts = [[f"{row} by {column}" for column in names] for row in names]
    cells = cell_map(
        names, names, places, texts, reach=9, hover="%{y} and %{x}<extra></extra>", revision="r"
    )
    data = chart_data(cells, alt="cells", height=300) | {"events": ["click"]}
    file = tmp_path / "cells.html"
    file.write_text(page_of("cells", [], [Piece("chart", data)]), encoding="utf-8")
    page, problems = offline
    page.goto(file.as_uri())
    page.locator(".heatmaplayer image").wait_for()
    # From the middle one up, then one to the right, and down again.
    for key, told in (("Up", "b and c"), ("Right", "b and a"), ("Down", "c and a")):
        page.locator("[role=img]").press(f"Arrow{key}")
        page.locator(".hoverlayer").get_by_text(told).wait_for()
    assert problems == []


def test_a_click_reaches_python_and_moves_the_cursor(drawn):
    told = "() => document.querySelector('code').textContent.includes('\"x\"')"
    for _ in range(3):
        drawn.mouse.click(*resting_pixel_of(drawn, trace=2, point=5))
        drawn.wait_for_timeout(1500)
        # On a busy machine the chart may still have been moving below the mouse.
        if drawn.evaluate(told):
            break
    drawn.wait_for_function(told)
    click = reported(drawn)["click"]
    assert click["x"] == drawn.evaluate("() => document.querySelector('.mv-figure').data[2].x[5]")
    assert drawn.locator("output.step").inner_text() == f"step {click['x']}"


def test_the_cursor_line_follows_the_film_and_sets_it(drawn):
    drawn.get_by_role("button", name="One step back").click()
    step = int(drawn.locator("output.step").inner_text().removeprefix("step "))
    # A line to the left of the last step, where the axis puts this step.
    left = drawn.locator(".mv-line").bounding_box()["x"] + 1
    assert left == pytest.approx(pixel_of(drawn, 0, step_index(drawn, step))[0], abs=1)
    strip = drawn.get_by_role("slider", name="Step cursor")
    strip.click(position={"x": 1, "y": 5})
    assert drawn.locator("output.step").inner_text() == "step 0"
    strip.press("ArrowRight")
    second = drawn.evaluate("() => document.querySelector('.mv-figure').data[0].x[1]")
    assert drawn.locator("output.step").inner_text() == f"step {second}"


def step_index(page, step: int) -> int:
    return page.evaluate(
        "(step) => document.querySelector('.mv-figure').data[0].x.indexOf(step)", step
    )


@pytest.mark.slow
def test_a_missing_library_is_said_in_a_sentence(bare_page, serve):
    bare_page.goto(serve(GALLERY, plain=True))
    message = bare_page.locator(".mv-message")
    message.wait_for()
    assert "chart library could not be loaded" in message.inner_text()
    assert "Loss of task 1 in four arms." in message.inner_text()


@pytest.mark.slow
def test_the_library_is_found_below_a_base_path_and_kept(page, serve):
    answers = []
    page.on("response", lambda answer: answers.append(answer) if "plotly" in answer.url else None)
    page.goto(serve(GALLERY, base="class/room"))
    page.locator(".mv-chart .main-svg").first.wait_for()
    (answer,) = answers
    assert "/class/room/mtlviz/plotly.min.js?v=" in answer.url
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
